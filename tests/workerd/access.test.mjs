// Who gets in, on whose credential, from which page; and what is served besides the API.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, test } from "node:test";
import { call, chat } from "./client.mjs";
import { startUpstream } from "./upstream.mjs";
import { startWorker } from "./worker.mjs";

let upstream, keyed, own, closed, free, listed;

before(async () => {
  upstream = await startUpstream();
  const OPENAI_BASE_URL = upstream.url;
  const OPENAI_API_KEY = "key-of-the-owner";
  const digest = createHash("sha256").update("key-of-dora").digest("hex");
  const PROXY_API_KEYS = `key-of-nobody, bob:key-of-bob, carol:key-of-carol:m|gpt-4*, dora:sha256:${digest}:m`;
  const start = (vars) => startWorker({ vars: { OPENAI_BASE_URL, ...vars } });
  [keyed, own, closed, free, listed] = await Promise.all([
    start({ OPENAI_API_KEY, PROXY_API_KEYS }),
    start({}),
    start({ OPENAI_API_KEY }),
    start({ OPENAI_API_KEY, ALLOW_ANONYMOUS: "true" }),
    start({ CORS_ALLOW_ORIGINS: "https://one.example, https://two.example/" }),
  ]);
});
after(async () => {
  await Promise.all([keyed, own, closed, free, listed].map((worker) => worker?.stop()));
  await upstream?.stop();
});

const bearer = (key) => ({ authorization: `Bearer ${key}` });

test("without a key: 401 missing_api_key", async () => {
  const answer = await chat(keyed.url, { model: "m" });
  assert.equal(answer.status, 401);
  assert.equal(answer.json.error.code, "missing_api_key");
  assert.equal(answer.json.error.type, "authentication_error");
  assert.equal(answer.headers["www-authenticate"], "Bearer");
});

test("with a wrong key: 401 invalid_api_key, and the upstream hears nothing", async () => {
  const before = upstream.requests.length;
  const answer = await chat(keyed.url, { model: "m" }, bearer("key-of-the-owner"));
  assert.equal(answer.status, 401);
  assert.equal(answer.json.error.code, "invalid_api_key");
  assert.ok(!answer.text.includes("key-of-the-owner"));
  assert.equal(upstream.requests.length, before);
});

const styles = {
  "Authorization: Bearer": bearer("key-of-bob"),
  "Authorization: bearer": { authorization: "bearer key-of-bob" },
  "Authorization, bare": { authorization: "key-of-bob" },
  "api-key": { "api-key": "key-of-bob" },
  "x-api-key": { "x-api-key": "key-of-bob" },
  "x-goog-api-key": { "x-goog-api-key": "key-of-bob" },
};
for (const [style, headers] of Object.entries(styles)) {
  test(`a key of ours as ${style} opens, and ours goes on`, async () => {
    assert.equal((await chat(keyed.url, { model: "m" }, headers)).status, 200);
    assert.equal(upstream.last.headers.authorization, "Bearer key-of-the-owner");
    for (const name of ["api-key", "x-api-key", "x-goog-api-key"]) assert.equal(upstream.last.headers[name], undefined);
  });
}

const rights = [
  ["key-of-nobody", "anything", 200],
  ["key-of-bob", "anything", 200],
  ["key-of-carol", "m", 200],
  ["key-of-carol", "gpt-4-turbo", 200],
  ["key-of-carol", "other", 403],
  ["key-of-dora", "m", 200],
  ["key-of-dora", "other", 403],
];
for (const [key, model, status] of rights) {
  test(`${key} asking for ${model} gets ${status}`, async () => {
    const answer = await chat(keyed.url, { model }, bearer(key));
    assert.equal(answer.status, status);
    if (status === 403) assert.equal(answer.json.error.code, "model_not_allowed");
  });
}

test("a limited key opens no call that names no model", async () => {
  assert.equal((await call(`${keyed.url}/v1/files`, { headers: bearer("key-of-carol") })).status, 403);
});

test("a credential of ours and no client keys: nobody gets in", async () => {
  const answer = await chat(closed.url, { model: "m" }, bearer("key-of-the-owner"));
  assert.equal(answer.status, 403);
  assert.equal(answer.json.error.code, "gateway_closed");
});

test("ALLOW_ANONYMOUS lets everybody in on ours", async () => {
  assert.equal((await chat(free.url, { model: "m" })).status, 200);
  assert.equal(upstream.last.headers.authorization, "Bearer key-of-the-owner");
});

test("without a credential of ours the client's own goes on, and who pays is its to say", async () => {
  const mine = { ...bearer("key-of-the-client"), "openai-organization": "org-of-the-client" };
  assert.equal((await chat(own.url, { model: "m" }, mine)).status, 200);
  assert.equal(upstream.last.headers.authorization, "Bearer key-of-the-client");
  assert.equal(upstream.last.headers["openai-organization"], "org-of-the-client");
});

test("without any credential there is nothing to go on with", async () => {
  const answer = await chat(own.url, { model: "m" });
  assert.equal(answer.status, 401);
  assert.equal(answer.json.error.code, "missing_api_key");
});

const outcomes = [
  ["an answer", { model: "m" }, 200],
  ["a stream", { model: "m", stream: true }, 200],
  ["the upstream's refusal", { model: "status-404" }, 404],
  ["our refusal", { model: "redirect" }, 502],
];
for (const [what, body, status] of outcomes) {
  test(`a page in a browser may read ${what}`, async () => {
    const answer = await chat(own.url, body, { ...bearer("key-of-the-client"), origin: "https://page.example" });
    assert.equal(answer.status, status);
    assert.equal(answer.headers["access-control-allow-origin"], "*");
    assert.equal(answer.headers["access-control-expose-headers"], "*");
  });
}

test("a page may read that it has no key, or got lost", async () => {
  for (const path of ["/v1/models", "/nowhere", "/health", "/"]) {
    const answer = await call(keyed.url + path, { headers: { origin: "https://page.example" } });
    assert.equal(answer.headers["access-control-allow-origin"], "*", path);
  }
});

test("a preflight gets what it asks for, without a key", async () => {
  const asked = "authorization,content-type,x-stainless-os,x-stainless-retry-count";
  const answer = await preflight(keyed, { "access-control-request-headers": asked });
  assert.equal(answer.status, 204);
  assert.equal(answer.headers["access-control-allow-origin"], "*");
  assert.equal(answer.headers["access-control-allow-headers"], asked);
  assert.match(answer.headers["access-control-allow-methods"], /POST.*DELETE/);
  assert.equal(answer.headers["access-control-max-age"], "86400");
});

test("CORS_ALLOW_ORIGINS: only the listed pages are named", async () => {
  const from = async (origin) => (await preflight(listed, { origin })).headers;
  assert.equal((await from("https://two.example"))["access-control-allow-origin"], "https://two.example");
  assert.equal((await from("https://three.example"))["access-control-allow-origin"], undefined);
  assert.match((await from("https://three.example")).vary, /origin/i);
});

function preflight(worker, headers) {
  const asking = { origin: "https://page.example", "access-control-request-method": "POST", ...headers };
  return call(`${worker.url}/v1/chat/completions`, { method: "OPTIONS", headers: asking });
}

const besides = [
  ["GET", "/", 200, "application/json"],
  ["GET", "/v1", 200, "application/json"],
  ["GET", "/health", 200, "application/json"],
  ["GET", "/healthz", 200, "application/json"],
  ["GET", "/favicon.ico", 204, undefined],
];
for (const [method, path, status, type] of besides) {
  test(`${method} and HEAD ${path} need no key`, async () => {
    const answer = await call(keyed.url + path, { method });
    assert.equal(answer.status, status);
    assert.equal(answer.headers["content-type"], type);
    const head = await call(keyed.url + path, { method: "HEAD" });
    assert.equal(head.status, status);
    assert.equal(head.body.length, 0);
  });
}

test("/health says how it is, and its settings only to who has a key", async () => {
  const { json: plain } = await call(`${keyed.url}/health`);
  assert.equal(plain.status, "ok");
  assert.equal(plain.health, "healthy");
  assert.equal(plain.providers, undefined);
  const { json: known } = await call(`${keyed.url}/health`, { headers: bearer("key-of-bob") });
  const [{ last_result: last, ...provider }] = known.providers;
  assert.deepEqual(provider, { name: "openai", kind: "openai", usable: true, healthy: true, key: "set" });
  assert.ok(last === undefined || last.status === 200);
  assert.equal((await call(`${keyed.url}/health`, { headers: { accept: "text/plain" } })).text, "OK");
});

test("a path of nobody's is a 404 that says what there is", async () => {
  const answer = await call(`${keyed.url}/v2/chat`);
  assert.equal(answer.status, 404);
  assert.equal(answer.json.error.code, "unknown_path");
  assert.match(answer.json.error.message, /\/v1\/chat\/completions/);
});

const methods = [
  ["DELETE", "/v1/chat/completions", "POST"],
  ["GET", "/v1/embeddings", "POST"],
  ["POST", "/v1/models", "GET, HEAD"],
  ["POST", "/health", "GET, HEAD"],
];
for (const [method, path, allow] of methods) {
  test(`${method} ${path} is a 405 that allows ${allow}`, async () => {
    const answer = await call(keyed.url + path, { method, headers: bearer("key-of-bob") });
    assert.equal(answer.status, 405);
    assert.equal(answer.headers.allow, allow);
    assert.equal(answer.json.error.code, "method_not_allowed");
  });
}

// Sent as they stand: a URL object on our side would resolve the dots.
const climbing = [
  "/v1/files/x/../y",
  "/v1/files/x/%2e%2E/y",
  "/v1/../../admin",
  "/v1/files/./x",
  "/v1/files/%2e%2e/%2e%2e/admin",
  "/v1/files/..",
  // To a URL parser a backslash is a slash.
  "/v1/files/x\\..\\..\\..\\admin",
  "/v1/files/..\\..\\admin",
];
for (const path of climbing) {
  test(`${path} climbs out of nothing at the upstream`, async () => {
    const before = upstream.requests.length;
    const answer = await call(keyed.url, { path, headers: bearer("key-of-bob") });
    assert.deepEqual(upstream.requests.slice(before).map((request) => request.url), []);
    assert.equal(answer.status, 400);
    assert.equal(answer.json.error.code, "invalid_path");
  });
}
