// What isolates leave for each other in KV: the name a deployment was found under, and the token of Entra ID.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createTestHarness } from "wrangler";
import { application } from "./azure-entra.mjs";
import { clientKey, key, startAzure } from "./azure.mjs";
import { until } from "./until.mjs";

let azure, harness, store;

before(async () => {
  azure = await startAzure();
  const provider = { kind: "azure", endpoint: azure.origin, form: "classic" };
  const entra = { ...application, authority: azure.origin, client_secret: "$ENTRA_SECRET" };
  const providers = { keyed: { ...provider, key: "$AZURE_KEY" }, entra: { ...provider, entra } };
  const models = { "by-token": "entra/gpt-4o" };
  harness = createTestHarness({
    workers: [
      {
        configPath: new URL("../../wrangler.toml", import.meta.url),
        vars: { GATEWAY: { providers, models, default: "keyed" }, LOG_LEVEL: "error" },
        secrets: { AZURE_KEY: key, ENTRA_SECRET: application.client_secret, PROXY_API_KEYS: clientKey },
      },
    ],
  });
  await harness.listen();
  store = (await harness.getWorker().getEnv()).STORE;
});
after(async () => {
  await harness?.close();
  await azure?.stop();
  // wrangler's own runtime names the Worker in a header of its own.
  const complaints = azure.complaints.filter((complaint) => !complaint.endsWith(": cf-worker"));
  assert.deepEqual(complaints, []);
});

async function chat(model) {
  const before = azure.requests.length;
  const body = JSON.stringify({ model, messages: [{ role: "user", content: "hello" }] });
  const answer = await harness.fetch("/v1/chat/completions", { method: "POST", headers: { "api-key": clientKey }, body });
  assert.equal(answer.status, 200, await answer.text());
  return azure.requests.slice(before).map((record) => decodeURIComponent(record.path.split("/")[3]));
}

test("what was found is left for the others, and what they found is used", async () => {
  assert.deepEqual(await chat("gpt-3.5-turbo"), ["gpt-3.5-turbo", "gpt-35-turbo"]);
  assert.equal(await until(() => store.get("found:keyed:gpt-3.5-turbo"), "the name in KV"), "gpt-35-turbo\t");
  await store.put("found:keyed:gpt-3.5-turbo-0613", "gpt-4o\t");
  assert.deepEqual(await chat("gpt-3.5-turbo-0613"), ["gpt-4o"]);
});

test("a token is left for the others, without the secret it was given for", async () => {
  await chat("by-token");
  const { keys } = await until(async () => {
    const listed = await store.list({ prefix: "entra:" });
    return listed.keys.length > 0 && listed;
  }, "the token in KV");
  assert.equal(keys.length, 1);
  assert.ok(keys[0].expiration > Date.now() / 1000, "it expires");
  assert.ok(!keys[0].name.includes(application.client_secret));
  const [minted] = azure.entra.minted;
  assert.match(await store.get(keys[0].name), new RegExp(`^\\d+ ${minted}$`));
});
