// Upstreams whose lists cannot be had, or hold what nobody expects.
import assert from "node:assert/strict";
import { after, afterEach, test } from "node:test";
import { auth, deadPort, ids, lists, named, ownersKey, provider, startLister, variables } from "./catalogue.mjs";
import { call } from "./client.mjs";
import { until } from "./until.mjs";
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
  worker = await startWorker({ vars: variables(providers, document, { MODELS_TIMEOUT: "1" }), wrapper: "probe" });
  return call(`${worker.url}/v1/models`, { headers: auth });
}

for (const [manner, status, code] of [
  // A server that speaks OpenAI's API says in its own words what it has against a call.
  ["is refused", 401, "invalid_api_key"],
  ["is awaited in vain", 504, "upstream_timeout"],
  ["breaks off", 502, "upstream_broke"],
  ["never ends", 504, "upstream_timeout"],
  ["is none", 502, "upstream_nonsense"],
  ["is elsewhere", 502, "upstream_redirect"],
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

test("a list that never ends is given up at its server, too", async () => {
  const one = await lister(named(3), "never ends");
  await models({ only: provider(one) });
  await until(() => one.last.closed, "the end of the connection", 1000);
});

test("a list beyond all bounds is an error, and is not held", async () => {
  const one = await lister(named(10_000).map((id) => ({ id, description: "x".repeat(4000) })));
  const answer = await models({ only: provider(one) });
  assert.equal(answer.status, 502, answer.text.slice(0, 500));
  assert.equal(answer.json.error.code, "list_too_large");
  const { bytes } = (await call(`${worker.url}/__memory`)).json;
  assert.ok(bytes < 32 << 20, `${bytes} bytes of wasm memory`);
});

for (const manner of ["gzip", "is deep"]) {
  test(`a list that ${manner === "gzip" ? "is compressed" : manner} is a list`, async () => {
    const answer = await models({ only: provider(await lister(named(100), manner)) });
    assert.equal(answer.status, 200, answer.text);
    assert.deepEqual(ids(answer).slice(0, 100), named(100));
    // Parsers that recurse have to be able to read it.
    assert.ok(!answer.text.includes("[".repeat(33)));
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
  const answer = await models(
    { only: provider(await lister(named(3), "is refused")) },
    { models: { mine: "only/theirs" } },
  );
  assert.equal(answer.status, 200);
  assert.deepEqual(ids(answer), ["mine"]);
  assert.equal(answer.headers["x-isthmus-models-partial"], "only");
});

test("names that are hostile, and names that are strange", async () => {
  const hostile = ["line\nbreak", "tab\there", "null\0", "escape\u001b[31m", "delete\u007f", ""];
  const strange = [
    'quoted "name"',
    "back\\slash",
    "größe/模型-🌍",
    "a b",
    "<script>",
    "models/x",
    "%2e%2e",
    "x".repeat(500),
  ];
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
  assert.deepEqual(
    lists(one).map(({ headers }) => headers.authorization),
    ["Bearer first", "Bearer second"],
  );
});
