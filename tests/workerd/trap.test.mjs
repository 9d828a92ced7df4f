// A trap (out of memory, stack overflow) is worse than a panic: the wasm instance is lost, and with it every
// future in it. Who waits is told so at once; streams that flow natively go on; a new instance serves the next.
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

test("a trap is a JSON 500 for whoever waits, and nobody else's", { skip }, async () => {
  const streaming = await begin("steps", true);
  const pending = await begin("held", false);
  streaming.record.release();
  const stream = await streaming.sending.answer();
  await stream.event();

  assertFailed(await call(`${worker.url}/faults/trap`));
  const answer = await pending.sending.answer();
  const text = (await answer.rest()).toString();
  assertFailed({ status: answer.status, headers: answer.headers, json: JSON.parse(text) });

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

function assertFailed({ status, headers, json }) {
  assert.equal(status, 500);
  assert.equal(headers["content-type"], "application/json");
  assert.equal(headers["access-control-allow-origin"], "*");
  assert.equal(json.error.code, "internal_error");
}

async function begin(model, stream) {
  const json = { model, stream, messages: [] };
  const sending = open(`${worker.url}/v1/chat/completions`, { json }).end();
  const record = await upstream.next();
  return { sending, record };
}
