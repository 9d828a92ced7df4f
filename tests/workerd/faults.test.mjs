// A failure in Rust is one request's own. A panic leaves the neighbours in the isolate, and those that come after,
// as they are. A trap (out of memory, stack overflow) takes the wasm instance with it, and every future in it: who
// waits is told so at once, streams that flow natively go on, a new instance serves the next.
// Needs `cargo xtask build --faults`, a build with paths that fail.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { after, before, test } from "node:test";
import { call, chat, open } from "./client.mjs";
import { startUpstream } from "./upstream.mjs";
import { root, startWorker } from "./worker.mjs";

const isBuilt = existsSync(`${root}/build-faults/shim.js`);
const skip = !isBuilt && !process.env.CI && "build-faults is not there: cargo xtask build --faults";

let upstream, worker;

before(async () => {
  if (skip) return;
  upstream = await startUpstream();
  const vars = { OPENAI_BASE_URL: upstream.url, ALLOW_ANONYMOUS: "true" };
  worker = await startWorker({ vars, build: "build-faults", wrapper: "probe" });
});
after(async () => {
  await worker?.stop();
  await upstream?.stop();
});

test("a panicking request gets a JSON 500; the others go on", { skip }, async () => {
  const streaming = await begin("steps", true);
  const pending = await begin("held", false);
  streaming.record.release();
  const stream = await streaming.sending.answer();
  await stream.event();

  for (let i = 0; i < 3; i += 1) {
    assertFailed(await call(`${worker.url}/faults/panic`));
  }

  streaming.record.release(100);
  pending.record.release();
  assert.equal((await stream.events()).at(-1), "data: [DONE]");
  const answer = await pending.sending.answer();
  assert.equal(answer.status, 200);
  assert.match((await answer.rest()).toString(), /Hello/);
  const id = stream.headers["x-isthmus-request-id"];
  assert.equal((await worker.report((line) => line.request_id === id)).error, undefined);

  assert.equal((await chat(worker.url, { model: "m" })).status, 200);
  assert.equal((await call(`${worker.url}/__memory`)).json.instances, 1);
});

test("a trap is a JSON 500 for whoever waits, and nobody else's", { skip }, async () => {
  const streaming = await begin("steps", true);
  const pending = await begin("held", false);
  streaming.record.release();
  const stream = await streaming.sending.answer();
  await stream.event();

  assertFailed(await call(`${worker.url}/faults/trap`));
  const answer = await pending.sending.answer();
  const text = (await answer.rest()).toString();
  assertFailed({ status: answer.status, headers: answer.headers, text });

  streaming.record.release(100);
  assert.equal((await stream.events()).at(-1), "data: [DONE]");
});

test("after each trap there is a new instance", { skip }, async () => {
  const { instances } = (await call(`${worker.url}/__memory`)).json;
  for (let i = 1; i <= 3; i += 1) {
    assertFailed(await call(`${worker.url}/faults/trap`));
    assert.equal((await chat(worker.url, { model: "m" })).status, 200);
  }
  assert.ok((await call(`${worker.url}/__memory`)).json.instances > instances);
});

function assertFailed({ status, headers, text }) {
  assert.equal(status, 500);
  assert.equal(headers["content-type"], "application/json");
  assert.equal(headers["access-control-allow-origin"], "*");
  const { error } = JSON.parse(text);
  assert.deepEqual(Object.keys(error), ["message", "type", "param", "code"]);
  assert.equal(error.code, "internal_error");
  assert.ok(!text.includes("panicked"), text);
}

async function begin(model, stream) {
  const json = { model, stream, messages: [] };
  const sending = open(`${worker.url}/v1/chat/completions`, { json }).end();
  const record = await upstream.next();
  return { sending, record };
}
