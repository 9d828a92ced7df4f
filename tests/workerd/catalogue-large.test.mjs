// Ten thousand models, and clients that leave while they wait for them: what it takes, and that nothing stays behind.
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { auth, ids, lists, named, provider, startLister, variables } from "./catalogue.mjs";
import { startStore } from "./catalogue-store.mjs";
import { call, open } from "./client.mjs";
import { until } from "./until.mjs";
import { startWorker } from "./worker.mjs";

const many = 10_000;
const PAGE = 64 << 10;
const mebibytes = (bytes) => (bytes / (1 << 20)).toFixed(1);

let upstream, other, store, worker;

before(async () => {
  [upstream, other, store] = await Promise.all([startLister([]), startLister(named(3, "other")), startStore()]);
});
beforeEach(async () => {
  Object.assign(upstream, { models: named(3), manner: "at-once", requests: [] });
  store.entries.clear();
  worker = await isolate();
});
afterEach(() => worker?.stop());
after(() => Promise.all([upstream?.stop(), other?.stop(), store?.stop()]));

function isolate() {
  const providers = { only: provider(upstream), other: provider(other) };
  const clients = { some: { key: "$SOME_KEY", models: ["model-*7"] } };
  const vars = variables(providers, { clients }, { SOME_KEY: "key-of-some", MODELS_TIMEOUT: "5" });
  return startWorker({ vars, wrapper: "probe", store: store.address });
}

const models = (headers = auth) => call(`${worker.url}/v1/models`, { headers });
const noCache = { ...auth, "cache-control": "no-cache" };
const memory = async () => (await call(`${worker.url}/__memory`)).json;
const ended = () =>
  until(
    () => lists(upstream).every((record) => record.closed || record.response.writableFinished),
    "the end of all questions",
    2000,
  );

async function timed(something) {
  const begun = performance.now();
  const result = await something();
  return [result, performance.now() - begun];
}

test(`${many} models, cold, warm, in part and out of KV`, async () => {
  upstream.models = named(many);
  const [cold, coldMillis] = await timed(models);
  assert.equal(cold.status, 200);
  assert.equal(cold.headers["x-isthmus-cache"], "miss");
  assert.equal(ids(cold).length, many + 3);
  const [warm, warmMillis] = await timed(models);
  assert.equal(warm.headers["x-isthmus-cache"], "hit");
  assert.ok(warm.body.equals(cold.body));
  const [part, partMillis] = await timed(() => models({ "api-key": "key-of-some" }));
  assert.deepEqual(
    ids(part),
    named(many).filter((id) => id.endsWith("7")),
  );
  const [one, oneMillis] = await timed(() => call(`${worker.url}/v1/models/model-9999`, { headers: auth }));
  assert.equal(one.json.id, "model-9999");
  const { bytes } = await memory();
  // What came, what is kept of it and its text: some three times as long, and what reading it takes for a moment.
  assert.ok(bytes < 64 << 20, `${mebibytes(bytes)} MiB of 128`);

  await until(() => store.lists.length === 1, "the list in KV");
  await worker.stop();
  worker = await isolate();
  const [stored, storedMillis] = await timed(models);
  assert.equal(stored.headers["x-isthmus-cache"], "hit");
  assert.ok(stored.body.equals(cold.body));
  const times = { cold: coldMillis, warm: warmMillis, part: partMillis, one: oneMillis, stored: storedMillis };
  const rounded = Object.entries(times).map(([name, millis]) => `${name} ${millis.toFixed(0)} ms`);
  console.log(
    `${many} models, ${mebibytes(cold.body.length)} MiB: ${rounded.join(", ")}; wasm memory ${mebibytes(bytes)} MiB`,
  );
  // Far from what it takes, near to what nobody would wait for.
  assert.ok(coldMillis < 3000 && warmMillis < 500 && storedMillis < 1500, rounded.join());
});

test("who leaves while the list is made leaves nothing open, and the next is served", async () => {
  for (const manner of ["held", "half-held", "is awaited in vain"]) {
    Object.assign(upstream, { manner, requests: [] });
    const leaving = open(`${worker.url}/v1/models`, { headers: noCache }).end();
    const asked = await upstream.next();
    await new Promise((resolve) => setTimeout(resolve, 30));
    leaving.reset();
    await until(() => asked.closed, `${manner}: the end of the question`, 1000);
    upstream.manner = "at-once";
    const [next, millis] = await timed(() => models(noCache));
    assert.equal(ids(next).length, 6);
    assert.ok(millis < 1000, `${millis} ms: the right to ask is left with who had it`);
  }
});

test("of thirty who come at once, one asks; if that one leaves, another does", async () => {
  upstream.manner = "held";
  const first = open(`${worker.url}/v1/models`, { headers: auth }).end();
  const asked = await upstream.next();
  const others = Array.from({ length: 29 }, () => models());
  await new Promise((resolve) => setTimeout(resolve, 200));
  assert.equal(lists(upstream).length, 1);
  first.reset();
  const again = await upstream.next();
  assert.ok(asked.closed);
  again.release();
  for (const answer of await Promise.all(others)) assert.equal(ids(answer).length, 6);
  assert.equal(lists(upstream).length, 2);
});

test("of twenty who want nothing that was kept, one asks for all", async () => {
  await models();
  upstream.manner = "held";
  const crowd = Array.from({ length: 20 }, () => models(noCache));
  const asked = await upstream.next();
  await new Promise((resolve) => setTimeout(resolve, 200));
  asked.release();
  upstream.manner = "at-once";
  await Promise.all(crowd);
  // Perhaps another, for who came when it was asked already.
  assert.ok(lists(upstream).length <= 3, `asked ${lists(upstream).length} times`);
});

test("an upstream that never answers is asked once, however many wait", async () => {
  upstream.manner = "is awaited in vain";
  const answers = await Promise.all(Array.from({ length: 10 }, () => models()));
  for (const answer of answers) {
    assert.equal(answer.headers["x-isthmus-models-partial"], "only");
    assert.equal(ids(answer).length, 3);
  }
  assert.equal(lists(upstream).length, 1);
});

test("leavers at any moment leave nothing behind", async () => {
  upstream.models = named(500);
  upstream.manner = "half-held";
  const round = (clients, seed) => Promise.all(Array.from({ length: clients }, (_, i) => leaveSometime(seed + i)));
  const releasing = setInterval(() => lists(upstream).forEach((record) => record.release()), 7);
  let rounds = 0;
  while (rounds < 5) await round(20, 20 * rounds++);
  const before = await memory();
  while (rounds < 20) await round(20, 20 * rounds++);
  await ended();
  clearInterval(releasing);
  const after = await memory();
  assert.equal(after.instances, 1);
  // How many are under way at once is chance. Of three hundred calls each would leave ten KiB, or its list.
  assert.ok(after.bytes <= before.bytes + 16 * PAGE, `${before.bytes} bytes of wasm memory grew to ${after.bytes}`);
  upstream.manner = "at-once";
  assert.equal(ids(await models(noCache)).length, 503);
  const failures = worker.lines().filter(({ status }) => status >= 500);
  assert.deepEqual(failures.slice(0, 3), []);
});

async function leaveSometime(seed) {
  const sending = open(`${worker.url}/v1/models`, { headers: noCache }).end();
  await new Promise((resolve) => setTimeout(resolve, random(seed) * 40));
  await (random(seed + 0.5) < 0.7 ? sending.reset() : sending.close());
}

/** The same numbers at each run, spread over [0, 1). */
function random(seed) {
  const x = Math.sin(seed + 1) * 43758.5453;
  return x - Math.floor(x);
}

test(`two thousand lists of ${many} models`, { timeout: 120_000 }, async () => {
  upstream.models = named(many);
  for (let i = 0; i < 20; i++) await models(i % 10 === 0 ? noCache : auth);
  const before = await memory();
  let left = 2000;
  const reader = async () => {
    while (left-- > 0) {
      // Now and then anew, and now and then in part.
      const headers = left % 200 === 0 ? noCache : left % 10 === 0 ? { "api-key": "key-of-some" } : auth;
      const answer = await open(`${worker.url}/v1/models`, { headers }).end().answer();
      assert.equal(answer.status, 200);
      await answer.rest();
    }
  };
  const [, millis] = await timed(() => Promise.all(Array.from({ length: 4 }, reader)));
  const after = await memory();
  console.log(
    `2000 lists in ${(millis / 1000).toFixed(1)} s; wasm memory ${mebibytes(before.bytes)} -> ${mebibytes(after.bytes)} MiB`,
  );
  assert.equal(after.instances, 1);
  assert.ok(after.bytes <= before.bytes * 1.5, `${before.bytes} bytes of wasm memory grew to ${after.bytes}`);
});
