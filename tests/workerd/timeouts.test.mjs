// Upstreams that do not answer.
import assert from "node:assert/strict";
import { createServer } from "node:net";
import { once } from "node:events";
import { after, before, test } from "node:test";
import { call, chat, open } from "./client.mjs";
import { startUpstream } from "./upstream.mjs";
import { until } from "./until.mjs";
import { startWorker } from "./worker.mjs";

let upstream, worker;

before(async () => {
  upstream = await startUpstream();
  const providers = {
    up: { kind: "openai", endpoint: upstream.url, upstream_timeout: 1, idle_timeout: 1 },
    nobody: { kind: "openai", endpoint: `http://127.0.0.1:${await deadPort()}/v1` },
  };
  const models = { second: ["up/held", "up/m"] };
  const vars = { GATEWAY: JSON.stringify({ providers, models }), ALLOW_ANONYMOUS: "true" };
  worker = await startWorker({ vars });
});
after(async () => {
  await worker?.stop();
  await upstream?.stop();
});

/** A port that was free a moment ago. */
async function deadPort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

test("no headers in time: 504 upstream_timeout, and the upstream is let go", async () => {
  const began = Date.now();
  const answer = await chat(worker.url, { model: "up/held" });
  const took = Date.now() - began;
  assert.equal(answer.status, 504);
  assert.equal(answer.json.error.code, "upstream_timeout");
  assert.ok(took >= 950 && took < 3000, `${took} ms`);
  await until(() => upstream.last.closed, "the upstream sees that the call was given up", 1000);
});

test("no headers in time, and another target: that one answers", async () => {
  const answer = await chat(worker.url, { model: "second" });
  assert.equal(answer.status, 200);
  assert.equal(answer.headers["x-isthmus-attempts"], "2");
});

test("UPSTREAM_TIMEOUT is the same for the flat settings", async () => {
  const vars = { OPENAI_BASE_URL: upstream.url, ALLOW_ANONYMOUS: "true", UPSTREAM_TIMEOUT: "1" };
  const flat = await startWorker({ vars });
  try {
    const answer = await chat(flat.url, { model: "held" });
    assert.equal(answer.status, 504);
    assert.match(answer.json.error.message, /1 seconds/);
  } finally {
    await flat.stop();
  }
});

test("nobody listens: 502 upstream_unreachable, without an address in it", async () => {
  const answer = await chat(worker.url, { model: "nobody/m" });
  assert.equal(answer.status, 502);
  assert.equal(answer.json.error.code, "upstream_unreachable");
  assert.ok(!answer.text.includes("127.0.0.1"), answer.text);
});

test("the timeout ends with the headers: a stream may pause longer", async () => {
  const json = { model: "up/steps", stream: true, messages: [] };
  const arriving = upstream.next();
  const answer = await open(`${worker.url}/v1/chat/completions`, { json }).end().answer();
  const record = await arriving;
  record.release();
  await answer.event();
  await new Promise((resolve) => setTimeout(resolve, 1300));
  record.release(100);
  assert.equal((await answer.events()).at(-1), "data: [DONE]");
});

test("a refusal whose body never ends is a 504 too", async () => {
  const answer = await call(`${worker.url}/v1/new/thing?as=stalled-refusal`);
  assert.equal(answer.status, 504);
  assert.equal(answer.json.error.code, "upstream_idle");
});
