// Event streams: each event is at the client before the upstream has sent the next.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { open } from "./client.mjs";
import { startUpstream } from "./upstream.mjs";
import { startWorker } from "./worker.mjs";

let upstream, worker;

before(async () => {
  upstream = await startUpstream();
  worker = await startWorker({ vars: { OPENAI_BASE_URL: upstream.url } });
});
after(async () => {
  await worker?.stop();
  await upstream?.stop();
});

const key = { authorization: "Bearer key-of-the-client" };

async function begin(path, model) {
  const json = { model, stream: true, messages: [], input: "x" };
  const sending = open(`${worker.url}/v1/${path}`, { json, headers: key }).end();
  const record = await upstream.next();
  return { answer: await sending.answer(), record };
}

for (const path of ["chat/completions", "responses"]) {
  test(`${path}: the head comes before the first event, each event before the next is sent`, async () => {
    const { answer, record } = await begin(path, "steps");
    assert.equal(answer.status, 200);
    assert.equal(answer.headers["content-type"], "text/event-stream; charset=utf-8");
    assert.equal(answer.headers["cache-control"], "no-cache, no-transform");
    assert.equal(answer.headers["x-accel-buffering"], "no");
    const seen = [];
    for (;;) {
      record.release();
      const event = await answer.event();
      if (event === undefined) break;
      seen.push(event);
    }
    assert.ok(seen.length > 5, `${seen.length} events`);
    assert.match(seen.at(-1), path === "responses" ? /response\.completed/ : /\[DONE\]/);
  });
}

test("the bytes of a stream are the upstream's", async () => {
  const straight = await fetch(`${upstream.url}/chat/completions`, asked());
  const through = await fetch(`${worker.url}/v1/chat/completions`, asked());
  assert.equal(await through.text(), await straight.text());
});

function asked() {
  const body = JSON.stringify({ model: "m", stream: true, messages: [] });
  return { method: "POST", body, headers: { "content-type": "application/json", ...key } };
}
