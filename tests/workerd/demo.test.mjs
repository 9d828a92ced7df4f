// OpenAI's own SDK at a Worker with nothing configured: the first run of whoever tries the gateway.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import OpenAI from "openai";
import { startWorker } from "./worker.mjs";

let worker, openai;

before(async () => {
  worker = await startWorker();
  openai = new OpenAI({ baseURL: `${worker.url}/v1`, apiKey: "any-key-will-do", maxRetries: 0 });
});
after(() => worker?.stop());

const model = "demo";
const messages = [{ role: "user", content: "The rain in Spain stays mainly in the plain." }];

test("it needs no key", async () => {
  const body = JSON.stringify({ model, messages });
  assert.equal((await fetch(`${worker.url}/v1/chat/completions`, { method: "POST", body })).status, 200);
});

test("chat", async () => {
  const chat = await openai.chat.completions.create({ model, messages });
  const { message, finish_reason } = chat.choices[0];
  assert.equal(chat.object, "chat.completion");
  assert.equal(chat.model, model);
  assert.equal(message.role, "assistant");
  assert.match(message.content, /Spain/);
  assert.equal(finish_reason, "stop");
  assert.equal(chat.usage.total_tokens, chat.usage.prompt_tokens + chat.usage.completion_tokens);
  assert.ok(chat.usage.completion_tokens > 0);
  assert.ok(Math.abs(chat.created - Date.now() / 1000) < 60);
});

test("chat, streamed: the same words, and the usage where asked for", async () => {
  const whole = await openai.chat.completions.create({ model, messages });
  const options = { stream: true, stream_options: { include_usage: true } };
  const stream = await openai.chat.completions.create({ model, messages, ...options });
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  const words = chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "");
  assert.equal(words.join(""), whole.choices[0].message.content);
  assert.ok(words.filter(Boolean).length > 3, "one event would be no stream");
  assert.equal(chunks.at(0).choices[0].delta.role, "assistant");
  assert.equal(chunks.at(-2).choices[0].finish_reason, "stop");
  assert.deepEqual(chunks.at(-1).choices, []);
  assert.deepEqual(chunks.at(-1).usage, whole.usage);
  assert.equal(new Set(chunks.map((chunk) => chunk.id)).size, 1);
});

test("the SDK's own collector understands the stream", async () => {
  const chat = await openai.chat.completions.stream({ model, messages }).finalChatCompletion();
  assert.match(chat.choices[0].message.content, /Spain/);
});

test("max_tokens cuts, stop stops, n multiplies", async () => {
  const cut = await openai.chat.completions.create({ model, messages, max_completion_tokens: 2 });
  assert.equal(cut.choices[0].finish_reason, "length");
  assert.equal(cut.usage.completion_tokens, 2);
  const stopped = await openai.chat.completions.create({ model, messages, stop: ["Spain"] });
  assert.equal(stopped.choices[0].finish_reason, "stop");
  assert.doesNotMatch(stopped.choices[0].message.content, /Spain/);
  const many = await openai.chat.completions.create({ model, messages, n: 3 });
  assert.deepEqual(many.choices.map((choice) => choice.index), [0, 1, 2]);
});

const schema = {
  type: "object",
  properties: { city: { type: "string" }, degrees: { type: "integer" }, unit: { enum: ["C", "F"] } },
  required: ["city", "degrees", "unit"],
  additionalProperties: false,
};
const tools = [{ type: "function", function: { name: "report_weather", parameters: schema } }];

function assertFits(value) {
  assert.deepEqual(Object.keys(value).sort(), ["city", "degrees", "unit"]);
  assert.equal(typeof value.city, "string");
  assert.ok(Number.isInteger(value.degrees));
  assert.ok(["C", "F"].includes(value.unit));
}

for (const stream of [false, true]) {
  test(`a forced tool call, ${stream ? "streamed" : "whole"}, and the answer to its result`, async () => {
    const asking = { model, messages, tools, tool_choice: "required" };
    const chat = stream
      ? await openai.chat.completions.stream(asking).finalChatCompletion()
      : await openai.chat.completions.create(asking);
    const { message, finish_reason } = chat.choices[0];
    assert.equal(finish_reason, "tool_calls");
    assert.equal(message.tool_calls.length, 1);
    const [call] = message.tool_calls;
    assert.equal(call.function.name, "report_weather");
    assertFits(JSON.parse(call.function.arguments));
    const result = { role: "tool", tool_call_id: call.id, content: "20 C" };
    const said = [...messages, { role: "assistant", content: null, tool_calls: message.tool_calls }, result];
    const next = await openai.chat.completions.create({ model, messages: said, tools });
    assert.equal(next.choices[0].finish_reason, "stop");
    assert.ok(next.choices[0].message.content.length > 0);
  });
}

test("structured output", async () => {
  const response_format = { type: "json_schema", json_schema: { name: "weather", strict: true, schema } };
  const chat = await openai.chat.completions.parse({ model, messages, response_format });
  assertFits(chat.choices[0].message.parsed);
});

test("a picture in the prompt", async () => {
  const url = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==";
  const content = [{ type: "text", text: "what is it?" }, { type: "image_url", image_url: { url, detail: "low" } }];
  const chat = await openai.chat.completions.create({ model, messages: [{ role: "user", content }] });
  assert.ok(chat.choices[0].message.content.length > 0);
});

test("completions", async () => {
  const completion = await openai.completions.create({ model, prompt: "Once upon a time" });
  assert.equal(completion.object, "text_completion");
  assert.ok(completion.choices[0].text.length > 0);
});

test("embeddings: packed and plain are the same numbers", async () => {
  const asking = { model: "demo-embedding", input: ["one", "two", "one"] };
  const packed = await openai.embeddings.create(asking);
  const plain = await openai.embeddings.create({ ...asking, encoding_format: "float" });
  const numbers = (list) => list.data.map((item) => [...item.embedding].map(Math.fround));
  assert.deepEqual(numbers(packed), numbers(plain));
  const [one, two, again] = numbers(plain);
  assert.deepEqual(one, again);
  assert.notDeepEqual(one, two);
  const length = Math.hypot(...one);
  assert.ok(Math.abs(length - 1) < 1e-3, `its length is ${length}`);
  const short = await openai.embeddings.create({ ...asking, dimensions: 8 });
  assert.equal(short.data[0].embedding.length, 8);
});

test("models", async () => {
  const names = [];
  for await (const model of await openai.models.list()) names.push(model.id);
  assert.ok(names.includes("demo"), names.join(", "));
  assert.equal((await openai.models.retrieve("demo")).id, "demo");
});

test("responses", async () => {
  const response = await openai.responses.create({ model, input: messages[0].content });
  assert.equal(response.status, "completed");
  assert.match(response.output_text, /Spain/);
  assert.equal(response.usage.total_tokens, response.usage.input_tokens + response.usage.output_tokens);
});

test("responses, streamed: the same words between created and completed", async () => {
  const input = messages[0].content;
  const whole = await openai.responses.create({ model, input });
  const stream = await openai.responses.create({ model, input, stream: true });
  const events = [];
  for await (const event of stream) events.push(event);
  const deltas = events.filter((event) => event.type === "response.output_text.delta");
  assert.equal(events[0].type, "response.created");
  assert.equal(deltas.map((event) => event.delta).join(""), whole.output_text);
  assert.equal(events.at(-1).type, "response.completed");
  assert.deepEqual(events.map((event) => event.sequence_number), events.map((_, i) => i));
});

test("responses: structured output and a tool", async () => {
  const format = { type: "json_schema", name: "weather", strict: true, schema };
  const parsed = await openai.responses.parse({ model, input: "weather?", text: { format } });
  assertFits(parsed.output_parsed);
  const tools = [{ type: "function", name: "report_weather", parameters: schema, strict: true }];
  const called = await openai.responses.create({ model, input: "weather?", tools, tool_choice: "required" });
  const call = called.output.find((item) => item.type === "function_call");
  assertFits(JSON.parse(call.arguments));
});

const refusals = [
  ["no messages", () => openai.chat.completions.create({ model }), OpenAI.BadRequestError],
  ["a temperature of 3", () => openai.chat.completions.create({ model, messages, temperature: 3 }), OpenAI.BadRequestError],
  ["no model", () => openai.chat.completions.create({ messages }), OpenAI.BadRequestError],
  ["a model that is not there", () => openai.models.retrieve("other"), OpenAI.NotFoundError],
];
for (const [what, ask, type] of refusals) {
  test(`${what} is a ${type.name}`, async () => {
    await assert.rejects(ask(), (error) => {
      assert.ok(error instanceof type, `${error.constructor.name}: ${error.message}`);
      return true;
    });
  });
}
