// Lists in the KV namespace of wrangler.toml: two Workers of one configuration are two isolates that share it.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { createTestHarness } from "wrangler";
import { auth, lists, named, provider, startLister, variables } from "./catalogue.mjs";
import { until } from "./until.mjs";
import { root, wranglerSettings } from "./worker.mjs";

let upstream, harness, store;

before(async () => {
  upstream = await startLister(named(500));
  const { toml, date, flags } = await wranglerSettings();
  const [, binding] = /\[\[kv_namespaces\]\]\s*binding = "(\w+)"/.exec(toml);
  const vars = variables({ only: provider(upstream) }, {}, { LOG_LEVEL: "error" });
  const isolate = (name) => ({
    config: {
      name,
      main: join(root, "build/shim.js"),
      compatibility_date: date,
      compatibility_flags: flags,
      kv_namespaces: [{ binding, id: "shared" }],
      vars,
    },
  });
  harness = createTestHarness({ workers: ["first", "second"].map(isolate) });
  await harness.listen();
  store = (await harness.getWorker("first").getEnv())[binding];
});
after(async () => {
  await harness?.close();
  await upstream?.stop();
});

async function models(name) {
  const answer = await harness.getWorker(name).fetch("http://isthmus/v1/models", { headers: auth });
  assert.equal(answer.status, 200);
  return [answer.headers.get("x-isthmus-cache"), (await answer.json()).data.map(({ id }) => id)];
}

test("what one isolate has made another finds, and asks nobody; it is gone after a day", async () => {
  assert.deepEqual(await models("first"), ["miss", named(500)]);
  const { keys } = await until(async () => {
    const found = await store.list({ prefix: "models:" });
    return found.keys.length > 0 && found;
  }, "the list in KV");
  assert.equal(keys.length, 1);
  const left = keys[0].expiration - Date.now() / 1000;
  assert.ok(left > 86_000 && left <= 86_400, `${left} s`);
  assert.deepEqual(await models("second"), ["hit", named(500)]);
  assert.equal(lists(upstream).length, 1);
});
