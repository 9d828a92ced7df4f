// OpenAI's own SDK, through the Worker, at an OpenAI-shaped upstream.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import OpenAI, { toFile } from "openai";
import { sound } from "./answers.mjs";
import { startUpstream } from "./upstream.mjs";
import { until } from "./until.mjs";
import { startWorker } from "./worker.mjs";

let upstream, worker, openai;

before(async () => {
  upstream = await startUpstream();
  const vars = { OPENAI_BASE_URL: upstream.url, OPENAI_API_KEY: "key-of-the-owner", PROXY_API_KEYS: "key-of-a-client" };
  worker = await startWorker({ vars });
  openai = new OpenAI({ baseURL: `${worker.url}/v1`, apiKey: "key-of-a-client", maxRetries: 0 });
});
after(async () => {
  await worker?.stop();
  await upstream?.stop();
});

const messages = [{ role: "user", content: "hello" }];

test("chat", async () => {
  const chat = await openai.chat.completions.create({ model: "m", messages });
  assert.equal(chat.choices[0].message.content, "Hello, world!");
  assert.match(chat._request_id, /^req_/);
  assert.equal(upstream.last.headers.authorization, "Bearer key-of-the-owner");
  assert.deepEqual(upstream.last.json, { model: "m", messages });
});

test("chat, streamed", async () => {
  const stream = await openai.chat.completions.create({ model: "m", messages, stream: true });
  const words = [];
  for await (const chunk of stream) words.push(chunk.choices[0].delta.content ?? "");
  assert.equal(words.join(""), "Hello, world!");
});

test("a stream that breaks is an error, after what came", async () => {
  const stream = await openai.chat.completions.create({ model: "breaks", messages, stream: true });
  const words = [];
  const reading = (async () => {
    for await (const chunk of stream) {
      words.push(chunk.choices[0].delta.content ?? "");
      if (words.length === 3) upstream.last.release();
    }
  })();
  await assert.rejects(reading, (error) => {
    assert.ok(error instanceof OpenAI.APIError);
    assert.match(error.message, /broke before its end/);
    assert.equal(error.code, "upstream_stream_broken");
    return true;
  });
  assert.equal(words.join(""), "Hello, ");
});

test("a tool call", async () => {
  const tools = [{ type: "function", function: { name: "weather", parameters: { type: "object", properties: {} } } }];
  const chat = await openai.chat.completions.create({ model: "m", messages, tools });
  assert.equal(chat.choices[0].finish_reason, "tool_calls");
  assert.equal(chat.choices[0].message.tool_calls[0].function.name, "weather");
});

test("a picture in the prompt reaches the upstream as it is", async () => {
  const url = `data:image/png;base64,${sound.toString("base64")}`;
  const content = [{ type: "text", text: "what is it?" }, { type: "image_url", image_url: { url } }];
  await openai.chat.completions.create({ model: "m", messages: [{ role: "user", content }] });
  assert.deepEqual(upstream.last.json.messages[0].content, content);
});

test("responses", async () => {
  const response = await openai.responses.create({ model: "m", input: "hello" });
  assert.equal(response.output_text, "Hello, world!");
});

test("responses, streamed", async () => {
  const stream = await openai.responses.create({ model: "m", input: "hello", stream: true });
  const events = [];
  for await (const event of stream) events.push(event);
  const deltas = events.filter((event) => event.type === "response.output_text.delta");
  assert.equal(deltas.map((event) => event.delta).join(""), "Hello, world!");
  assert.equal(events.at(-1).type, "response.completed");
});

test("embeddings, in the form the SDK prefers and as numbers", async () => {
  const packed = await openai.embeddings.create({ model: "m", input: "x" });
  assert.equal(upstream.last.json.encoding_format, "base64");
  const plain = await openai.embeddings.create({ model: "m", input: "x", encoding_format: "float" });
  assert.deepEqual([...packed.data[0].embedding], [0.5, -0.25, 1]);
  assert.deepEqual(plain.data[0].embedding, [0.5, -0.25, 1]);
});

test("models", async () => {
  const names = [];
  for await (const model of await openai.models.list()) names.push(model.id);
  assert.deepEqual(names, ["m-1", "m-2"]);
  assert.equal((await openai.models.retrieve("family/m-1")).id, "family/m-1");
});

test("speech to text", async () => {
  const file = await toFile(sound, "speech.mp3", { type: "audio/mpeg" });
  const { text } = await openai.audio.transcriptions.create({ model: "m", file });
  assert.match(text, /^heard \d+ bytes$/);
  assert.ok(upstream.last.body.includes(sound));
});

test("text to speech", async () => {
  const speech = await openai.audio.speech.create({ model: "m", voice: "alloy", input: "hello" });
  assert.ok(Buffer.from(await speech.arrayBuffer()).equals(sound));
});

test("images, made and edited", async () => {
  const made = await openai.images.generate({ model: "m", prompt: "a cat" });
  assert.equal(made.data[0].b64_json, "aW1n");
  const image = await toFile(sound, "cat.png", { type: "image/png" });
  const edited = await openai.images.edit({ model: "m", image, prompt: "a dog" });
  assert.equal(edited.data[0].b64_json, "aW1n");
  assert.ok(upstream.last.body.includes(sound));
});

test("files: up, listed, down", async () => {
  const file = await toFile(sound, "a.jsonl");
  assert.equal((await openai.files.create({ file, purpose: "batch" })).id, "file-1");
  assert.ok(upstream.last.body.includes(sound));
  const names = [];
  for await (const file of await openai.files.list()) names.push(file.id);
  assert.deepEqual(names, ["file-1"]);
  const content = await openai.files.content("file-1");
  assert.ok(Buffer.from(await content.arrayBuffer()).equals(sound));
});

const errors = [
  [400, "BadRequestError"],
  [401, "AuthenticationError"],
  [403, "PermissionDeniedError"],
  [404, "NotFoundError"],
  [409, "ConflictError"],
  [422, "UnprocessableEntityError"],
  [429, "RateLimitError"],
  [500, "InternalServerError"],
];
for (const [status, name] of errors) {
  for (const stream of [false, true]) {
    test(`the upstream's ${status} is a ${name}${stream ? " of a stream" : ""}`, async () => {
      const asking = openai.chat.completions.create({ model: `status-${status}`, messages, stream });
      await assert.rejects(asking, (error) => {
        assert.ok(error instanceof OpenAI[name], error.constructor.name);
        assert.equal(error.status, status);
        assert.equal(error.message, `${status} The upstream says ${status}.`);
        assert.match(error.requestID, /^req_/);
        return true;
      });
    });
  }
}

test("our own refusal is typed too", async () => {
  const stranger = new OpenAI({ baseURL: `${worker.url}/v1`, apiKey: "key-of-a-stranger", maxRetries: 0 });
  await assert.rejects(stranger.models.list(), (error) => {
    assert.ok(error instanceof OpenAI.AuthenticationError);
    assert.equal(error.code, "invalid_api_key");
    assert.match(error.requestID, /^[0-9a-f]{32}$/);
    return true;
  });
});

test("an abort stops the upstream", async () => {
  const abort = new AbortController();
  const { signal } = abort;
  const arriving = upstream.next();
  const stream = await openai.chat.completions.create({ model: "steady", messages, stream: true }, { signal });
  await stream[Symbol.asyncIterator]().next();
  abort.abort();
  const record = await arriving;
  await until(() => record.closed, "the upstream sees that the call was given up", 1000);
});
