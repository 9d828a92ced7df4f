// The commit gate: what fails before its first output is tried elsewhere, unseen; behind it the bytes are the
// upstream's own, as they come.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { chat, open } from "./client.mjs";
import { behaviour, chunk, done, role } from "./gate.mjs";
import { startUpstream } from "./upstream.mjs";
import { until } from "./until.mjs";
import { startWorker } from "./worker.mjs";

let upstream, worker;

before(async () => {
  upstream = await startUpstream({ behaviour });
  const providers = { up: { kind: "openai", endpoint: upstream.url } };
  const to = (...names) => ({ targets: names.map((name) => `up/${name}`), first_output_timeout: 1 });
  const models = Object.fromEntries(["stalls", "errs", "breaks", "ends"].map((name) => [name, to(name, "odd")]));
  const more = { odd: to("odd", "errs"), words: to("words", "odd"), hopeless: to("errs", "stalls"), alone: ["up/words"] };
  const vars = { GATEWAY: JSON.stringify({ providers, models: { ...models, ...more } }), ALLOW_ANONYMOUS: "true" };
  worker = await startWorker({ vars });
});
after(async () => {
  await worker?.stop();
  await upstream?.stop();
});

const begin = (model) => open(`${worker.url}/v1/chat/completions`, { json: { model, stream: true, messages: [] } }).end();

async function straight(model) {
  const body = JSON.stringify({ model, stream: true });
  const answer = await fetch(`${upstream.url}/chat/completions`, { method: "POST", body });
  return Buffer.from(await answer.arrayBuffer());
}

for (const model of ["stalls", "errs", "breaks", "ends"]) {
  test(`a stream that ${model} is given up, and the next one is the upstream's to the byte`, async () => {
    const [answer, [first]] = await upstream.watched(() => chat(worker.url, { model, stream: true }));
    assert.equal(answer.status, 200);
    assert.equal(answer.headers["x-isthmus-target"], "up/odd");
    assert.equal(answer.headers["x-isthmus-attempts"], "2");
    assert.ok(answer.body.equals(await straight("odd")));
    await until(() => first.response.closed, "the first is let go", 1000);
  });
}

test("a stream that may go is the upstream's to the byte", async () => {
  const [answer, asked] = await upstream.watched(() => chat(worker.url, { model: "odd", stream: true }));
  assert.equal(answer.headers["x-isthmus-target"], "up/odd");
  assert.equal(asked.length, 1);
  assert.ok(answer.body.equals(await straight("odd")));
});

test("nothing goes before the first word, and then each event before the next is sent", async () => {
  const arriving = upstream.next();
  const sending = begin("words");
  const record = await arriving;
  let isThere = false;
  const answering = sending.answer().then((answer) => ((isThere = true), answer));
  await new Promise((resolve) => setTimeout(resolve, 200));
  assert.equal(isThere, false);
  record.release();
  const answer = await answering;
  assert.equal(await answer.event(), role.trim());
  assert.equal(await answer.event(), chunk({ content: "one" }).trim());
  for (const content of ["two", "three"]) {
    record.release();
    assert.equal(await answer.event(), chunk({ content }).trim());
  }
  // The bound is the first word's.
  await new Promise((resolve) => setTimeout(resolve, 1200));
  record.release();
  assert.deepEqual(await answer.events(), [done.trim()]);
});

test("with nobody else to ask the head comes at once", async () => {
  const arriving = upstream.next();
  const sending = begin("alone");
  const record = await arriving;
  const answer = await sending.answer();
  assert.equal(await answer.event(), role.trim());
  record.release(4);
  assert.equal((await answer.events()).at(-1), done.trim());
});

test("where all fail the client is told", async () => {
  const answer = await chat(worker.url, { model: "hopeless", stream: true });
  assert.ok(answer.status >= 500, answer.text);
  assert.ok(answer.json.error.message);
});

test("a client that leaves while the first word is awaited takes the upstream along", async () => {
  const arriving = upstream.next();
  const sending = begin("words");
  const record = await arriving;
  await new Promise((resolve) => setTimeout(resolve, 100));
  sending.reset();
  await until(() => record.closed, "the upstream sees that the call was given up", 1000);
  const report = await worker.report((line) => line.error === "client_closed");
  assert.equal(report.model_asked, "words");
});
