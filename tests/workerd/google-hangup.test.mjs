// A client that leaves stops what was asked of Google: while its head is awaited, between events, and all of several.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { call, open } from "./client.mjs";
import { clientKey, startGoogle, variables } from "./google.mjs";
import { until } from "./until.mjs";
import { startWorker } from "./worker.mjs";

/** How soon the upstream must see it. */
const soon = 1000;

let google, worker;

before(async () => {
  google = await startGoogle();
  worker = await startWorker({ vars: variables(google) });
});
after(async () => {
  await worker?.stop();
  await google?.stop();
  assert.deepEqual(google.complaints, []);
});

const headers = { authorization: `Bearer ${clientKey}` };

/** A call, and its requests at Google's, all of them here. */
async function begin(content, { stream = true, n = 1 } = {}) {
  const json = { model: "gemini-3.8-flash", stream, n, messages: [{ role: "user", content }] };
  const before = google.requests.length;
  const sending = open(`${worker.url}/v1/chat/completions`, { json, headers }).end();
  await google.request((_, i) => i === before + n - 1);
  const records = google.requests.slice(before);
  await Promise.all(records.map((record) => record.whole));
  return { sending, records };
}

const closed = (record) => until(() => record.closed, "the upstream sees that the call was given up", soon);

async function assertGivenUp(before) {
  await until(() => worker.lines().length > before, "the report of the call that was left");
  const [report] = worker.lines().slice(before);
  assert.ok(report.status === 499 || report.error === "client_closed", JSON.stringify(report));
}

for (const stream of [false, true]) {
  for (const n of [1, 3]) {
    test(`while the headers of ${n} ${stream ? "streamed" : "whole"} are awaited`, async () => {
      const before = worker.lines().length;
      const { sending, records } = await begin("held: hello", { stream, n });
      sending.reset();
      await Promise.all(records.map(closed));
      await assertGivenUp(before);
    });
  }
}

for (const n of [1, 3]) {
  test(`while ${n} are silent`, async () => {
    const before = worker.lines().length;
    const { sending, records } = await begin("steps: hello", { n });
    for (const record of records) record.release();
    await (await sending.answer()).event();
    sending.reset();
    await Promise.all(records.map(closed));
    await assertGivenUp(before);
  });

  test(`while events of ${n} pass, one after the other`, async () => {
    const before = worker.lines().length;
    const { sending, records } = await begin(`steps: say ${"word ".repeat(200)}`, { n });
    for (const record of records) record.release(2);
    const answer = await sending.answer();
    for (let i = 0; i < 2; i += 1) await answer.event();
    sending.close();
    // The first write to a closed connection succeeds and is answered by a reset; a later one fails.
    const driving = setInterval(() => records.forEach((record) => record.release()), 20);
    await Promise.all(records.map(closed)).finally(() => clearInterval(driving));
    await assertGivenUp(before);
  });
}

test("when one of several is refused the others are given up, and the client hears why", async () => {
  const json = { model: "gemini-3.8-flash", n: 3, messages: [{ role: "user", content: "do forbidden" }] };
  const { status, json: answer } = await call(`${worker.url}/v1/chat/completions`, { json, headers });
  assert.equal(status, 403);
  assert.equal(answer.error.code, "permission_denied");
});

test("nothing is left in the way of the next", async () => {
  const { sending, records } = await begin("steps: hello");
  records[0].release(8);
  assert.equal((await (await sending.answer()).events()).at(-1), "data: [DONE]");
});
