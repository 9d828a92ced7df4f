// A panic in Rust is the panicking request's own: its neighbours in the isolate, and those that come after,
// notice nothing. Needs `cargo xtask build --faults`, a build with a path that panics.
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
    const answer = await call(`${worker.url}/faults/panic`);
    assert.equal(answer.status, 500);
    assert.equal(answer.headers["content-type"], "application/json");
    assert.equal(answer.headers["access-control-allow-origin"], "*");
    assert.deepEqual(Object.keys(answer.json.error), ["message", "type", "param", "code"]);
    assert.equal(answer.json.error.code, "internal_error");
    assert.ok(!answer.text.includes("panicked"), answer.text);
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

async function begin(model, stream) {
  const json = { model, stream, messages: [] };
  const sending = open(`${worker.url}/v1/chat/completions`, { json }).end();
  const record = await upstream.next();
  return { sending, record };
}
