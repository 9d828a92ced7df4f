// AI Studio by flat settings: names, addresses, and several keys, of which one that is spent is left alone for as long
// as Google says.
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { chat } from "./client.mjs";
import { badKey, throttled } from "./google-refusals.mjs";
import { clientKey, key, secondKey, startGoogle } from "./google.mjs";
import { startWorker } from "./worker.mjs";

let google, worker;

before(async () => {
  google = await startGoogle();
});
afterEach(async () => {
  await worker?.stop();
  worker = undefined;
  google.keys.set(key, undefined).set(secondKey, undefined);
});
after(async () => {
  await google?.stop();
  assert.deepEqual(google.complaints, []);
});

const headers = { authorization: `Bearer ${clientKey}` };

async function start(more = {}) {
  const vars = {
    AZURE_OPENAI_PROXY_MODE: "google",
    GOOGLE_AI_STUDIO_API_KEY: `${key}, ${secondKey}`,
    GOOGLE_AI_STUDIO_ENDPOINT: google.origin,
    PROXY_API_KEYS: clientKey,
    ...more,
  };
  worker = await startWorker({ vars });
}

/** The keys a call was tried with, and its answer. */
async function ask(model = "gemini-3.8-flash") {
  const before = google.requests.length;
  const answer = await chat(worker.url, { model }, headers);
  return { answer, keys: google.requests.slice(before).map((record) => record.headers["x-goog-api-key"]) };
}

/** Which key is the first is the gateway's business. */
async function spend(refusal) {
  google.keys.set(key, refusal);
  const first = await ask();
  if (first.keys.includes(key)) return first;
  return ask();
}

test("one that is spent is followed by the other, and left alone", async () => {
  await start();
  const { answer, keys } = await spend(throttled("30s"));
  assert.equal(answer.status, 200, answer.text);
  assert.deepEqual(keys, [key, secondKey]);
  for (let i = 0; i < 4; i += 1) assert.deepEqual((await ask()).keys, [secondKey]);
});

test("it is used again when its time is over", async () => {
  await start();
  await spend(throttled("1s"));
  google.keys.set(key, undefined).set(secondKey, throttled("30s"));
  await sleep(1100);
  const { answer, keys } = await ask();
  assert.equal(answer.status, 200, answer.text);
  assert.equal(keys.at(-1), key);
});

test("one that is wrong is followed by the other, too", async () => {
  await start();
  const { answer, keys } = await spend(badKey);
  assert.equal(answer.status, 200, answer.text);
  assert.deepEqual(keys, [key, secondKey]);
});

test("when all are spent the client hears of the first that comes back", async () => {
  await start();
  google.keys.set(key, throttled("30s")).set(secondKey, throttled("20s"));
  const { answer } = await ask();
  assert.equal(answer.status, 429);
  assert.equal(answer.json.error.code, "rate_limit_exceeded");
  assert.ok(Number(answer.headers["retry-after"]) <= 30);
});

test("names are changed by flat settings", async () => {
  await start({ GOOGLE_MODEL_MAPPER: "gpt-4o=gemini-2.5-flash, my-model = gemini-3.5-flash" });
  for (const [model, expected] of [
    ["gpt-4o", "gemini-2.5-flash"],
    ["my-model", "gemini-3.5-flash"],
    ["gemini-3.8-flash", "gemini-3.8-flash"],
  ]) {
    assert.equal((await ask(model)).answer.status, 200, model);
    assert.equal(google.last.path, `/v1beta/models/${expected}:generateContent`);
  }
});

test("names as people write them", async () => {
  await start({ AZURE_OPENAI_PROXY_MODE: "" });
  for (const [asked, expected] of [
    ["models/gemini-3.8-flash", "models/gemini-3.8-flash"],
    ["google/gemini-3.8-flash", "models/gemini-3.8-flash"],
    ["Gemini-3.8-Flash", "models/gemini-3.8-flash"],
    ["tunedModels/mine", "tunedModels/mine"],
    ["gpt-4o-mini-2024-07-18", "models/gemini-3.5-flash-lite"],
    ["gpt-4.1", "models/gemini-3.8-flash"],
    ["o3-mini", "models/gemini-3.8-flash"],
    ["gemini-1.5-pro-002", "models/gemini-pro-latest"],
    ["gemini-pro-vision", "models/gemini-flash-latest"],
    ["chat-bison@002", "models/gemini-3.5-flash-lite"],
  ]) {
    assert.equal((await ask(asked)).answer.status, 200, asked);
    assert.equal(google.last.path, `/v1beta/${expected}:generateContent`);
  }
  assert.equal((await ask("gemini-3.8-flash:search")).answer.status, 200);
  assert.deepEqual(google.last.json.tools, [{ googleSearch: {} }]);
});

test("an address as it is copied from a call", async () => {
  const call = `${google.origin}/v1beta/models/gemini-flash-latest:generateContent?key=k`;
  await start({ GOOGLE_AI_STUDIO_ENDPOINT: call });
  assert.equal((await ask()).answer.status, 200);
  assert.equal(google.last.url, "/v1beta/models/gemini-3.8-flash:generateContent");
});

test("without a key of the owner's the client's own goes along", async () => {
  await start({ GOOGLE_AI_STUDIO_API_KEY: "", PROXY_API_KEYS: "", ALLOW_ANONYMOUS: "true" });
  const answer = await chat(worker.url, { model: "gemini-3.8-flash" }, { authorization: `Bearer ${key}` });
  assert.equal(answer.status, 200, answer.text);
  assert.equal(google.last.headers["x-goog-api-key"], key);
});

test("without a key nothing is asked for", async () => {
  await start({ GOOGLE_AI_STUDIO_API_KEY: "" });
  const { answer, keys } = await ask();
  assert.ok(answer.status >= 400 && answer.json.error.message, answer.text);
  assert.deepEqual(keys, []);
});
