// One line for each request, and nothing in it that is not the owner's to read.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { call, chat, form } from "./client.mjs";
import { startUpstream } from "./upstream.mjs";
import { until } from "./until.mjs";
import { startWorker } from "./worker.mjs";

let upstream, worker;

before(async () => {
  upstream = await startUpstream();
  const providers = {
    up: { kind: "openai", endpoint: upstream.url, key: "$UP_KEY" },
    nobody: { kind: "openai", endpoint: "http://127.0.0.1:9/v1" },
  };
  const models = { public: "up/private", pool: ["up/status-500", "up/private"] };
  const vars = {
    GATEWAY: JSON.stringify({ providers, models }),
    UP_KEY: "MARK-owner-key",
    PROXY_API_KEYS: "bob:MARK-client-key, carol:MARK-limited-key:public",
  };
  worker = await startWorker({ vars });
});
after(async () => {
  await worker?.stop();
  await upstream?.stop();
});

const key = { authorization: "Bearer MARK-client-key" };
const prompt = [{ role: "user", content: "MARK-prompt" }];

/** The line of an answer. */
async function reported(answer) {
  const id = answer.headers["x-isthmus-request-id"];
  return worker.report((line) => line.request_id === id, `the report of ${id}`);
}

test("a call: who, what, where, how long", async () => {
  const body = { model: "public", messages: prompt };
  const line = await reported(await chat(worker.url, body, key));
  assert.match(line.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.ok(Math.abs(Date.parse(line.time) - Date.now()) < 10_000);
  assert.ok(Number.isInteger(line.duration_ms) && line.duration_ms < 5000);
  assert.ok(line.ttfb_ms <= line.duration_ms);
  const { time, duration_ms, ttfb_ms, request_id, bytes_out, ...rest } = line;
  assert.ok(bytes_out > 0);
  assert.deepEqual(rest, {
    level: "info",
    method: "POST",
    path: "/v1/chat/completions",
    client: "bob",
    surface: "openai",
    operation: "chat",
    model_asked: "public",
    model_used: "private",
    provider: "up",
    target: "up/private",
    attempts: 1,
    status: 200,
    stream: false,
    upstream_status: 200,
    bytes_in: JSON.stringify(body).length,
  });
});

test("a stream is reported when it is over", async () => {
  const answer = await chat(worker.url, { model: "public", messages: prompt, stream: true }, key);
  const line = await reported(answer);
  assert.equal(line.stream, true);
  assert.equal(line.status, 200);
});

test("a second attempt counts", async () => {
  const line = await reported(await chat(worker.url, { model: "pool", messages: prompt }, key));
  assert.equal(line.attempts, 2);
  assert.equal(line.target, "up/private");
});

const levels = [
  ["a refusal of ours", () => chat(worker.url, { model: "other" }, { authorization: "Bearer MARK-wrong-key" }), "warn", 401],
  ["a refusal of the upstream's", () => chat(worker.url, { model: "up/status-404" }, key), "warn", 404],
  ["a failure of the upstream's", () => chat(worker.url, { model: "up/status-500" }, key), "error", 500],
  ["an upstream that is away", () => chat(worker.url, { model: "nobody/m" }, key), "error", 502],
  ["a lost client", () => call(`${worker.url}/nowhere`), "warn", 404],
  ["a look at the health", () => call(`${worker.url}/health`), "info", 200],
];
for (const [what, make, level, status] of levels) {
  test(`${what} is ${level}`, async () => {
    const line = await reported(await make());
    assert.equal(line.level, level);
    assert.equal(line.status, status);
    if (status !== 200) assert.equal(typeof line.error, "string");
  });
}

test("LOG_LEVEL=error leaves the rest out", async () => {
  const quiet = await startWorker({ vars: { OPENAI_BASE_URL: upstream.url, ALLOW_ANONYMOUS: "1", LOG_LEVEL: "error" } });
  try {
    await chat(quiet.url, { model: "m" });
    await chat(quiet.url, { model: "status-404" });
    await chat(quiet.url, { model: "status-500" });
    await quiet.report((line) => line.status === 500);
    assert.equal(quiet.lines().length, 1);
  } finally {
    await quiet.stop();
  }
});

test("one line each, and no key, prompt, completion or query string in any", async () => {
  const before = worker.lines().length;
  const secret = { "x-secret": "MARK-header", cookie: "MARK-cookie" };
  const calls = [
    chat(worker.url, { model: "public", messages: prompt }, { ...key, ...secret }),
    chat(worker.url, { model: "public", messages: prompt, stream: true }, key),
    chat(worker.url, { model: "up/html-502", messages: prompt }, key),
    chat(worker.url, { model: "up/redirect", messages: prompt }, key),
    chat(worker.url, { model: "nobody/m", messages: prompt }, key),
    chat(worker.url, { model: "up/status-429", messages: prompt }, key),
    chat(worker.url, { model: "public", messages: prompt }, { authorization: "Bearer MARK-wrong-key" }),
    chat(worker.url, { model: "not-for-carol", messages: prompt }, { "api-key": "MARK-limited-key" }),
    call(`${worker.url}/v1/files?after=MARK-query`, { headers: key }),
    call(`${worker.url}/nowhere?key=MARK-query`),
    call(`${worker.url}/health?key=MARK-query`, { headers: key }),
    call(`${worker.url}/v1/chat/completions`, { body: '{"prompt": "MARK-prompt', headers: key }),
    call(`${worker.url}/v1/chat/completions`, { method: "OPTIONS", headers: { origin: "https://page.example" } }),
    call(`${worker.url}/v1/audio/transcriptions`, {
      ...form([{ name: "model", value: "public" }, { name: "file", filename: "MARK-name.mp3", value: "MARK-sound" }]),
    }),
  ];
  await Promise.all(calls);
  await until(() => worker.lines().length === before + calls.length, "a line of each");
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.equal(worker.lines().length, before + calls.length);
  assert.ok(!worker.output.includes("MARK"), /.*MARK.*/.exec(worker.output)?.[0]);
  assert.ok(!worker.output.includes("world"), "the mock's completion");
  assert.ok(!worker.output.includes("upstream-page"));
  // Whatever the runtime itself has to say of our mistakes would stand here too.
  const foreign = worker.output.split("\n").filter((line) => line !== "" && !line.startsWith("{"));
  assert.deepEqual(foreign, []);
});
