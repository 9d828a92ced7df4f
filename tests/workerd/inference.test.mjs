// Azure's own client of its Model Inference API, through the Worker, at a server that speaks OpenAI's API, at Azure and
// at Google; and the bytes that the stricter one for Python gets (tests/python/inference_client.py).
import { AzureKeyCredential } from "@azure/core-auth";
import { createSseStream } from "@azure/core-sse";
import connect, { isUnexpected } from "@azure-rest/ai-inference";
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as azures from "./azure.mjs";
import { open } from "./client.mjs";
import * as googles from "./google.mjs";
import { clientKey, onlyModel, startServer, variables } from "./inference.mjs";
import { startWorker } from "./worker.mjs";

let server, azure, google, atServer, atAzure, atGoogle;

before(async () => {
  [server, azure, google] = await Promise.all([startServer(), azures.startAzure(), googles.startGoogle()]);
  [atServer, atAzure, atGoogle] = await Promise.all([
    startWorker({ vars: variables(server) }),
    startWorker({ vars: azures.variables(azure) }),
    startWorker({ vars: googles.variables(google) }),
  ]);
});
after(async () => {
  await Promise.all([atServer?.stop(), atAzure?.stop(), atGoogle?.stop()]);
  await Promise.all([server?.stop(), azure?.stop(), google?.stop()]);
  assert.deepEqual([...azure.complaints, ...google.complaints], []);
});

const messages = [{ role: "user", content: "hello" }];

function client(url, key = clientKey) {
  return connect(url, new AzureKeyCredential(key), { allowInsecureConnection: true, retryOptions: { maxRetries: 0 } });
}

const places = [
  ["the only model of a server", () => atServer.url, undefined],
  ["a server", () => `${atServer.url}/models`, "m"],
  ["Azure OpenAI", () => `${atAzure.url}/models`, "gpt-4o"],
  ["Foundry", () => `${atAzure.url}/models`, "foundry/Mistral-large"],
  ["a deployment's path", () => `${atAzure.url}/openai/deployments/gpt-4o`, undefined],
  ["Google", () => `${atGoogle.url}/models`, "gemini-3.8-flash"],
];

for (const [what, url, model] of places) {
  test(`a chat, ${what}`, async () => {
    const answer = await client(url()).path("/chat/completions").post({ body: { messages, model } });
    assert.ok(!isUnexpected(answer), JSON.stringify(answer.body));
    assert.ok(answer.body.choices[0].message.content.length > 0);
    assert.ok(answer.body.usage.total_tokens > 0);
  });

  test(`a chat, streamed, ${what}`, async () => {
    const body = { messages, model, stream: true };
    const answer = await client(url()).path("/chat/completions").post({ body }).asNodeStream();
    assert.equal(answer.status, "200");
    const events = [];
    for await (const event of createSseStream(answer.body)) events.push(event.data);
    assert.equal(events.pop(), "[DONE]");
    const chunks = events.map((event) => JSON.parse(event));
    assert.ok(chunks.some(({ choices }) => choices[0]?.finish_reason === "stop"));
    // Azure's own says it where it likes.
    assert.ok(what === "Foundry" || chunks.some(({ usage }) => usage?.total_tokens > 0));
  });
}

test("embeddings have a name, and their kind of text only where it means something", async () => {
  for (const [url, model] of [
    [atServer.url, "m"],
    [`${atAzure.url}/models`, "text-embedding-3-small"],
    [`${atGoogle.url}/models`, "gemini-embedding-001"],
  ]) {
    const body = { input: ["a"], model, input_type: "document" };
    const answer = await client(url).path("/embeddings").post({ body });
    assert.ok(!isUnexpected(answer), JSON.stringify(answer.body));
    assert.match(answer.body.id, /^embd-/);
    assert.ok(answer.body.data[0].embedding.length > 0);
  }
  assert.equal(server.last.json.input_type, undefined);
});

test("what the model is", async () => {
  const answer = await client(atServer.url).path("/info").get();
  assert.ok(!isUnexpected(answer), JSON.stringify(answer.body));
  const [model_provider_name, model_name] = onlyModel.split("/");
  assert.deepEqual(answer.body, { model_name, model_type: "chat_completion", model_provider_name });
});

test("errors in its shape", async () => {
  const body = { messages, model: "status-429" };
  const answer = await client(atServer.url).path("/chat/completions").post({ body });
  assert.ok(isUnexpected(answer));
  assert.equal(answer.status, "429");
  assert.equal(answer.headers["x-ms-error-code"], "rate_limit_exceeded");
  assert.equal(answer.headers["retry-after"], "7");
  assert.deepEqual(answer.body, {
    error: { code: "rate_limit_exceeded", message: "The upstream says 429.", status: 429 },
  });
  const stranger = await client(atServer.url, "another").path("/chat/completions").post({ body });
  assert.equal(stranger.body.error.code, "unauthorized");
});

test("a request goes out as OpenAI's, with nothing of Azure's", async () => {
  const headers = { "extra-parameters": "drop", "x-ms-model-mesh-model-name": "mesh" };
  const body = { messages, stream: true, foo: 1 };
  await client(atServer.url).path("/chat/completions").post({ body, headers }).asNodeStream();
  const { url, json, headers: sent } = await server.request((it) => it.model === "mesh");
  assert.equal(url, "/v1/chat/completions");
  assert.deepEqual(json, { stream_options: { include_usage: true }, model: "mesh", messages, stream: true });
  for (const name of ["extra-parameters", "x-ms-model-mesh-model-name", "api-key", "authorization"]) {
    assert.equal(sent[name], undefined, name);
  }
});

function ask(worker, model, prompt = "hello") {
  const json = { model, stream: true, messages: [{ role: "user", content: prompt }] };
  const headers = { "api-key": clientKey, authorization: `Bearer ${clientKey}` };
  return open(`${worker.url}/models/chat/completions?api-version=2024-05-01-preview`, { json, headers }).end();
}

const isPlain = (line) => line === "" || (line.startsWith("data: ") && !line.includes("\r"));

test("streams are lines with data and nothing else", async () => {
  for (const [worker, model, prompt] of [
    [atServer, "noisy"],
    [atServer, "no-done"],
    [atAzure, "crlf"],
    [atAzure, "async"],
    [atGoogle, "gemini-3.8-flash", "do other-lines"],
    [atGoogle, "gemini-3.8-flash", "bytes: hello"],
  ]) {
    const text = String(await (await ask(worker, model, prompt).answer()).rest());
    assert.deepEqual(text.split("\n").filter((line) => !isPlain(line)), [], model);
    assert.ok(text.endsWith("data: [DONE]\n\n"), text);
  }
});

for (const [what, worker, model, prompt] of [
  ["ends too early", () => atServer, "truncated"],
  ["tells of an error and stays open", () => atServer, "error-later"],
  ["of Azure's ends too early", () => atAzure, "truncated"],
  ["of Google's tells of an error", () => atGoogle, "gemini-3.8-flash", "do error-later"],
]) {
  test(`a stream that ${what} breaks the client's connection`, async () => {
    const answer = await ask(worker(), model, prompt).answer();
    assert.equal(answer.status, 200);
    const id = answer.headers["x-isthmus-request-id"];
    const seen = [];
    await assert.rejects(async () => {
      for (let chunk; (chunk = await answer.chunk()) !== undefined; ) seen.push(chunk);
    }, /aborted|ECONNRESET/);
    const text = String(Buffer.concat(seen));
    assert.match(text, /^data: \{/);
    assert.doesNotMatch(text, /"error"|\[DONE\]/);
    const report = await worker().report((line) => line.request_id === id);
    assert.equal(report.error, "upstream_stream_broken");
  });
}

test("a connection that breaks breaks the client's", async () => {
  const sending = ask(atServer, "breaks");
  const record = await server.request((it) => it.model === "breaks");
  const answer = await sending.answer();
  assert.match(await answer.event(), /^data: /);
  record.release();
  await assert.rejects(answer.rest(), /aborted|ECONNRESET/);
});

test("an upstream whose client is told of an error is let go", async () => {
  const { length } = server.requests;
  await ask(atServer, "error-later").answer().then((answer) => assert.rejects(answer.rest()));
  const record = server.requests[length];
  await server.request(() => record.closed, "the end of the upstream's connection");
});
