// Azure's refusals, as OpenAI's own SDK sees them.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import OpenAI from "openai";
import { clientKey, key, startAzure, variables } from "./azure.mjs";
import { call } from "./client.mjs";
import { startWorker } from "./worker.mjs";

let azure, worker, openai;

before(async () => {
  azure = await startAzure();
  worker = await startWorker({ vars: variables(azure) });
  openai = client(worker, clientKey);
});
after(async () => {
  await worker?.stop();
  await azure?.stop();
  assert.deepEqual(azure.complaints, []);
});

const messages = [{ role: "user", content: "hello" }];
const client = ({ url }, apiKey) => new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0 });

const refusals = [
  {
    model: "filtered",
    kind: "BadRequestError",
    expected: { status: 400, code: "content_filter", type: "invalid_request_error", param: "prompt" },
    more: ({ error }) => assert.equal(error.innererror.content_filter_result.jailbreak.filtered, true),
  },
  {
    model: "throttled",
    kind: "RateLimitError",
    expected: { status: 429, code: "rate_limit_exceeded", type: "tokens" },
    more: ({ headers }) => assert.equal(headers.get("retry-after"), "45"),
  },
  {
    model: "throttled-in-front",
    kind: "RateLimitError",
    expected: { status: 429, code: "rate_limit_exceeded" },
    more: ({ headers }) => assert.equal(headers.get("retry-after"), "12"),
  },
  {
    model: "overloaded-page",
    kind: "InternalServerError",
    expected: { status: 502 },
    more: ({ message }) => assert.ok(!message.includes("<html>")),
  },
  { model: "slow", kind: "APIError", expected: { status: 408, code: "timeout", type: "server_error" } },
  {
    model: "too-long",
    kind: "BadRequestError",
    expected: { status: 400, code: "context_length_exceeded", type: "invalid_request_error", param: "messages" },
  },
  {
    model: "nowhere",
    kind: "NotFoundError",
    expected: { status: 404, code: "model_not_found", type: "invalid_request_error" },
  },
  { model: "v1/nowhere", kind: "NotFoundError", expected: { status: 404, code: "model_not_found" } },
  {
    model: "gpt-5-codex",
    kind: "BadRequestError",
    expected: { status: 400 },
    more: ({ message }) => assert.match(message, /responses/i),
  },
];

for (const { model, kind, expected, more = () => {} } of refusals) {
  for (const stream of [false, true]) {
    test(`${model} is a ${kind}${stream ? " of a stream" : ""}`, async () => {
      await assert.rejects(openai.chat.completions.create({ model, messages, stream }), (error) => {
        assert.ok(error instanceof OpenAI[kind], error.constructor.name);
        for (const [name, value] of Object.entries(expected))
          assert.equal(error[name], value, `${name} of ${error.message}`);
        assert.ok(!error.message.includes(azure.origin));
        assert.ok(error.requestID);
        more(error);
        return true;
      });
    });
  }
}

test("the SDK waits as long as the text says", async () => {
  const patient = new OpenAI({ baseURL: `${worker.url}/v1`, apiKey: clientKey, maxRetries: 1, fetch: impatient });
  const waited = [];
  async function impatient(url, options) {
    const answer = await fetch(url, options);
    const headers = new Headers(answer.headers);
    waited.push(headers.get("retry-after-ms") ?? `${headers.get("retry-after")}000`);
    headers.set("retry-after-ms", "1");
    return new Response(answer.body, { status: answer.status, headers });
  }
  await assert.rejects(patient.chat.completions.create({ model: "throttled", messages }), OpenAI.RateLimitError);
  assert.deepEqual(waited, ["45000", "45000"]);
});

test("moderation, which Azure has not, is a 404 that says so", async () => {
  await assert.rejects(openai.moderations.create({ input: "x" }), (error) => {
    assert.ok(error instanceof OpenAI.NotFoundError);
    assert.equal(error.code, "unsupported_operation");
    return true;
  });
});

test("a key of ours that is wrong is ours to mend: the client is told nothing of it, the log all", async () => {
  const wrong = await startWorker({ vars: { ...variables(azure), AZURE_KEY: "key-of-another-resource" } });
  try {
    for (const model of ["gpt-4o", "v1/gpt-4o", "foundry/gpt-4o", "single/gpt-4o"]) {
      const asking = client(wrong, clientKey).chat.completions.create({ model, messages });
      await assert.rejects(asking, (error) => {
        assert.ok(error instanceof OpenAI.InternalServerError);
        assert.equal(error.status, 502, model);
        assert.equal(error.code, "upstream_auth_error");
        assert.ok(!/subscription|key-of/.test(error.message), error.message);
        return true;
      });
    }
    await wrong.report((line) => JSON.stringify(line).includes("invalid subscription key"));
    assert.ok(!wrong.output.includes("key-of-another-resource"));
  } finally {
    await wrong.stop();
  }
});

test("a client's own key is passed on where we have none, and what Azure says of it is passed back", async () => {
  const provider = { kind: "azure", endpoint: azure.origin, form: "classic" };
  const vars = {
    GATEWAY: JSON.stringify({ providers: { classic: provider }, default: "classic" }),
    ALLOW_ANONYMOUS: "true",
  };
  const open = await startWorker({ vars });
  try {
    const chat = await client(open, key).chat.completions.create({ model: "gpt-4o", messages });
    assert.equal(chat.choices[0].message.content, "Hello, world!");
    assert.equal(azure.last.headers["api-key"], key);
    const wrong = client(open, "key-of-nobody").chat.completions.create({ model: "gpt-4o", messages });
    await assert.rejects(wrong, (error) => {
      assert.ok(error instanceof OpenAI.AuthenticationError);
      assert.equal(error.code, "invalid_api_key");
      return true;
    });
  } finally {
    await open.stop();
  }
});

test("a 429 goes to the next of a pool", async () => {
  const settings = JSON.parse(variables(azure).GATEWAY);
  const models = { pooled: ["classic/throttled", "v1/gpt-4o"] };
  const vars = { ...variables(azure), GATEWAY: JSON.stringify({ ...settings, models }) };
  const pooled = await startWorker({ vars });
  try {
    const chat = await client(pooled, clientKey).chat.completions.create({ model: "pooled", messages });
    assert.equal(chat.choices[0].message.content, "Hello, world!");
  } finally {
    await pooled.stop();
  }
});

test("an address that is none of an operation's is Azure's own 404", async () => {
  const answer = await call(`${worker.url}/v1/threads/thread_1`, { headers: { authorization: `Bearer ${clientKey}` } });
  assert.equal(answer.status, 404);
  assert.equal(answer.json.error.code, "not_found");
});
