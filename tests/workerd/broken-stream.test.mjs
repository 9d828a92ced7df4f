// An upstream that breaks in the middle of its answer: a stream ends with an error a client can read, any
// other body breaks as the upstream's did, so that nobody takes half an answer for a whole one.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { open } from "./client.mjs";
import { startUpstream } from "./upstream.mjs";
import { startWorker } from "./worker.mjs";

let upstream, worker;

before(async () => {
  upstream = await startUpstream();
  worker = await startWorker({ vars: { OPENAI_BASE_URL: upstream.url } });
});
after(async () => {
  await worker?.stop();
  await upstream?.stop();
});

async function begin(path, model) {
  const json = { model, stream: true, messages: [], input: "x" };
  const headers = { authorization: "Bearer key-of-the-client" };
  const sending = open(`${worker.url}/v1/${path}`, { json, headers }).end();
  const record = await upstream.next();
  const answer = await sending.answer();
  const id = answer.headers["x-isthmus-request-id"];
  return { answer, record, report: () => worker.report((line) => line.request_id === id) };
}

/** The events of a stream that breaks after its third. */
async function broken(path, model = "breaks") {
  const { answer, record, report } = await begin(path, model);
  const before = [await answer.event(), await answer.event(), await answer.event()];
  record.release();
  return { before, after: await answer.events(), report: await report() };
}

for (const [how, model] of [["reset", "breaks"], ["closed", "ends"]]) {
  test(`chat, ${how}: the events so far, an error event, [DONE], and a clean end`, () => chat(model));
}

async function chat(model) {
  const { before, after, report } = await broken("chat/completions", model);
  assert.equal(JSON.parse(before[1].slice("data: ".length)).choices[0].delta.content, "Hello");
  assert.equal(after.length, 2, JSON.stringify(after));
  const { error } = JSON.parse(after[0].slice("data: ".length));
  assert.equal(error.code, "upstream_stream_broken");
  assert.equal(error.type, "server_error");
  assert.equal(error.param, null);
  assert.equal(after[1], "data: [DONE]");
  assert.equal(report.error, "upstream_stream_broken");
  assert.equal(report.status, 200);
  assert.equal(report.level, "error");
}

test("responses: the error is an event of that API", async () => {
  const { after, report } = await broken("responses");
  const [name, data] = after[0].split("\n");
  assert.equal(name, "event: error");
  const error = JSON.parse(data.slice("data: ".length));
  assert.equal(error.type, "error");
  assert.equal(error.code, "upstream_stream_broken");
  assert.equal(after[1], "data: [DONE]");
  assert.equal(report.error, "upstream_stream_broken");
});

test("a body that is no event stream breaks the client's connection", async () => {
  const { answer, record } = await begin("chat/completions", "cut");
  assert.equal(answer.status, 200);
  await answer.chunk();
  record.release();
  await assert.rejects(answer.rest(), /aborted|ECONNRESET/);
});

test("a stream that ends by itself is reported as complete", async () => {
  const { answer, report } = await begin("chat/completions", "m");
  assert.equal((await answer.events()).at(-1), "data: [DONE]");
  const line = await report();
  assert.equal(line.error, undefined);
  assert.equal(line.stream, true);
});
