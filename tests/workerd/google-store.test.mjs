// What isolates leave for each other in KV: the token of a service account.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createTestHarness } from "wrangler";
import { clientKey, startGoogle, variables } from "./google.mjs";
import { until } from "./until.mjs";

const configPath = new URL("../../wrangler.toml", import.meta.url);

let google, entry;

before(async () => {
  google = await startGoogle();
});
after(async () => {
  await google?.stop();
  // wrangler's own runtime names the Worker in a header of its own.
  const complaints = google.complaints.filter((complaint) => !complaint.endsWith(": cf-worker"));
  assert.deepEqual(complaints, []);
});

/** What an isolate does that has nothing in memory yet. */
async function inAnIsolate(something) {
  const { GATEWAY, ...secrets } = variables(google);
  const vars = { GATEWAY: JSON.parse(GATEWAY), LOG_LEVEL: "error" };
  const harness = createTestHarness({ workers: [{ configPath, vars, secrets }] });
  try {
    await harness.listen();
    const { STORE: store } = await harness.getWorker().getEnv();
    return await something({ store, chat: () => chat(harness) });
  } finally {
    await harness.close();
  }
}

async function chat(harness) {
  const body = JSON.stringify({ model: "vertex/gemini-3.8-flash", messages: [{ role: "user", content: "hello" }] });
  const answer = await harness.fetch("/v1/chat/completions", {
    method: "POST",
    headers: { "api-key": clientKey },
    body,
  });
  assert.equal(answer.status, 200, await answer.text());
}

/** The entry that holds a token, with its value. */
async function kept(store, token) {
  const { keys } = await store.list();
  const entries = await Promise.all(keys.map(async (key) => ({ ...key, value: await store.get(key.name) })));
  return entries.find(({ value }) => value?.includes(token));
}

test("a token is left for the others, for less than its time, without the key it was signed with", async () => {
  entry = await inAnIsolate(async ({ store, chat }) => {
    await chat();
    return until(() => kept(store, google.oauth.minted[0]), "the token in KV");
  });
  const left = entry.expiration - Date.now() / 1000;
  assert.ok(left > 0 && left <= 3600, `${left}`);
  assert.ok(!`${entry.name}${entry.value}`.includes("PRIVATE KEY"));
});

test("what another has left is used, and nothing asked for", async () => {
  const { name, value, expiration } = entry;
  const others = "token-of-another-isolate";
  await inAnIsolate(async ({ store, chat }) => {
    await store.put(name, value.replace(google.oauth.minted[0], others), { expiration });
    google.oauth.minted = [others];
    await chat();
  });
  assert.deepEqual(google.oauth.minted, [others]);
  assert.equal(google.last.headers.authorization, `Bearer ${others}`);
});
