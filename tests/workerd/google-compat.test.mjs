// Google's own OpenAI form, where the owner prefers it: what it would refuse is left out, what it does wrong is mended.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import OpenAI from "openai";
import { open } from "./client.mjs";
import { greeting, pictures } from "./google-answers.mjs";
import { clientKey, key, startGoogle, variables } from "./google.mjs";
import { startWorker } from "./worker.mjs";

let google, worker, openai;

before(async () => {
  google = await startGoogle();
  worker = await startWorker({ vars: variables(google) });
  openai = new OpenAI({ baseURL: `${worker.url}/v1`, apiKey: clientKey, maxRetries: 0 });
});
after(async () => {
  await worker?.stop();
  await google?.stop();
  assert.deepEqual(google.complaints, []);
});

const model = "compat/gemini-3.8-flash";
const messages = [{ role: "user", content: "hello" }];
const parameters = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  type: "object",
  properties: { city: { type: ["string", "null"] }, kind: { const: "now" } },
  required: ["city"],
  additionalProperties: false,
};
const tools = [{ type: "function", function: { name: "weather", parameters } }];

test("chat, with what is not known there", async () => {
  const more = { frequency_penalty: 0, seed: 1, logit_bias: {}, store: true, user: "u", max_completion_tokens: 5 };
  const answer = await openai.chat.completions.create({ model, messages, ...more });
  assert.equal(answer.choices[0].message.content, greeting);
  assert.equal(google.last.url, "/v1beta/openai/chat/completions");
  assert.equal(google.last.headers.authorization, `Bearer ${key}`);
  assert.deepEqual(Object.keys(google.last.json).sort(), ["max_completion_tokens", "messages", "model"]);
});

test("a stream's usage comes once, at the end, if it was asked for", async () => {
  const stream = { model, messages, stream: true };
  const counted = await Array.fromAsync(
    await openai.chat.completions.create({ ...stream, stream_options: { include_usage: true } }),
  );
  assert.equal(counted.filter(({ usage }) => usage).length, 1);
  assert.deepEqual(counted.at(-1).choices, []);
  const plain = await Array.fromAsync(await openai.chat.completions.create(stream));
  assert.ok(plain.every(({ usage }) => !usage));
  assert.equal(plain.map(({ choices }) => choices[0].delta.content ?? "").join(""), greeting);
});

test("a streamed tool call has an index, an id and its end", async () => {
  const chunks = await Array.fromAsync(await openai.chat.completions.create({ model, messages, tools, stream: true }));
  const calls = chunks.flatMap(({ choices }) => choices[0]?.delta.tool_calls ?? []);
  assert.equal(calls.length, 1);
  assert.equal(calls[0].index, 0);
  assert.ok(calls[0].id);
  assert.equal(calls[0].extra_content.google.thought_signature, "c2lnbmF0dXJl");
  assert.equal(chunks.findLast(({ choices }) => choices[0]?.finish_reason).choices[0].finish_reason, "tool_calls");
});

test("two turns with a tool", async () => {
  const first = await openai.chat.completions.create({ model, messages, tools });
  const [called] = first.choices[0].message.tool_calls;
  const result = { role: "tool", tool_call_id: called.id, content: "sunny" };
  const history = [...messages, first.choices[0].message, result];
  const second = await openai.chat.completions.create({ model, messages: history, tools });
  assert.equal(second.choices[0].message.content, "sunny");
});

test("errors out of their list", async () => {
  for (const [name, kind, code] of [
    ["throttled", "RateLimitError", "rate_limit_exceeded"],
    ["daily", "RateLimitError", "insufficient_quota"],
    ["too-long", "BadRequestError", "context_length_exceeded"],
  ]) {
    const refused = openai.chat.completions.create({ model, messages: [{ role: "user", content: `do ${name}` }] });
    await assert.rejects(refused, (error) => {
      assert.ok(error instanceof OpenAI[kind], error.message);
      assert.equal(error.code, code);
      return true;
    });
  }
  const missing = openai.chat.completions.create({ model: "compat/gemini-1.0-none", messages });
  await assert.rejects(missing, OpenAI.NotFoundError);
});

test("each event is there before the next is sent", async () => {
  const others = "vertex/meta/llama-4-maverick-17b-128e-instruct-maas";
  // The token for it is there then, and not asked for in between.
  await openai.chat.completions.create({ model: others, messages });
  for (const name of ["gemini-3.8-flash", others]) {
    const arriving = google.next();
    const asked = { model: name.startsWith("vertex/") ? name : `compat/${name}`, stream: true };
    const json = { ...asked, messages: [{ role: "user", content: "steps: say a b c" }] };
    const headers = { authorization: `Bearer ${clientKey}` };
    const sending = open(`${worker.url}/v1/chat/completions`, { json, headers }).end();
    const record = await arriving;
    let answer;
    for (const text of ["a ", "b ", "c"]) {
      record.release();
      answer ??= await sending.answer();
      while (contentOf(await answer.event()) !== text);
      assert.equal(record.response.writableEnded, false);
    }
    record.release();
    assert.equal((await answer.events()).at(-1), "data: [DONE]");
  }
});

const contentOf = (event) => JSON.parse(event.slice("data: ".length)).choices[0]?.delta.content;

test("embeddings and pictures go Google's own way", async () => {
  const { data } = await openai.embeddings.create({ model: "compat/gemini-embedding-001", input: "x", user: "u" });
  assert.equal(data[0].embedding.length, 3072);
  assert.equal(google.last.path, "/v1beta/openai/embeddings");
  const asked = { model: "compat/gemini-3.1-flash-image", prompt: "a cat", quality: "high", user: "u" };
  const made = await openai.images.generate(asked);
  assert.ok(Buffer.from(made.data[0].b64_json, "base64").equals(pictures.jpeg));
  assert.equal(google.last.path, "/v1beta/openai/images/generations");
});

test("models are listed as Google's own way has them", async () => {
  const { providers } = JSON.parse(variables(google).GATEWAY);
  const GATEWAY = JSON.stringify({ providers: { compat: providers.compat } });
  const alone = await startWorker({ vars: { ...variables(google), GATEWAY } });
  try {
    const sdk = new OpenAI({ baseURL: `${alone.url}/v1`, apiKey: clientKey, maxRetries: 0 });
    const ids = [];
    for await (const { id } of await sdk.models.list()) ids.push(id);
    assert.ok(google.requests.some(({ path }) => path === "/v1beta/openai/models"));
    assert.ok(ids.some((id) => id.endsWith("gemini-3.8-flash")), `${ids}`);
    assert.equal((await sdk.models.retrieve("gemini-3.8-flash")).object, "model");
    await assert.rejects(sdk.models.retrieve("gemini-1.0-none"), OpenAI.NotFoundError);
  } finally {
    await alone.stop();
  }
});

test("what it has not is said, and not asked for", async () => {
  const before = google.requests.length;
  const speech = { model: "compat/gemini-3.1-flash-tts-preview", voice: "alloy", input: "x" };
  await assert.rejects(openai.audio.speech.create(speech), (error) => {
    assert.equal(error.code, "unsupported_operation");
    return true;
  });
  assert.equal(google.requests.length, before);
});
