// Google's own OpenAI form, where the owner prefers it: what it would refuse is left out, what it does wrong is mended.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import OpenAI from "openai";
import { call } from "./client.mjs";
import { greeting } from "./google-answers.mjs";
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

test("the rest goes Google's own way", async () => {
  const { data } = await openai.embeddings.create({ model: "compat/gemini-embedding-001", input: "x" });
  assert.equal(data[0].embedding.length, 3072);
  const { status } = await call(`${worker.url}/v1/models`, { headers: { authorization: `Bearer ${clientKey}` } });
  assert.equal(status, 200);
});
