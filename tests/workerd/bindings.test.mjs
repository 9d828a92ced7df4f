// The Worker as wrangler.toml describes it, with its KV namespace and its Durable Object.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createTestHarness } from "wrangler";

const harness = createTestHarness({
  workers: [
    {
      configPath: new URL("../../wrangler.toml", import.meta.url),
      vars: { GATEWAY: "kv", LOG_LEVEL: "error", MAX_JSON_BODY: 500, CORS_ALLOW_ORIGINS: ["https://a.test", "https://b.test"] },
      secrets: { TEAM_KEY: "the-teams-key" },
    },
  ],
});
before(() => harness.listen());
after(() => harness.close());

const GATEWAY = {
  providers: { play: { kind: "demo" } },
  models: { "from-kv": "play/demo" },
  clients: { team: { key: "$TEAM_KEY", rpm: 3 } },
  // The object is asked before each call.
  limits: { mode: "exact" },
};

const models = () => harness.fetch("/v1/models", { headers: { "api-key": "the-teams-key" } });
const chat = (content = "hello") =>
  harness.fetch("/v1/chat/completions", {
    method: "POST",
    headers: { "api-key": "the-teams-key", origin: "https://b.test" },
    body: JSON.stringify({ model: "from-kv", messages: [{ role: "user", content }] }),
  });

test("the GATEWAY document comes from KV, and its absence is said", async () => {
  const missing = await models();
  assert.equal(missing.status, 500);
  assert.match((await missing.json()).error.message, /GATEWAY.*KV/);

  const env = await harness.getWorker().getEnv();
  await env.STORE.put("gateway", JSON.stringify(GATEWAY));
  // What KV did not have is asked again with the next requests, in the background.
  const deadline = Date.now() + 5000;
  let listed;
  do listed = await models();
  while (listed.status !== 200 && Date.now() < deadline);
  const ids = (await listed.json()).data.map((model) => model.id);
  assert.deepEqual(ids, ["from-kv", "demo", "demo-embedding"]);
});

test("a client's limit is counted in the Durable Object", async () => {
  const statuses = [];
  for (let i = 0; i < 5; i++) statuses.push((await chat()).status);
  assert.deepEqual(statuses, [200, 200, 200, 429, 429]);
  const refused = await chat();
  assert.ok(Number(refused.headers.get("retry-after")) >= 1);
});

test("an object that was evicted denies what it denied", async () => {
  await harness.getWorker().evictDurableObject("LIMITER", { name: "client:team" });
  assert.equal((await chat()).status, 429);
});

test("a variable may be a number or a list", async () => {
  const refused = await chat("x".repeat(500));
  assert.equal(refused.status, 413);
  assert.match((await refused.json()).error.message, /500 bytes/);
  assert.equal(refused.headers.get("access-control-allow-origin"), "https://b.test");
});
