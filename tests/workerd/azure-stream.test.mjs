// Azure's chat streams, through the Worker: every kind is one of OpenAI's to the client, and comes as it is sent.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import OpenAI from "openai";
import { words } from "./answers.mjs";
import { clientKey, startAzure, variables } from "./azure.mjs";
import { call, open } from "./client.mjs";
import { startWorker } from "./worker.mjs";

let azure, worker, openai;

before(async () => {
  azure = await startAzure();
  worker = await startWorker({ vars: variables(azure, { api_version: "2024-12-01-preview" }) });
  openai = new OpenAI({ baseURL: `${worker.url}/v1`, apiKey: clientKey, maxRetries: 0 });
});
after(async () => {
  await worker?.stop();
  await azure?.stop();
  assert.deepEqual(azure.complaints, []);
});

const messages = [{ role: "user", content: "hello" }];
const headers = { authorization: `Bearer ${clientKey}` };
const said = words.join("");
const include_usage = { stream_options: { include_usage: true } };

function ask(model, more) {
  return open(`${worker.url}/v1/chat/completions`, { json: { model, messages, stream: true, ...more }, headers }).end();
}

async function eventsOf(model, more) {
  return (await (await ask(model, more).answer()).events()).filter(isEvent);
}

const isEvent = (text) => !text.startsWith(":");

/** The next that is no comment. */
async function next(answer) {
  for (;;) {
    const event = await answer.event();
    if (event === undefined || isEvent(event)) return event;
  }
}

const parsed = (event) => JSON.parse(event.slice("data: ".length));

/** The chunks of a stream that any client of OpenAI's can read. */
function strict(events) {
  assert.equal(events.at(-1), "data: [DONE]");
  return events.slice(0, -1).map((event) => {
    assert.ok(event.startsWith("data: ") && !event.includes("\n"), JSON.stringify(event));
    const chunk = parsed(event);
    assert.equal(chunk.object, "chat.completion.chunk", event);
    assert.ok(chunk.id !== "" && chunk.model !== "" && Number.isInteger(chunk.created) && chunk.created > 0, event);
    assert.ok(chunk.choices.length > 0 || chunk.usage, event);
    for (const { index, delta, finish_reason } of chunk.choices) {
      assert.ok(Number.isInteger(index) && typeof delta === "object" && finish_reason !== undefined, event);
    }
    return chunk;
  });
}

function read(chunks) {
  const choices = chunks.flatMap((chunk) => chunk.choices);
  return {
    text: choices.map(({ delta }) => delta.content ?? "").join(""),
    ends: choices.map(({ finish_reason }) => finish_reason).filter(Boolean),
    ids: new Set(chunks.map(({ id }) => id)).size,
  };
}

const whole = ["sync", "async", "plain", "no-done", "crlf", "nulls", "nameless", "own-data", "late", "json"];

for (const kind of whole) {
  test(`${kind}: strict clients read it, and so does the SDK`, async () => {
    assert.deepEqual(read(strict(await eventsOf(kind))), { text: said, ends: ["stop"], ids: 1 });
    const chat = await openai.chat.completions.stream({ model: kind, messages }).finalChatCompletion();
    assert.equal(chat.choices[0].message.content, said);
    assert.equal(chat.choices[0].finish_reason, "stop");
  });
}

for (const kind of ["sync", "async", "plain", "no-done", "crlf", "nameless", "late", "json"]) {
  test(`${kind}: usage comes where it was asked for, and only there`, async () => {
    const chunks = strict(await eventsOf(kind, include_usage));
    assert.deepEqual(chunks.at(-1).usage, { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 });
    assert.deepEqual(chunks.at(-1).choices, []);
    assert.equal(read(chunks).text, said);
    assert.ok(strict(await eventsOf(kind)).every((chunk) => !chunk.usage && chunk.choices.length > 0));
  });
}

test("the filter ends an answer", async () => {
  assert.deepEqual(read(strict(await eventsOf("blocked"))), { text: "Hello, ", ends: ["content_filter"], ids: 1 });
});

test("the filter's findings beside the text are kept, and go where the owner does not want them", async () => {
  const kept = strict(await eventsOf("sync")).flatMap((chunk) => chunk.choices);
  assert.ok(kept.some((choice) => choice.content_filter_results?.hate));
  const stripping = await startWorker({ vars: variables(azure, { strip_azure_fields: true }) });
  try {
    const json = { model: "sync", messages, stream: true };
    const { text } = await call(`${stripping.url}/v1/chat/completions`, { json, headers });
    assert.ok(!/content_filter|prompt_filter/.test(text), text);
    assert.equal(read(strict(text.trim().split("\n\n"))).text, said);
  } finally {
    await stripping.stop();
  }
});

test("what a model of another maker thinks, and what the customer's documents say, arrives", async () => {
  const thought = strict(await eventsOf("nulls")).flatMap((chunk) => chunk.choices);
  assert.equal(thought.map((choice) => choice.delta.reasoning_content ?? "").join(""), "Well");
  const cited = strict(await eventsOf("own-data")).flatMap((chunk) => chunk.choices);
  assert.deepEqual(cited[0].delta.context.citations, [{ content: "of a document" }]);
});

for (const kind of ["truncated", "half"]) {
  test(`${kind}: what came, an error, and never a made-up end`, async () => {
    const events = await eventsOf(kind);
    assert.equal(events.at(-1), "data: [DONE]");
    assert.equal(parsed(events.at(-2)).error.code, "stream_truncated");
    assert.deepEqual(read(events.slice(0, -2).map(parsed)), { text: "Hello, ", ends: [], ids: 1 });
    const stream = openai.chat.completions.stream({ model: kind, messages });
    await assert.rejects(stream.finalChatCompletion(), OpenAI.APIError);
  });
}

test("an error as the first event has a status", async () => {
  const failing = openai.chat.completions.create({ model: "error-first", messages, stream: true });
  await assert.rejects(failing, (error) => {
    assert.ok(error instanceof OpenAI.InternalServerError);
    assert.ok([500, 503].includes(error.status));
    assert.match(error.message, /overloaded/);
    return true;
  });
});

test("a later error is the last thing a client hears", async () => {
  const events = await eventsOf("error-later");
  const { error } = parsed(events.findLast((event) => event !== "data: [DONE]"));
  assert.match(error.message, /overloaded/);
  assert.equal(events.filter((event) => event.includes('"error"')).length, 1);
});

/** How many of a kind's events are nothing to a client of OpenAI's, before its first and behind others. */
const silent = {
  sync: { head: 1 },
  async: { head: 1, "Hello, ": 1, [said]: 1 },
  nameless: { head: 1, "Hello, ": 1, [said]: 1 },
  crlf: { head: 2 },
};

for (const kind of ["sync", "async", "plain", "nulls", "nameless", "crlf"]) {
  test(`${kind}: each event is there before the next is sent`, async () => {
    const arriving = azure.next();
    const sending = ask(`steps-${kind}`);
    const record = await arriving;
    record.release(1 + (silent[kind]?.head ?? 0));
    const answer = await sending.answer();
    assert.equal(answer.headers["content-type"], "text/event-stream; charset=utf-8");
    const heard = [await next(answer)];
    while (heard.at(-1) !== "data: [DONE]") {
      const { text, ends } = read(heard.map(parsed));
      const skipped = text === said && ends.length === 0 ? 0 : (silent[kind]?.[text] ?? 0);
      record.release(1 + skipped);
      heard.push(await next(answer));
    }
    assert.equal(read(strict(heard)).text, said);
    assert.equal(await next(answer), undefined);
  });
}

test("a stream that only passes is the upstream's to the byte, behind its head", async () => {
  const json = { model: "sync", messages, stream: true };
  const straight = `${azure.origin}/openai/deployments/sync/chat/completions?api-version=2024-12-01-preview`;
  const own = await call(straight, { json, headers: { "api-key": "key-of-the-resource" } });
  const { text } = await call(`${worker.url}/v1/chat/completions`, { json, headers });
  assert.equal(text, own.text.slice(own.text.indexOf("\n\n") + 2));
});

for (const kind of ["sync", "async", "nulls"]) {
  test(`${kind}: a break in the middle of an event is one error, [DONE], and nothing unreadable`, async () => {
    const arriving = azure.next();
    const sending = ask(`breaks-${kind}`);
    const record = await arriving;
    const answer = await sending.answer();
    const heard = [await answer.event()];
    record.release();
    assertBroken([...heard, ...(await answer.events())]);
  });
}

for (const kind of ["sync", "async"]) {
  for (const how of ["reset", "closed"]) {
    test(`${kind}: the same when the events have come one by one, ${how}`, async () => {
      const arriving = azure.next();
      const sending = ask(`steps-${kind}`);
      const record = await arriving;
      record.release(4);
      const answer = await sending.answer();
      const heard = [await answer.event(), await answer.event(), await answer.event()];
      const half = 'data: {"id":"chatcmpl-az-1","choices":[{"delta":{"content":"wor';
      await new Promise((resolve) => record.response.write(half, resolve));
      if (how === "reset") record.reset();
      else record.socket.destroy();
      assertBroken([...heard, ...(await answer.events())]);
    });
  }
}

function assertBroken(events) {
  assert.equal(events.at(-1), "data: [DONE]");
  const { error } = parsed(events.at(-2));
  assert.equal(error.code, "upstream_stream_broken");
  assert.equal(error.type, "server_error");
  for (const event of events.slice(0, -2)) assert.ok(parsed(event).choices.length > 0, event);
}
