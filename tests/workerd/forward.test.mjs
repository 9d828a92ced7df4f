// Addresses that are asked for through the Worker, and one mode that relays all.
import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import { after, before, test } from "node:test";
import OpenAI from "openai";
import { call, open } from "./client.mjs";
import { startUpstream } from "./upstream.mjs";
import { startWorker } from "./worker.mjs";

let upstream, worker, strict;

before(async () => {
  upstream = await startUpstream();
  const vars = { OPENAI_API_ENDPOINT: upstream.origin, AZURE_OPENAI_PROXY_MODE: "openai" };
  const keys = { OPENAI_API_KEY: "key-of-the-owner", PROXY_API_KEYS: "key-of-a-client" };
  const hosts = "api.openai.com, forwarded.test, 127.0.0.1";
  const allowed = { FORWARD_ALLOWED_HOSTS: hosts, ELSEWHERE: upstream.origin };
  [worker, strict] = await Promise.all([
    startWorker({ vars: { ...vars, ...allowed }, wrapper: "elsewhere" }),
    startWorker({ vars: { ...vars, ...allowed, ...keys }, wrapper: "elsewhere" }),
  ]);
});
after(async () => {
  await Promise.all([worker?.stop(), strict?.stop()]);
  await upstream?.stop();
});

const theirs = { authorization: "Bearer key-of-their-own" };
const ours = { authorization: "Bearer key-of-a-client" };

/** A request whose path reaches the Worker as it is written. */
async function raw(url, path, options = {}) {
  const answer = await open(url, { ...options, path, headers: { ...theirs, ...options.headers } }).end().answer();
  const text = (await answer.rest()).toString();
  return { status: answer.status, text, json: () => JSON.parse(text) };
}

for (const begin of ["https://api.openai.com", "https:/api.openai.com", "api.openai.com", "https%3A%2F%2Fapi.openai.com"]) {
  test(`/proxy/${begin} is the bare path`, async () => {
    const json = { model: "m", messages: [{ role: "user", content: "hello" }] };
    const body = JSON.stringify(json);
    const headers = { "content-type": "application/json" };
    const path = `/proxy/${begin}/v1/chat/completions`;
    const { status } = await raw(worker.url, path, { method: "POST", body, headers });
    assert.equal(status, 200);
    assert.equal(upstream.last.url, "/v1/chat/completions");
    assert.equal(upstream.last.headers.authorization, theirs.authorization);
    assert.deepEqual(upstream.last.json, json);
  });
}

test("an address that is encoded as a whole keeps its query", async () => {
  const address = encodeURIComponent("https://api.openai.com/v1/files?limit=1&after=a%2Fb");
  await raw(worker.url, `/proxy/${address}`);
  assert.equal(upstream.last.url, "/v1/files?limit=1&after=a%2Fb");
});

test("OpenAI's own SDK completes and streams behind a prefix", async () => {
  const baseURL = `${worker.url}/proxy/https://api.openai.com/v1`;
  const openai = new OpenAI({ baseURL, apiKey: "key-of-their-own", maxRetries: 0 });
  const request = { model: "m", messages: [{ role: "user", content: "hello" }] };
  const whole = await openai.chat.completions.create(request);
  assert.ok(whole.choices[0].message.content);
  let text = "";
  for await (const chunk of await openai.chat.completions.create({ ...request, stream: true })) {
    text += chunk.choices[0]?.delta?.content ?? "";
  }
  assert.ok(text);
});

test("another host gets the request as it is, and its answer comes back as it is", async () => {
  const headers = { "content-type": "text/plain", "x-api-key": "k", cookie: "c=1" };
  const body = "x".repeat(1 << 20);
  const answer = await raw(worker.url, "/proxy/https://forwarded.test/a%20b//c/?x=1", { method: "PUT", body, headers });
  assert.equal(answer.status, 200);
  const { last } = upstream;
  assert.deepEqual([last.method, last.url, last.text], ["PUT", "/a%20b//c/?x=1", body]);
  assert.equal(last.headers.authorization, theirs.authorization);
  assert.equal(last.headers["x-api-key"], "k");
  assert.equal(last.headers.cookie, undefined);

  const page = await raw(worker.url, "/proxy/https://forwarded.test/x?as=html-502");
  assert.equal(page.status, 502);
  assert.match(page.text, /^\s*<(!doctype )?html/i);
  const redirect = await raw(worker.url, "/proxy/https://forwarded.test/x?as=redirect");
  assert.equal(redirect.json().error.code, "upstream_redirect");
});

test("a stream of another host's comes event by event, and a break is told", async () => {
  const sending = open(`${worker.url}/proxy/https://forwarded.test/v1/chat/completions`, {
    json: { model: "breaks", stream: true },
    headers: theirs,
  });
  const answer = await sending.end().answer();
  assert.equal(answer.status, 200);
  assert.equal(answer.headers["x-accel-buffering"], "no");
  assert.ok(await answer.event());
  upstream.last.release();
  const rest = (await answer.rest()).toString();
  assert.match(rest, /"error"/);
  assert.ok(rest.endsWith("data: [DONE]\n\n"));
});

test("a key of ours goes nowhere", async () => {
  const headers = { ...ours, "api-key": "key-of-a-client" };
  const answer = await raw(strict.url, "/proxy/https://forwarded.test/x", { headers });
  assert.equal(answer.status, 200);
  assert.ok(!JSON.stringify(upstream.last.rawHeaders).includes("key-of"));
});

const refused = [
  "https://elsewhere.test/x",
  "http://forwarded.test/x",
  "https://forwarded.test:8443/x",
  "https://127.0.0.1/x",
  "https://user:password@forwarded.test/x",
  "https://[::1]/x",
];
for (const address of refused) {
  test(`${address} is refused`, async () => {
    const [answer, asked] = await upstream.watched(() => raw(worker.url, `/proxy/${address}`));
    assert.equal(answer.status, 403, answer.text);
    assert.equal(answer.json().error.code, "forward_not_allowed");
    assert.deepEqual(asked, []);
  });
}

test("the Worker does not ask itself", async () => {
  const headers = { host: "forwarded.test" };
  const answer = await raw(worker.url, "/proxy/https://forwarded.test/v1/models", { headers });
  assert.equal(answer.status, 403);
  assert.match(answer.json().error.message, /itself/);
});

test("who is not let in is told nothing of what is allowed", async () => {
  const headers = { authorization: "Bearer a-stranger's" };
  const answer = await raw(strict.url, "/proxy/https://elsewhere.test/x", { headers });
  assert.equal(answer.status, 401);
});

test("openai mode relays what is nothing here, with the owner's key where there is one", async () => {
  for (const path of ["/v1/new/thing?x=1", "/v2/thing", "/dashboard?x=%20"]) {
    const answer = await call(strict.url + path, { headers: ours });
    assert.equal(answer.status, 200);
    assert.equal(upstream.last.url, path.replace("/dashboard", "/v1/dashboard"));
    assert.equal(upstream.last.headers.authorization, "Bearer key-of-the-owner");
  }
  const local = await call(`${strict.url}/healthz`);
  assert.deepEqual(local.json, { status: "healthy" });
});

test("a program that uses it as HTTP proxy for plain http is served by the path", async () => {
  const { status } = await raw(worker.url, "http://api.openai.com/v1/files?limit=1");
  assert.equal(status, 200);
  assert.equal(upstream.last.url, "/v1/files?limit=1");
});

test("no tunnel is opened", async () => {
  const { port } = new URL(worker.url);
  const request = http.request({ port, host: "127.0.0.1", method: "CONNECT", path: "api.openai.com:443" });
  request.end();
  const outcome = await Promise.race([
    once(request, "connect").then(([response, socket]) => (socket.destroy(), response.statusCode)),
    once(request, "error").then(() => "closed"),
  ]);
  // workerd answers itself, with 500: a Worker is never asked.
  assert.ok(outcome === "closed" || outcome >= 400, `${outcome}`);
});
