// Vertex AI: a service account's token for many calls, another when one is refused; express keys; other makers' models.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import OpenAI from "openai";
import { call, chat, open } from "./client.mjs";
import { greeting } from "./google-answers.mjs";
import { clientKey, expressKey, project, startGoogle, variables } from "./google.mjs";
import { startWorker } from "./worker.mjs";

let google, worker, openai;

before(async () => {
  google = await startGoogle();
});
beforeEach(async () => {
  await worker?.stop();
  Object.assign(google.oauth, { minted: [], refuses: false, givesWorthless: false, holds: false });
  // A Worker that has no token yet.
  worker = await startWorker({ vars: variables(google) });
  openai = new OpenAI({ baseURL: `${worker.url}/v1`, apiKey: clientKey, maxRetries: 0 });
});
after(async () => {
  await worker?.stop();
  await google?.stop();
  assert.deepEqual(google.complaints, []);
});

const headers = { authorization: `Bearer ${clientKey}` };
const messages = [{ role: "user", content: "hello" }];
const model = "vertex/gemini-3.8-flash";
const ask = (asked = { model }) => chat(worker.url, asked, headers);

test("a token serves many calls", async () => {
  for (let i = 0; i < 3; i += 1) {
    const { status, text } = await ask();
    assert.equal(status, 200, text);
  }
  assert.equal(google.oauth.minted.length, 1);
  assert.equal(google.last.headers.authorization, `Bearer ${google.oauth.minted[0]}`);
  const place = `/v1beta1/projects/${project}/locations/global/publishers/google/models`;
  assert.equal(google.last.url, `${place}/gemini-3.8-flash:generateContent`);
});

test("twenty calls at once ask for one", async () => {
  google.oauth.holds = true;
  const json = { model, messages };
  const arriving = google.next();
  const sendings = Array.from({ length: 20 }, () => open(`${worker.url}/v1/chat/completions`, { json, headers }).end());
  const asking = await arriving;
  // Answered behind the twenty: they have all begun.
  assert.equal((await call(`${worker.url}/health`)).status, 200);
  asking.release();
  const answers = await Promise.all(sendings.map((sending) => sending.answer()));
  assert.deepEqual(new Set(answers.map((answer) => answer.status)), new Set([200]));
  assert.equal(google.oauth.minted.length, 1);
});

test("a call whose client leaves does not take the token of the others with it", async () => {
  google.oauth.holds = true;
  const json = { model, messages };
  const arriving = google.next();
  const leaving = open(`${worker.url}/v1/chat/completions`, { json, headers }).end();
  const asking = await arriving;
  const staying = open(`${worker.url}/v1/chat/completions`, { json, headers }).end();
  assert.equal((await call(`${worker.url}/health`)).status, 200);
  const again = google.next();
  leaving.reset();
  (await again).release();
  assert.equal((await staying.answer()).status, 200);
  assert.equal(asking.closed, true);
});

test("a token that is refused is replaced within the call", async () => {
  await ask();
  google.oauth.revoke(google.oauth.minted[0]);
  const before = google.requests.length;
  assert.equal((await ask()).status, 200);
  assert.equal(google.oauth.minted.length, 2);
  assert.equal(google.requests.length - before, 3);
  assert.equal((await ask()).status, 200);
  assert.equal(google.oauth.minted.length, 2);
});

test("a second token that is refused ends the call, with what Google says of it", async () => {
  google.oauth.givesWorthless = true;
  const answer = await ask();
  assert.equal(answer.status, 401, answer.text);
  assert.equal(answer.json.error.code, "invalid_api_key");
  assert.match(answer.json.error.message, /Expected OAuth 2 access token/);
  assert.equal(google.oauth.minted.length, 2);
});

test("an account that is refused is said in the log only", async () => {
  google.oauth.refuses = true;
  const answer = await ask();
  assert.equal(answer.status, 502, answer.text);
  for (const secret of ["account not found", google.account.client_email, "PRIVATE KEY"]) {
    assert.ok(!answer.text.includes(secret), answer.text);
  }
  await worker.report((line) => JSON.stringify(line).includes("account not found"));
  assert.ok(!worker.output.includes("PRIVATE KEY"));
});

for (const [what, changed] of [
  ["as it was downloaded", JSON.stringify],
  ["in base64", (account) => Buffer.from(JSON.stringify(account)).toString("base64")],
  [
    "with its line ends written out",
    (account) => JSON.stringify({ ...account, private_key: account.private_key.replaceAll("\n", "\\n") }),
  ],
]) {
  test(`flat settings, the account ${what}`, async () => {
    const vars = {
      AZURE_OPENAI_PROXY_MODE: "vertex",
      VERTEX_AI_PROJECT_ID: project,
      VERTEX_AI_LOCATION: "us-central1",
      VERTEX_AI_ENDPOINT: google.origin,
      GOOGLE_APPLICATION_CREDENTIALS: changed(google.account),
      PROXY_API_KEYS: clientKey,
    };
    const flat = await startWorker({ vars });
    try {
      const { status, text } = await chat(flat.url, { model: "gemini-2.5-flash" }, headers);
      assert.equal(status, 200, text);
      assert.match(google.last.path, /\/locations\/us-central1\/publishers\/google\/models\/gemini-2\.5-flash:/);
    } finally {
      await flat.stop();
    }
  });
}

test("an express key, by flat settings and by a document", async () => {
  const vars = {
    AZURE_OPENAI_PROXY_MODE: "vertex",
    VERTEX_AI_API_KEY: expressKey,
    VERTEX_AI_ENDPOINT: google.origin,
    PROXY_API_KEYS: clientKey,
  };
  const flat = await startWorker({ vars });
  try {
    assert.equal((await chat(flat.url, { model: "gemini-3.8-flash" }, headers)).status, 200);
    assert.equal((await ask({ model: "express/gemini-3.8-flash" })).status, 200);
    assert.equal(google.last.path, "/v1/publishers/google/models/gemini-3.8-flash:generateContent");
    assert.equal(google.last.headers["x-goog-api-key"], expressKey);
    assert.deepEqual(google.oauth.minted, []);
  } finally {
    await flat.stop();
  }
});

test("a model that is deployed at an endpoint", async () => {
  for (const model of ["regional/1234567890", "regional/endpoints/1234567890"]) {
    const { status, text } = await ask({ model });
    assert.equal(status, 200, text);
    assert.match(google.last.path, /\/locations\/us-central1\/endpoints\/1234567890:generateContent$/);
  }
});

test("models of makers that only speak their own language are refused", async () => {
  for (const maker of ["anthropic/claude-sonnet-5", "mistralai/mistral-medium-3", "ai21/jamba-2"]) {
    const before = google.requests.length;
    const { status, json } = await ask({ model: `vertex/${maker}` });
    assert.deepEqual([status, json.error.code, json.error.param], [400, "unsupported_model", "model"]);
    assert.equal(google.requests.length, before);
  }
});

for (const maker of ["meta/llama-4-maverick-17b-128e-instruct-maas", "deepseek-ai/deepseek-v3.2-maas"]) {
  test(`another maker's model: ${maker}`, async () => {
    const asked = { model: `vertex/${maker}`, messages };
    const answer = await openai.chat.completions.create(asked);
    assert.equal(answer.choices[0].message.content, greeting);
    assert.ok(answer.id && Number.isInteger(answer.created) && answer.object === "chat.completion");
    assert.equal(google.last.json.model, maker);
    assert.match(
      google.last.path,
      /\/v1(beta1)?\/projects\/[^/]+\/locations\/global\/endpoints\/openapi\/chat\/completions$/,
    );
    const streamed = await openai.chat.completions.stream(asked).finalChatCompletion();
    assert.equal(streamed.choices[0].message.content, greeting);
    const refused = { ...asked, messages: [{ role: "user", content: "do throttled" }] };
    await assert.rejects(openai.chat.completions.create(refused), OpenAI.RateLimitError);
  });
}

test("models are listed, whoever pays", async () => {
  const flat = await startWorker({
    vars: {
      AZURE_OPENAI_PROXY_MODE: "vertex",
      VERTEX_AI_PROJECT_ID: project,
      VERTEX_AI_LOCATION: "global",
      VERTEX_AI_ENDPOINT: google.origin,
      GOOGLE_APPLICATION_CREDENTIALS: JSON.stringify(google.account),
      PROXY_API_KEYS: clientKey,
    },
  });
  try {
    const sdk = new OpenAI({ baseURL: `${flat.url}/v1`, apiKey: clientKey, maxRetries: 0 });
    const ids = [];
    for await (const { id } of await sdk.models.list()) ids.push(id);
    assert.equal(new Set(ids).size, ids.length);
    for (const id of ["gemini-3.8-flash", "text-embedding-005"]) assert.ok(ids.includes(id), `${id} in ${ids}`);
    assert.ok(google.requests.some(({ path }) => path === "/v1beta1/publishers/google/models"));
  } finally {
    await flat.stop();
  }
});

test("log probabilities, which AI Studio has not", async () => {
  const asked = {
    model: "vertex/gemini-2.5-flash",
    messages: [{ role: "user", content: "say a b" }],
    logprobs: true,
    top_logprobs: 2,
  };
  const { choices } = await openai.chat.completions.create(asked);
  assert.deepEqual(
    choices[0].logprobs.content.map(({ token, logprob }) => [token, logprob]),
    [
      ["a ", -0.25],
      ["b", -0.25],
    ],
  );
  assert.equal(choices[0].logprobs.content[0].top_logprobs.length, 2);
});
