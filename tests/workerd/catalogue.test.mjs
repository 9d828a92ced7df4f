// One list of models out of many upstreams, some of which do not answer: who is asked, how often, and what each kind of
// client gets of it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as azureMock from "./azure.mjs";
import {
  auth,
  clientKey,
  deadPort,
  ids,
  lists,
  named,
  ownersKey,
  provider,
  startLister,
  variables,
} from "./catalogue.mjs";
import { call } from "./client.mjs";
import * as googleMock from "./google.mjs";
import { until } from "./until.mjs";
import { startWorker } from "./worker.mjs";

const teamKey = "key-of-the-team";
const slashed = "meta-llama/Llama-4-Scout";

let plain, azure, google, silent, worker;

before(async () => {
  [plain, silent] = await Promise.all([
    startLister([...named(39), slashed]),
    startLister(named(5, "never"), "is awaited in vain"),
  ]);
  [azure, google] = await Promise.all([azureMock.startAzure(), googleMock.startGoogle()]);
  const providers = {
    plain: provider(plain),
    azure: { kind: "azure", endpoint: azure.origin, form: "classic", key: "$AZURE_KEY" },
    google: { kind: "google", endpoint: google.origin, key: "$GOOGLE_KEY" },
    dead: provider({ url: await deadPort() }),
    silent: provider(silent),
  };
  const document = {
    models: { best: ["azure/gpt-4o", "plain/model-1"] },
    clients: {
      all: { key: "$CLIENT_KEY" },
      team: { key: "$TEAM_KEY", models: ["model-1*", "gemini-*", "best", slashed] },
    },
  };
  const keys = { AZURE_KEY: azureMock.key, GOOGLE_KEY: googleMock.key, CLIENT_KEY: clientKey, TEAM_KEY: teamKey };
  const { PROXY_API_KEYS: _, ...vars } = variables(providers, document, { ...keys, MODELS_TIMEOUT: "1" });
  worker = await startWorker({ vars });
});
after(async () => {
  await worker?.stop();
  await Promise.all([plain, azure, google, silent].map((upstream) => upstream?.stop()));
  assert.deepEqual(azure?.complaints, []);
  assert.deepEqual(google?.complaints, []);
});

const get = (path, headers = auth) => call(`${worker.url}${path}`, { headers });

test("everybody is asked at once, and the list is what came within a second", async () => {
  const begun = Date.now();
  const answer = await get("/v1/models");
  const took = Date.now() - begun;
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.headers["x-isthmus-cache"], "miss");
  assert.equal(answer.headers["x-isthmus-models-partial"], "dead, silent");
  assert.ok(took >= 1000 && took < 1900, `${took} ms: one deadline, not one after the other`);

  const all = ids(answer);
  assert.equal(all[0], "best", "what is configured comes first");
  for (const name of [...named(39), slashed, "azure/prod", "gemini-3.8-flash", "gemma-4-31b-it"]) {
    assert.ok(all.includes(name), name);
  }
  assert.equal(new Set(all.map((id) => id.toLowerCase())).size, all.length, "no name twice");
  for (const item of answer.json.data) {
    assert.equal(item.object, "model", item.id);
    assert.equal(typeof item.created, "number", item.id);
    assert.equal(typeof item.owned_by, "string", item.id);
  }
  assert.equal(answer.json.data.find(({ id }) => id === "model-7").context_length, 128_000);
});

test("each was asked once for each of its pages, with its own credential", () => {
  assert.equal(lists(plain).length, 1);
  assert.equal(plain.last.headers.authorization, `Bearer ${ownersKey}`);
  assert.equal(lists(silent).length, 1);
  // A path each is tried in turn, but none of them twice.
  const paths = lists(azure).map(({ url }) => url);
  assert.equal(new Set(paths).size, paths.length);
  assert.equal(lists(azure)[0].headers["api-key"], azureMock.key);
  // Of eight models each, however many were asked for.
  const pages = lists(google).map(({ query }) => query.get("pageToken"));
  assert.deepEqual(pages, [null, "page-8", "page-16"]);
});

test("nothing is left open at who did not answer", async () => {
  await until(() => silent.requests.every((record) => record.closed), "the end of what was asked of it", 1000);
});

test("the next is served from memory, at once", async () => {
  const upstreams = [plain, azure, google, silent];
  const before = upstreams.map((upstream) => upstream.requests.length);
  const first = await get("/v1/models");
  const begun = Date.now();
  const second = await get("/v1/models");
  assert.ok(Date.now() - begun < 300);
  for (const answer of [first, second]) {
    assert.equal(answer.headers["x-isthmus-cache"], "hit");
    assert.equal(answer.headers["x-isthmus-models-partial"], "dead, silent");
  }
  assert.deepEqual(first.json, second.json);
  assert.deepEqual(
    upstreams.map((upstream) => upstream.requests.length),
    before,
  );
});

test("a limited key sees what it may use", async () => {
  const answer = await get("/v1/models", { authorization: `Bearer ${teamKey}` });
  assert.equal(answer.headers["x-isthmus-cache"], "hit");
  const all = ids(await get("/v1/models"));
  const its = all.filter((id) => /^(model-1|gemini-|best$)/.test(id) || id === slashed);
  assert.deepEqual(ids(answer), its);
  assert.ok(its.length > 11 && its.length < all.length);
  const other = await get("/v1/models/model-2", { authorization: `Bearer ${teamKey}` });
  assert.equal(other.status, 403);
  assert.equal((await get("/v1/models", {})).status, 401);
});

test("one model, also by a name with a slash, encoded or not", async () => {
  const { json } = await get("/v1/models");
  for (const [id, path] of [
    ["model-3", "model-3"],
    ["best", "best"],
    [slashed, slashed],
    [slashed, encodeURIComponent(slashed)],
    ["azure/prod", "azure%2Fprod"],
    ["gemini-3.8-flash", "gemini-3.8-flash"],
  ]) {
    const one = await get(`/v1/models/${path}`);
    assert.equal(one.status, 200, `${path}: ${one.text}`);
    assert.deepEqual(
      one.json,
      json.data.find((item) => item.id === id),
      path,
    );
  }
  const missing = await get("/v1/models/no/such-model");
  assert.equal(missing.status, 404);
  assert.equal(missing.json.error.code, "model_not_found");
});

test("every name of the list can be called as it stands", async () => {
  const chats = ids(await get("/v1/models")).filter((id) =>
    /^(best|model-3|meta-llama.*|azure.(gpt-4o|prod)|gemini-3.8-flash)$/.test(id),
  );
  assert.equal(chats.length, 6, chats.join());
  for (const model of chats) {
    const json = { model, messages: [{ role: "user", content: "hello" }] };
    const answer = await call(`${worker.url}/v1/chat/completions`, { json, headers: auth });
    assert.equal(answer.status, 200, `${model}: ${answer.text}`);
  }
});

test("Azure's clients and Google's get the same models in their own shape", async () => {
  const all = ids(await get("/v1/models"));
  const azures = await get("/openai/models?api-version=2024-10-21", { "api-key": clientKey });
  assert.equal(azures.status, 200, azures.text);
  assert.deepEqual(ids(azures), all);

  const names = [];
  let token = "";
  do {
    const page = await get(`/v1beta/models?pageSize=30${token && `&pageToken=${token}`}`, {
      "x-goog-api-key": clientKey,
    });
    assert.equal(page.status, 200, page.text);
    assert.ok(page.json.models.length <= 30);
    names.push(...page.json.models.map(({ name }) => name));
    token = page.json.nextPageToken ?? "";
  } while (token && names.length < 1000);
  assert.deepEqual(
    names,
    all.map((id) => `models/${id}`),
  );
});

test("who wants nothing that was kept has everybody asked again", async () => {
  plain.models = [...named(2), slashed];
  const before = lists(plain).length;
  const headers = { ...auth, "cache-control": "max-age=0, no-cache" };
  const answer = await get("/v1/models", headers);
  assert.equal(answer.headers["x-isthmus-cache"], "miss");
  assert.equal(lists(plain).length, before + 1);
  assert.ok(!ids(answer).includes("model-3"));
  const next = await get("/v1/models");
  assert.equal(next.headers["x-isthmus-cache"], "hit");
  assert.deepEqual(next.json, answer.json);
});
