// Upstreams whose lists cannot be had.
import assert from "node:assert/strict";
import { after, afterEach, test } from "node:test";
import { auth, deadPort, ids, lists, named, ownersKey, provider, startLister, variables } from "./catalogue.mjs";
import { call } from "./client.mjs";
import { startWorker } from "./worker.mjs";

const started = [];
async function lister(models, manner) {
  const one = await startLister(models, manner);
  started.push(one);
  return one;
}
let worker;
afterEach(() => worker?.stop());
after(() => Promise.all(started.map((one) => one.stop())));

/** A Worker before these, and what it says of their models. */
async function models(providers, document) {
  worker = await startWorker({ vars: variables(providers, document, { MODELS_TIMEOUT: "1" }) });
  return call(`${worker.url}/v1/models`, { headers: auth });
}

for (const [manner, status, code] of [
  // A server that speaks OpenAI's API says in its own words what it has against a call.
  ["is refused", 401, "invalid_api_key"],
  ["is awaited in vain", 504, "upstream_timeout"],
  ["breaks off", 502, "upstream_broke"],
  ["is none", 502, "upstream_nonsense"],
]) {
  test(`alone, an upstream whose list ${manner} is an error, never an empty list`, async () => {
    const answer = await models({ only: provider(await lister(named(3), manner)) });
    assert.equal(answer.status, status, answer.text);
    assert.equal(answer.json.error.code, code);
    assert.ok(!`${answer.text}${JSON.stringify(answer.headers)}${worker.output}`.includes(ownersKey), "no secret");
  });

  test(`beside others, an upstream whose list ${manner} is named`, async () => {
    const [good, bad] = [await lister(named(3)), await lister(named(3), manner)];
    const answer = await models({ good: provider(good), bad: provider(bad) });
    assert.equal(answer.status, 200);
    assert.deepEqual(ids(answer), named(3));
    assert.equal(answer.headers["x-isthmus-models-partial"], "bad");
  });
}

test("a dead port is an error", async () => {
  const answer = await models({ only: provider({ url: await deadPort() }) });
  assert.equal(answer.status, 502);
  assert.equal(answer.json.error.code, "upstream_unreachable");
});

test("what failed is asked for again, but not by every call", async () => {
  const one = await lister(named(3), "is refused");
  assert.equal((await models({ only: provider(one) })).status, 401);
  assert.equal((await call(`${worker.url}/v1/models`, { headers: auth })).status, 401);
  assert.equal(lists(one).length, 1);
  one.manner = "at-once";
  const anew = await call(`${worker.url}/v1/models`, { headers: { ...auth, "cache-control": "no-cache" } });
  assert.deepEqual(ids(anew), named(3));
});

test("what is configured is there whoever fails", async () => {
  const answer = await models({ only: provider(await lister(named(3), "is refused")) }, { models: { mine: "only/theirs" } });
  assert.equal(answer.status, 200);
  assert.deepEqual(ids(answer), ["mine"]);
  assert.equal(answer.headers["x-isthmus-models-partial"], "only");
});

test("names that are hostile, and names that are strange", async () => {
  const hostile = ["line\nbreak", "tab\there", "null\0", "escape\u001b[31m", "delete\u007f", ""];
  const strange = ['quoted "name"', "back\\slash", "größe/模型-🌍", "a b", "<script>", "models/x", "%2e%2e", "x".repeat(500)];
  const one = await lister([...hostile, ...strange, null, 7, { object: "model" }, { id: 7 }, { id: null }]);
  const answer = await models({ only: provider(one) });
  assert.equal(answer.status, 200, answer.text);
  assert.deepEqual(ids(answer), strange);
  for (const id of strange) {
    const asked = await call(`${worker.url}/v1/models/${encodeURIComponent(id)}`, { headers: auth });
    assert.equal(asked.json.id, id);
  }
});

test("a list that is read one byte at a time is the same list", async () => {
  const one = await lister(named(40), "drip");
  const answer = await models({ only: provider(one) });
  assert.equal(answer.status, 200, answer.text);
  assert.deepEqual(ids(answer), named(40));
});

test("a key of the client's own has a list of its own", async () => {
  const one = await lister(named(3));
  const { PROXY_API_KEYS: _, ...vars } = variables({ only: { kind: "openai", endpoint: one.url } });
  worker = await startWorker({ vars });
  const asked = (key) => call(`${worker.url}/v1/models`, { headers: { authorization: `Bearer ${key}` } });
  assert.equal((await asked("first")).headers["x-isthmus-cache"], "miss");
  one.models = named(5);
  assert.equal(ids(await asked("second")).length, 5);
  assert.equal((await asked("first")).headers["x-isthmus-cache"], "hit");
  assert.deepEqual(lists(one).map(({ headers }) => headers.authorization), ["Bearer first", "Bearer second"]);
});
