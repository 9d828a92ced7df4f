// Google's streams, through the Worker: every one is OpenAI's to the client, and comes as it is sent.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import OpenAI from "openai";
import { form, open } from "./client.mjs";
import { greeting, thought } from "./google-answers.mjs";
import { clientKey, startGoogle, variables } from "./google.mjs";
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

const headers = { authorization: `Bearer ${clientKey}` };
const include_usage = { stream_options: { include_usage: true } };
const city = { type: "object", properties: { city: { type: "string" } } };
const tools = [{ type: "function", function: { name: "weather", parameters: city } }];
const messagesOf = (content) => [{ role: "user", content }];

function ask(prompt, { model = "gemini-3.8-flash", ...more } = {}) {
  const json = { model, messages: messagesOf(prompt), stream: true, ...more };
  return open(`${worker.url}/v1/chat/completions`, { json, headers }).end();
}

async function eventsOf(prompt, more) {
  return (await (await ask(prompt, more).answer()).events()).filter((event) => !event.startsWith(":"));
}

const parsed = (event) => JSON.parse(/^data: (.*)$/m.exec(event)[1]);

/** The chunks of a stream that any client of OpenAI's can read. */
function strict(events) {
  assert.equal(events.at(-1), "data: [DONE]");
  const chunks = events.slice(0, -1).map((event) => {
    assert.ok(event.startsWith("data: ") && !event.includes("\n"), JSON.stringify(event));
    const chunk = parsed(event);
    assert.equal(chunk.object, "chat.completion.chunk", event);
    assert.ok(chunk.id.startsWith("chatcmpl-") && chunk.model !== "" && Number.isInteger(chunk.created), event);
    assert.ok(chunk.choices.length > 0 || chunk.usage, event);
    for (const { index, delta, finish_reason } of chunk.choices) {
      assert.ok(Number.isInteger(index) && typeof delta === "object" && finish_reason !== undefined, event);
    }
    return chunk;
  });
  assert.equal(chunks[0].choices[0].delta.role, "assistant");
  assert.equal(new Set(chunks.map(({ id, created, model }) => `${id} ${created} ${model}`)).size, 1);
  return chunks;
}

function read(chunks) {
  const choices = chunks.flatMap((chunk) => chunk.choices);
  return {
    text: choices.map(({ delta }) => delta.content ?? "").join(""),
    ends: choices.map(({ finish_reason }) => finish_reason).filter(Boolean),
  };
}

const models = [
  "gemini-3.8-flash",
  "gemini-2.5-flash",
  "gemma-4-31b-it",
  "vertex/gemini-3.8-flash",
  "express/gemini-2.5-flash",
];
const prompts = ["hello", "burst: hello", "bytes: hello", "do other-lines", "do usage-behind"];

for (const model of models) {
  for (const prompt of prompts) {
    test(`${model}, ${prompt}: strict clients read it, with usage where it was asked for`, async () => {
      const chunks = strict(await eventsOf(prompt, { model }));
      assert.deepEqual(read(chunks), { text: greeting, ends: ["stop"] });
      assert.ok(chunks.every((chunk) => !("usage" in chunk)));
      const counted = strict(await eventsOf(prompt, { model, ...include_usage }));
      const { usage, choices } = counted.at(-1);
      assert.deepEqual(choices, []);
      assert.equal(usage.completion_tokens, 7);
      assert.equal(usage.total_tokens, usage.prompt_tokens + 7);
      assert.ok(counted.slice(0, -1).every((chunk) => chunk.usage === null));
    });
  }
}

for (const pace of ["", "bytes: ", "burst: "]) {
  for (const model of models) {
    test(`${model}, ${pace}parallel calls`, async () => {
      const chunks = strict(await eventsOf(`${pace}weather in Paris and Zürich`, { model, tools }));
      assert.deepEqual(read(chunks).ends, ["tool_calls"]);
      const called = chunks.flatMap(({ choices }) => choices.flatMap(({ delta }) => delta.tool_calls ?? []));
      assert.deepEqual(
        called.map(({ index }) => index),
        [0, 1],
      );
      assert.deepEqual(
        called.map((it) => JSON.parse(it.function.arguments).city),
        ["Paris", "Zürich"],
      );
      assert.ok(called.every(({ id, type, function: { name } }) => id && type === "function" && name === "weather"));
    });
  }
}

test("thoughts come before the text, beside it", async () => {
  const chunks = strict(await eventsOf("think Paris", { model: "thinking/gemini-3.8-flash", ...include_usage }));
  const deltas = chunks.flatMap(({ choices }) => choices.map(({ delta }) => delta));
  assert.equal(deltas.map((delta) => delta.reasoning_content ?? "").join(""), thought);
  const first = (name) => deltas.findIndex((delta) => delta[name]);
  assert.ok(first("reasoning_content") < first("content"));
  assert.equal(chunks.at(-1).usage.completion_tokens_details.reasoning_tokens, 5);
});

const ends = {
  "do safety": { text: "Well, ", ends: ["content_filter"] },
  "do safety-silent": { text: "", ends: ["content_filter"] },
  "do blocked": { text: "", ends: ["content_filter"] },
  "do max-tokens": { text: "", ends: ["length"] },
};

for (const [prompt, expected] of Object.entries(ends)) {
  test(`${prompt}: whole and streamed`, async () => {
    assert.deepEqual(read(strict(await eventsOf(prompt))), expected);
    const whole = await openai.chat.completions.create({ model: "gemini-3.8-flash", messages: messagesOf(prompt) });
    assert.equal(whole.choices[0].finish_reason, expected.ends[0]);
    assert.equal(whole.choices[0].message.content ?? "", expected.text);
  });
}

test("a call that is malformed is an error one may try again", async () => {
  const create = (stream) =>
    openai.chat.completions.create({ model: "gemini-3.8-flash", messages: messagesOf("do malformed"), stream });
  await assert.rejects(create(false), (error) => {
    assert.deepEqual([error.status, error.code], [502, "malformed_function_call"]);
    return true;
  });
  await assert.rejects(async () => {
    for await (const _ of await create(true));
  }, OpenAI.APIError);
});

for (const kind of ["cut", "half"]) {
  test(`${kind}: what came, an error, and never a made-up end`, async () => {
    const events = await eventsOf(`do ${kind}`);
    assert.equal(events.at(-1), "data: [DONE]");
    assert.ok(parsed(events.at(-2)).error.code, events.at(-2));
    assert.deepEqual(read(events.slice(0, -2).map(parsed)).ends, []);
    assert.ok(greeting.startsWith(read(events.slice(0, -2).map(parsed)).text));
    const stream = openai.chat.completions.stream({ model: "gemini-3.8-flash", messages: messagesOf(`do ${kind}`) });
    await assert.rejects(stream.finalChatCompletion(), OpenAI.APIError);
  });
}

test("an error as the first event has a status", async () => {
  const failing = openai.chat.completions.create({
    model: "gemini-3.8-flash",
    messages: messagesOf("do error-first"),
    stream: true,
  });
  await assert.rejects(failing, (error) => {
    assert.ok(error instanceof OpenAI.InternalServerError);
    assert.deepEqual([error.status, error.code], [503, "unavailable"]);
    assert.match(error.message, /overloaded/);
    return true;
  });
});

for (const kind of ["error-later", "error-bare"]) {
  test(`${kind}: the last thing a client hears`, async () => {
    const events = await eventsOf(`do ${kind}`);
    assert.equal(events.at(-1), "data: [DONE]");
    assert.match(parsed(events.at(-2)).error.message, /overloaded/);
    assert.deepEqual(read(events.slice(0, -2).map(parsed)).ends, []);
  });
}

test("a break in the middle of an event is one error, [DONE], and nothing unreadable", async () => {
  const arriving = google.next();
  const sending = ask("breaks: hello");
  const record = await arriving;
  const answer = await sending.answer();
  const heard = [await answer.event()];
  record.release();
  const events = [...heard, ...(await answer.events())];
  assert.equal(events.at(-1), "data: [DONE]");
  assert.equal(parsed(events.at(-2)).error.type, "server_error");
  for (const event of events.slice(0, -2)) assert.ok(parsed(event).choices.length > 0, event);
});

for (const model of ["gemini-3.8-flash", "gemini-2.5-flash", "vertex/gemini-3.8-flash"]) {
  test(`${model}: each event is there before the next is sent`, async () => {
    const arriving = google.next();
    const sending = ask("steps: say a b c", { model });
    const record = await arriving;
    record.release();
    const answer = await sending.answer();
    assert.match(answer.headers["content-type"], /^text\/event-stream/);
    const heard = [];
    for (const text of ["a ", "a b ", "a b c"]) {
      if (text !== "a ") record.release();
      while (read(heard).text !== text) heard.push(parsed(await answer.event()));
    }
    record.release();
    const events = (await answer.events()).filter((event) => !event.startsWith(":"));
    assert.equal(events.at(-1), "data: [DONE]");
    assert.deepEqual(read([...heard, ...events.slice(0, -1).map(parsed)]), { text: "a b c", ends: ["stop"] });
  });
}

const talk = form([
  { name: "model", value: "vertex/gemini-3.8-flash" },
  { name: "stream", value: "true" },
  { name: "file", filename: "talk.mp3", type: "audio/mpeg", value: "sound" },
]);
const spoken = { voice: "alloy", input: "hello", response_format: "pcm", stream_format: "sse" };

/** Other operations: what is sent, and what of an event a client is after. */
const others = {
  completions: {
    sent: { json: { model: "gemini-3.8-flash", prompt: "say a b c d", stream: true } },
    piece: ({ choices }) => choices?.[0]?.text,
  },
  "audio/transcriptions": { sent: talk, piece: ({ type, delta }) => type === "transcript.text.delta" && delta },
  "audio/speech": {
    sent: { json: { model: "gemini-3.1-flash-tts-preview", ...spoken } },
    piece: ({ type, audio }) => type === "speech.audio.delta" && audio,
  },
};

for (const [path, { sent, piece }] of Object.entries(others)) {
  test(`${path}: each event is there before the next is sent`, async () => {
    google.streams.pace = "steps";
    try {
      const arriving = google.next();
      const options = { ...sent, headers: { ...headers, ...sent.headers } };
      const sending = open(`${worker.url}/v1/${path}`, options).end();
      const record = await arriving;
      for (let heard = 0, answer; heard < 4; heard += 1) {
        record.release();
        answer ??= await sending.answer();
        while (!piece(parsed(await answer.event())));
        assert.equal(record.response.writableEnded, false);
      }
      record.release(8);
    } finally {
      google.streams.pace = undefined;
    }
  });
}

test("three choices of which one breaks: what has come stays, and the end is an error", async () => {
  const before = google.requests.length;
  const sending = ask("steps: say a b", { n: 3, ...include_usage });
  await google.request((_, i) => i === before + 2, "three requests");
  const records = google.requests.slice(before);
  records[1].release(1);
  for (const record of [records[0], records[2]]) record.release(8);
  const answer = await sending.answer();
  const heard = [];
  const isHere = (index, text) => read(heard.map((chunk) => onlyOf(chunk, index))).text === text;
  while (!isHere(0, "a b") || !isHere(1, "a ") || !isHere(2, "a b")) heard.push(parsed(await answer.event()));
  records[1].reset();
  const rest = await answer.events();
  assert.equal(rest.at(-1), "data: [DONE]");
  assert.equal(parsed(rest.at(-2)).error.code, "upstream_stream_interrupted");
  const all = [...heard, ...rest.slice(0, -2).map(parsed)];
  assert.deepEqual(read(all.map((chunk) => onlyOf(chunk, 1))), { text: "a ", ends: [] });
  assert.ok(all.every((chunk) => !chunk.usage), "what was not all said is not counted");
});

const onlyOf = ({ choices }, wanted) => ({ choices: choices.filter(({ index }) => index === wanted) });

test("three choices are three streams at once, in one", async () => {
  const before = google.requests.length;
  const sending = ask("steps: say a b", { n: 3 });
  await google.request((_, i) => i === before + 2, "three requests");
  const records = google.requests.slice(before);
  records[1].release(8);
  records[0].release(1);
  const answer = await sending.answer();
  records[0].release(7);
  records[2].release(8);
  const chunks = strict((await answer.events()).filter((event) => !event.startsWith(":")));
  for (const wanted of [0, 1, 2]) {
    const own = chunks.map((chunk) => onlyOf(chunk, wanted));
    assert.deepEqual(read(own), { text: "a b", ends: ["stop"] });
    assert.equal(own.flatMap(({ choices }) => choices).filter(({ delta }) => delta.role).length, 1);
  }
});
