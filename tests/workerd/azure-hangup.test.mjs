// A client that leaves a stream that is being changed stops its upstream: while its head is awaited, while events
// are looked at, and when they only pass.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { clientKey, startAzure, variables } from "./azure.mjs";
import { call, open } from "./client.mjs";
import { until } from "./until.mjs";
import { startWorker } from "./worker.mjs";

/** How soon the upstream must see it. */
const soon = 1000;

let azure, worker;

before(async () => {
  azure = await startAzure();
  worker = await startWorker({ vars: variables(azure) });
});
after(async () => {
  await worker?.stop();
  await azure?.stop();
  assert.deepEqual(azure.complaints, []);
});

const headers = { authorization: `Bearer ${clientKey}` };

async function begin(model, stream = true) {
  const json = { model, stream, messages: [] };
  const arriving = azure.next();
  const sending = open(`${worker.url}/v1/chat/completions`, { json, headers }).end();
  const record = await arriving;
  await record.whole;
  return { sending, record };
}

const closed = (record) => until(() => record.closed, "the upstream sees that the call was given up", soon);

async function assertGivenUp(before) {
  await until(() => worker.lines().length > before, "the report of the call that was left");
  const [report] = worker.lines().slice(before);
  assert.ok(report.status === 499 || report.error === "client_closed", JSON.stringify(report));
}

/** Until what is measured stays as it is. */
async function standstill(measure) {
  for (let seen; seen !== measure(); await sleep(200)) seen = measure();
}

for (const stream of [false, true]) {
  test(`while the headers of ${stream ? "a stream" : "an answer"} are awaited`, async () => {
    const before = worker.lines().length;
    const { sending, record } = await begin("held-sync", stream);
    sending.reset();
    await closed(record);
    await assertGivenUp(before);
  });
}

test("while the head of a stream says nothing yet", async () => {
  const before = worker.lines().length;
  const { sending, record } = await begin("steps-sync");
  record.release();
  await until(() => record.response.socket.bytesWritten > 0, "the prompt's annotations are sent");
  sending.reset();
  await closed(record);
  await assertGivenUp(before);
});

for (const [when, kind] of [
  ["are looked at", "async"],
  ["only pass", "sync"],
]) {
  test(`while the upstream is silent and its events ${when}`, async () => {
    const before = worker.lines().length;
    const { sending, record } = await begin(`steps-${kind}`);
    record.release(4);
    const answer = await sending.answer();
    for (let i = 0; i < 3; i += 1) await answer.event();
    sending.reset();
    await closed(record);
    await assertGivenUp(before);
  });

  test(`while events ${when}, one after the other`, async () => {
    const before = worker.lines().length;
    const { sending, record } = await begin(`steps-${kind}`);
    record.release(4);
    const answer = await sending.answer();
    for (let i = 0; i < 3; i += 1) await answer.event();
    sending.close();
    // The first write to a closed connection succeeds and is answered by a reset; a later one fails.
    const driving = setInterval(() => record.release(), 20);
    await closed(record).finally(() => clearInterval(driving));
    await assertGivenUp(before);
  });
}

for (const kind of ["async", "sync"]) {
  test(`while it reads nothing of a stream of the kind ${kind}`, async () => {
    const before = worker.lines().length;
    const { sending, record } = await begin(`steps-${kind}`);
    record.release(4);
    await (await sending.answer()).event();
    // More than the connections hold.
    const events = Buffer.from(": nothing\n\n".repeat(8192));
    for (let i = 0; i < 512; i += 1) record.response.write(events);
    await standstill(() => record.response.writableLength);
    sending.reset();
    await closed(record);
    await assertGivenUp(before);
  });
}

test("nothing is left in the way of the next", async () => {
  assert.equal((await call(`${worker.url}/health`)).status, 200);
  const { sending, record } = await begin("steps-sync");
  record.release(8);
  assert.equal((await (await sending.answer()).events()).at(-1), "data: [DONE]");
});
