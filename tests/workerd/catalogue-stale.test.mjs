// What is kept of a list, and for how long: in an isolate's memory, in KV for the others; renewed behind its readers.
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { auth, clientKey, ids, lists, named, ownersKey, provider, startLister, variables } from "./catalogue.mjs";
import { startStore } from "./catalogue-store.mjs";
import { call, open } from "./client.mjs";
import { until } from "./until.mjs";
import { startWorker } from "./worker.mjs";

const minute = 60_000;
/** What counts as at once. */
const atOnce = 300;

let upstream, store;
const isolates = [];

before(async () => {
  upstream = await startLister([]);
});
beforeEach(async () => {
  Object.assign(upstream, { models: named(3), manner: "at-once", requests: [] });
  store = await startStore();
});
afterEach(async () => {
  await Promise.all(isolates.splice(0).map((isolate) => isolate.stop()));
  await store.stop();
});
after(() => upstream?.stop());

async function isolate({ withStore = true, providers = { only: provider(upstream) }, vars } = {}) {
  const settings = { vars: variables(providers, {}, { MODELS_TIMEOUT: "1", ...vars }), wrapper: "probe" };
  const worker = await startWorker({ ...settings, store: withStore ? store.address : undefined });
  isolates.push(worker);
  return worker;
}

const models = (worker, headers = {}) => call(`${worker.url}/v1/models`, { headers: { ...auth, ...headers } });
const forward = (worker, millis) => call(`${worker.url}/__forward?millis=${millis}`);
const kept = () => until(() => store.lists.length > 0, "the list in KV");

/** The answer, which must not have been waited for. */
async function atOnceModels(worker, headers) {
  const begun = Date.now();
  const answer = await models(worker, headers);
  const took = Date.now() - begun;
  assert.ok(took < atOnce, `${took} ms`);
  return answer;
}

function served(answer, freshness, count) {
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.headers["x-isthmus-cache"], freshness);
  assert.deepEqual(ids(answer), named(count));
}

test("a second isolate finds in KV what the first has made, and asks nobody", async () => {
  served(await models(await isolate()), "miss", 3);
  await kept();
  const second = await isolate();
  served(await models(second), "hit", 3);
  served(await models(second), "hit", 3);
  assert.equal(lists(upstream).length, 1);
  const [[name, { value, seconds }]] = store.lists;
  assert.equal(seconds, 86_400);
  assert.ok(![ownersKey, clientKey].some((key) => `${name}${value}`.includes(key)), "no secret in KV");
});

test("another configuration has another list", async () => {
  served(await models(await isolate()), "miss", 3);
  await kept();
  served(await models(await isolate({ vars: { MODELS_CACHE_TTL: "600" } })), "miss", 3);
  await until(() => store.lists.length === 2, "the second list in KV");
});

test("a stale list is served at once, and renewed in the background", async () => {
  const worker = await isolate();
  served(await models(worker), "miss", 3);
  await forward(worker, 6 * minute);
  Object.assign(upstream, { models: named(4), manner: "held" });
  served(await atOnceModels(worker), "stale", 3);
  const asked = await upstream.request((record) => record === lists(upstream)[1]);
  // One renews it, however many read it meanwhile.
  for (let i = 0; i < 5; i++) served(await atOnceModels(worker), "stale", 3);
  await new Promise((resolve) => setTimeout(resolve, 1500));
  assert.equal(lists(upstream).length, 2);
  asked.release();
  await until(async () => (await models(worker)).headers["x-isthmus-cache"] === "hit", "the new list");
  served(await models(worker), "hit", 4);
  assert.equal(lists(upstream).length, 2);
  await until(() => store.lists[0][1].value.includes("model-3"), "the new list in KV");
});

test("a list that is stale in KV is served and renewed by an isolate that has none", async () => {
  served(await models(await isolate()), "miss", 3);
  await kept();
  const worker = await isolate();
  await forward(worker, 20 * minute);
  upstream.models = named(4);
  served(await atOnceModels(worker), "stale", 3);
  await until(() => lists(upstream).length === 2, "the list asked for again");
  await until(async () => (await models(worker)).headers["x-isthmus-cache"] === "hit", "the new list");
  served(await models(worker), "hit", 4);
});

test("what another isolate has renewed meanwhile is taken from KV", async () => {
  const [first, second] = [await isolate(), await isolate()];
  served(await models(first), "miss", 3);
  await kept();
  served(await models(second), "hit", 3);
  for (const worker of [first, second]) await forward(worker, 6 * minute);
  upstream.models = named(4);
  served(await models(first), "stale", 3);
  await until(() => store.lists[0][1].value.includes("model-3"), "the new list in KV");
  served(await models(second), "stale", 3);
  await until(async () => (await models(second)).headers["x-isthmus-cache"] === "hit", "the new list");
  served(await models(second), "hit", 4);
  assert.equal(lists(upstream).length, 2);
});

test("it is renewed also when who read it has left", async () => {
  const worker = await isolate();
  served(await models(worker), "miss", 3);
  await forward(worker, 6 * minute);
  Object.assign(upstream, { models: named(4), manner: "held" });
  const reader = open(`${worker.url}/v1/models`, { headers: auth }).end();
  assert.equal((await reader.answer()).headers["x-isthmus-cache"], "stale");
  reader.reset();
  const asked = await upstream.request((record) => record === lists(upstream)[1]);
  await new Promise((resolve) => setTimeout(resolve, 200));
  assert.ok(!asked.closed, "the question goes on");
  asked.release();
  await until(async () => (await models(worker)).headers["x-isthmus-cache"] === "hit", "the new list");
  served(await models(worker), "hit", 4);
});

test("what cannot be renewed stands, and says so", async () => {
  const worker = await isolate();
  served(await models(worker), "miss", 3);
  await forward(worker, 6 * minute);
  upstream.manner = "is refused";
  served(await atOnceModels(worker), "stale", 3);
  const partial = async () => (await models(worker)).headers["x-isthmus-models-partial"] === "only";
  await until(partial, "that the upstream failed");
  served(await models(worker), "hit", 3);
  // Half a minute later it is asked again.
  upstream.manner = "at-once";
  await forward(worker, minute / 2 + 1000);
  served(await models(worker), "stale", 3);
  await until(async () => !(await partial()), "that it works again");
  assert.equal(lists(upstream).length, 3);
});

test("after a day nothing is served that was kept", async () => {
  const worker = await isolate();
  served(await models(worker), "miss", 3);
  await forward(worker, 25 * 60 * minute);
  upstream.models = named(4);
  served(await models(worker), "miss", 4);
});

test("who wants a new list gets one, and leaves it for the others", async () => {
  const worker = await isolate();
  served(await models(worker), "miss", 3);
  await kept();
  upstream.models = named(4);
  served(await models(worker, { "cache-control": "no-cache" }), "miss", 4);
  await until(() => store.lists[0][1].value.includes("model-3"), "the new list in KV");
  served(await models(await isolate()), "hit", 4);
});

for (const [what, manner] of [
  ["is silent", "silent"],
  ["fails", "failing"],
]) {
  test(`a KV that ${what} holds nobody up for long`, async () => {
    store.manner = manner;
    const worker = await isolate();
    const begun = Date.now();
    served(await models(worker), "miss", 3);
    assert.ok(Date.now() - begun < 900);
    served(await atOnceModels(worker), "hit", 3);
  });
}

test("without KV it works from memory", async () => {
  const worker = await isolate({ withStore: false });
  served(await models(worker), "miss", 3);
  served(await atOnceModels(worker), "hit", 3);
  await forward(worker, 6 * minute);
  upstream.models = named(4);
  served(await atOnceModels(worker), "stale", 3);
  await until(async () => (await models(worker)).headers["x-isthmus-cache"] === "hit", "the new list");
});

for (const value of [
  "",
  "{}",
  "no JSON",
  '{"asked_at":1}',
  "[".repeat(100_000),
  '{"asked_at":99999999999999,"sections":[{"provider":"only","at_millis":0,"models":9000000000,"is_failing":false}]}',
]) {
  test(`what is no list in KV is none: ${JSON.stringify(value.slice(0, 20))}`, async () => {
    served(await models(await isolate()), "miss", 3);
    await kept();
    const [[name]] = store.lists;
    store.entries.set(name, { value });
    served(await models(await isolate()), "miss", 3);
  });
}

test("while one makes the list the others wait for it, and ask neither upstream nor KV again and again", async () => {
  const worker = await isolate();
  upstream.manner = "held";
  const waiting = Array.from({ length: 30 }, () => models(worker));
  const asked = await upstream.next();
  await new Promise((resolve) => setTimeout(resolve, 500));
  asked.release();
  for (const answer of await Promise.all(waiting)) assert.deepEqual(ids(answer), named(3));
  assert.equal(lists(upstream).length, 1);
  const reads = store.calls.filter((call) => call.startsWith("GET models:")).length;
  assert.ok(reads <= 30, `${reads} reads of KV`);
});
