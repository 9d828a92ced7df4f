// Answers that are kept alive: comments while nothing comes, before the answer's head and between its events.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { chat, open } from "./client.mjs";
import { behaviour, chunk, done, role } from "./gate.mjs";
import { startUpstream } from "./upstream.mjs";
import { until } from "./until.mjs";
import { startWorker } from "./worker.mjs";

const COMMENT = ": keepalive";

let upstream, worker;

before(async () => {
  upstream = await startUpstream({ behaviour });
  const providers = { up: { kind: "openai", endpoint: upstream.url } };
  const to = (...names) => ({ targets: names.map((name) => `up/${name}`), first_output_timeout: 2, keep_alive: 1 });
  const names = ["held", "words", "halves", "odd", "busy", "whole"];
  const models = Object.fromEntries(names.map((name) => [name, { targets: [`up/${name}`], keep_alive: 1 }]));
  const pools = { second: to("stalls", "odd"), hopeless: to("stalls", "errs", "errs") };
  const vars = { GATEWAY: JSON.stringify({ providers, models: { ...models, ...pools } }), ALLOW_ANONYMOUS: "true" };
  worker = await startWorker({ vars, wrapper: "probe" });
});
after(async () => {
  await worker?.stop();
  await upstream?.stop();
});

async function begin(model) {
  const seen = new Set(worker.lines().map((line) => line.request_id));
  const arriving = upstream.next();
  const json = { model, stream: true, messages: [] };
  const sending = open(`${worker.url}/v1/chat/completions`, { json }).end();
  return { sending, record: await arriving, line: () => line(model, seen) };
}

const closed = (record) => until(() => record.closed, "the upstream sees that the call was given up", 1000);
const pause = (millis) => new Promise((resolve) => setTimeout(resolve, millis));

/** The one line that a call of the model has left since. */
async function line(model, seen) {
  const lines = () => worker.lines().filter((line) => line.model_asked === model && !seen.has(line.request_id));
  await until(() => lines().length > 0, "the report of the call");
  await pause(50);
  const since = lines();
  assert.equal(since.length, 1, JSON.stringify(since));
  return since[0];
}

test("the head comes before the upstream's, and then the upstream's events", async () => {
  const began = Date.now();
  const { sending, record } = await begin("held");
  const answer = await sending.answer();
  const took = Date.now() - began;
  assert.ok(took >= 900 && took < 2500, `${took} ms`);
  assert.equal(answer.status, 200);
  assert.equal(answer.headers["content-type"], "text/event-stream; charset=utf-8");
  assert.equal(answer.headers["cache-control"], "no-cache, no-transform");
  assert.equal(answer.headers["access-control-allow-origin"], "*");
  assert.match(answer.headers["x-isthmus-request-id"], /^\w+$/);
  assert.equal(await answer.event(), COMMENT);
  assert.equal(await answer.event(), COMMENT);
  record.release(5);
  const events = [role, ...["one", "two", "three"].map((content) => chunk({ content })), done];
  assert.deepEqual(await answer.events(), events.map((event) => event.trim()));
  const report = await worker.report((line) => line.request_id === answer.headers["x-isthmus-request-id"]);
  assert.equal(report.status, 200);
  assert.equal(report.error, undefined);
});

test("comments come between events, and those without delay", async () => {
  const { sending, record } = await begin("words");
  const answer = await sending.answer();
  assert.equal(await answer.event(), role.trim());
  assert.equal(await answer.event(), COMMENT);
  for (const content of ["one", "two", "three"]) {
    const released = Date.now();
    record.release();
    assert.equal(await answer.event(), chunk({ content }).trim());
    assert.ok(Date.now() - released < 200, `${Date.now() - released} ms`);
  }
  assert.equal(await answer.event(), COMMENT);
  record.release();
  assert.deepEqual(await answer.events(), [done.trim()]);
});

test("no comment stands in the middle of an event", async () => {
  const { sending, record } = await begin("halves");
  const answer = await sending.answer();
  assert.equal(await answer.event(), role.trim());
  assert.equal(await answer.event(), chunk({ content: "one" }).trim());
  record.release();
  await pause(2500);
  record.release();
  assert.deepEqual(await answer.events(), [chunk({ content: "two" }).trim(), done.trim()]);
});

test("a stream that is never silent is the upstream's to the byte", async () => {
  const body = JSON.stringify({ model: "odd", stream: true });
  const straight = await fetch(`${upstream.url}/chat/completions`, { method: "POST", body });
  const through = await chat(worker.url, { model: "odd", stream: true });
  assert.ok(through.body.equals(Buffer.from(await straight.arrayBuffer())));
  assert.equal(through.headers["x-isthmus-target"], "up/odd");
});

test("the call may still go to another target", async () => {
  const answer = await chat(worker.url, { model: "second", stream: true });
  assert.equal(answer.status, 200);
  assert.ok(answer.text.startsWith(`${COMMENT}\n\n`));
  assert.ok(answer.text.endsWith(done));
  const report = await worker.report((line) => line.request_id === answer.headers["x-isthmus-request-id"]);
  assert.equal(report.target, "up/odd");
  assert.equal(report.attempts, 2);
});

test("an error that comes then is an event", async () => {
  const { sending, record, line } = await begin("busy");
  const answer = await sending.answer();
  assert.equal(await answer.event(), COMMENT);
  record.release();
  const [error, end] = (await answer.events()).filter((event) => event !== COMMENT);
  assert.equal(JSON.parse(error.slice("data: ".length)).error.code, "rate_limit_exceeded");
  assert.equal(end, done.trim());
  const report = await line();
  assert.equal(report.status, 429);
  assert.equal(report.error, "upstream_refused");
});

test("an error in time has a status of its own", async () => {
  const { sending, record } = await begin("busy");
  record.release();
  const answer = await sending.answer();
  assert.equal(answer.status, 429);
  assert.equal(JSON.parse(await answer.rest()).error.code, "rate_limit_exceeded");
});

test("where all fail the client is told in an event", async () => {
  const answer = await chat(worker.url, { model: "hopeless", stream: true });
  assert.equal(answer.status, 200);
  const [, error] = answer.text.match(/data: (\{.*\})\n\ndata: \[DONE\]\n\n$/);
  assert.ok(JSON.parse(error).error.message);
});

test("a whole answer becomes events", async () => {
  const { sending, record } = await begin("whole");
  const answer = await sending.answer();
  assert.equal(await answer.event(), COMMENT);
  record.release();
  const events = (await answer.events()).filter((event) => event !== COMMENT);
  assert.equal(JSON.parse(events[0].slice("data: ".length)).choices[0].delta.content, "all of it");
  assert.equal(events.at(-1), done.trim());
});

test("what is no stream is not kept alive", async () => {
  const arriving = upstream.next();
  const answering = chat(worker.url, { model: "whole" });
  const record = await arriving;
  await pause(1500);
  record.release();
  const answer = await answering;
  assert.equal(answer.json.choices[0].message.content, "all of it");
});

test("a client that leaves before the head", async () => {
  const { sending, record, line } = await begin("held");
  sending.reset();
  await closed(record);
  assert.equal((await line()).status, 499);
});

// With comments a client that closes is seen although its upstream is silent: the second write after it fails.
for (const leave of ["reset", "close"]) {
  test(`a client that leaves (${leave}) behind an early head`, async () => {
    const { sending, record, line } = await begin("held");
    assert.equal(await (await sending.answer()).event(), COMMENT);
    sending[leave]();
    await until(() => record.closed, "the upstream sees that the call was given up", leave === "reset" ? 1000 : 5000);
    const report = await line();
    assert.equal(report.status, 499);
    assert.equal(report.error, "client_closed");
  });

  test(`a client that leaves (${leave}) in a stream`, async () => {
    const { sending, record, line } = await begin("words");
    assert.equal(await (await sending.answer()).event(), role.trim());
    sending[leave]();
    await until(() => record.closed, "the upstream sees that the call was given up", leave === "reset" ? 1000 : 5000);
    assert.equal((await line()).error, "client_closed");
  });
}

test("clients that leave behind an early head leave nothing behind", async () => {
  await leaveTogether();
  const before = await memory();
  for (let round = 0; round < 3; round += 1) await leaveTogether();
  const after = await memory();
  assert.equal(after.instances, 1);
  assert.ok(after.bytes <= before.bytes + (128 << 10), `${before.bytes} bytes grew to ${after.bytes}`);
});

async function leaveTogether() {
  const first = upstream.requests.length;
  const json = { model: "held", stream: true, messages: [{ role: "user", content: "x".repeat(1 << 20) }] };
  const sendings = Array.from({ length: 20 }, () => open(`${worker.url}/v1/chat/completions`, { json }).end());
  await until(() => upstream.requests.length === first + 20, "all of them at the upstream", 10_000);
  const records = upstream.requests.slice(first);
  await Promise.all(records.map((record) => record.whole));
  await Promise.all(sendings.map(async (sending) => (await sending.answer()).event()));
  sendings.forEach((sending) => sending.reset());
  await Promise.all(records.map(closed));
}

async function memory() {
  return (await fetch(`${worker.url}/__memory`)).json();
}
