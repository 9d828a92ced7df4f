// A client that leaves stops its upstream, and takes everything it held with it.
//
// It can leave in two ways. A reset is seen by workerd at once, whatever it is doing. A plain close (FIN) may
// as well be a client that has sent everything and still listens: workerd, run by itself, notices it at the
// next write only, so that a client which closes while its upstream is silent is not seen until the upstream
// speaks. (On Cloudflare's network the front end in between sees it; that cannot be tested here.)
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { call, form, open } from "./client.mjs";
import { startUpstream } from "./upstream.mjs";
import { until } from "./until.mjs";
import { startWorker } from "./worker.mjs";

/** How soon the upstream must see it. */
const soon = 1000;
const PAGE = 64 << 10;

let upstream, worker;

before(async () => {
  upstream = await startUpstream();
  worker = await startWorker({ vars: { OPENAI_BASE_URL: upstream.url }, wrapper: "probe" });
});
after(async () => {
  await worker?.stop();
  await upstream?.stop();
});

const headers = { authorization: "Bearer key-of-the-client" };

async function begin(model, stream) {
  const json = { model, stream, messages: [] };
  const sending = open(`${worker.url}/v1/chat/completions`, { json, headers }).end();
  const record = await upstream.next();
  await record.whole;
  return { sending, record, lines: worker.lines().length };
}

const closed = (record) => until(() => record.closed, "the upstream sees that the call was given up", soon);

/** The one line the call has left since. */
async function line(lines) {
  await until(() => worker.lines().length > lines, "the report of the call that was left");
  await new Promise((resolve) => setTimeout(resolve, 50));
  const since = worker.lines().slice(lines);
  assert.equal(since.length, 1, JSON.stringify(since));
  return since[0];
}

function assertGivenUp(report) {
  assert.ok(report.status === 499 || report.error === "client_closed", JSON.stringify(report));
  assert.equal(report.level, "info");
}

for (const stream of [false, true]) {
  test(`reset while the headers of ${stream ? "a stream" : "an answer"} are awaited`, async () => {
    const { sending, record, lines } = await begin("held", stream);
    sending.reset();
    await closed(record);
    assertGivenUp(await line(lines));
  });

  test(`close while the headers of ${stream ? "a stream" : "an answer"} are awaited: nobody knows until they come`, async () => {
    const { sending, record, lines } = await begin("held", stream);
    sending.close();
    await new Promise((resolve) => setTimeout(resolve, 100));
    // If this fails because workerd has learnt to see it: assert as after a reset.
    assert.equal(record.closed, false);
    record.release();
    await line(lines);
    assert.equal((await call(`${worker.url}/health`)).status, 200);
  });
}

test("reset in a stream whose upstream is silent", async () => {
  const { sending, record, lines } = await begin("steps", true);
  record.release();
  await (await sending.answer()).event();
  sending.reset();
  await closed(record);
  assertGivenUp(await line(lines));
});

test("close in a stream whose upstream is silent: seen with the next events", async () => {
  const { sending, record, lines } = await begin("steps", true);
  record.release();
  await (await sending.answer()).event();
  sending.close();
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.equal(record.closed, false);
  // The first write to a closed connection succeeds and is answered by a reset; the second one fails.
  record.release();
  await new Promise((resolve) => setTimeout(resolve, 50));
  record.release();
  await closed(record);
  assertGivenUp(await line(lines));
});

for (const leave of ["reset", "close"]) {
  test(`${leave} while events flow`, async () => {
    const { sending, record, lines } = await begin("steady", true);
    await (await sending.answer()).event();
    sending[leave]();
    await closed(record);
    assertGivenUp(await line(lines));
  });
}

test("reset in an answer that is no stream", async () => {
  const { sending, record } = await begin("stalled", false);
  await sending.answer();
  sending.reset();
  await closed(record);
});

test("reset while the client's own body is on its way", async () => {
  const body = '{"model": "m", "messages": [';
  const lines = worker.lines().length;
  const declared = { "content-type": "application/json", "content-length": 200_000 };
  const sending = open(`${worker.url}/v1/chat/completions`, { method: "POST", headers: { ...headers, ...declared } });
  sending.write(body.padEnd(100_000));
  await new Promise((resolve) => setTimeout(resolve, 50));
  sending.reset();
  assertGivenUp(await line(lines));
});

for (const leave of ["reset", "close"]) {
  test(`${leave} while an upload is on its way through`, async () => {
    const { body, headers: type } = form([
      { name: "model", value: "m" },
      { name: "file", filename: "speech.mp3", value: Buffer.alloc(8 << 20) },
    ]);
    const lines = worker.lines().length;
    const url = `${worker.url}/v1/audio/transcriptions`;
    const sending = open(url, { method: "POST", headers: { ...headers, ...type, "content-length": body.length } });
    const arriving = upstream.next();
    sending.write(body.subarray(0, 1 << 20));
    const record = await arriving;
    await until(() => record.received > 0, "the first bytes at the upstream");
    sending[leave]();
    await closed(record);
    const report = await line(lines);
    // A body that ends too early looks like any other failure of the upstream's fetch.
    if (leave === "reset") assertGivenUp(report);
  });
}

test("clients that leave while they wait leave nothing behind", async () => {
  await leaveTogether(20);
  const before = await memory();
  for (let round = 0; round < 3; round += 1) await leaveTogether(20);
  const after = await memory();
  // Twenty at once have been there before. A future that is left behind holds about 10 KiB; sixty of them are
  // ten pages, and a body held in wasm would be sixteen by itself.
  assert.equal(after.instances, 1);
  assert.ok(after.bytes <= before.bytes + 2 * PAGE, `${before.bytes} bytes grew to ${after.bytes}`);
  console.log(`wasm memory: ${before.bytes >> 10} KiB warm, ${after.bytes >> 10} KiB after 60 hang-ups`);
});

async function leaveTogether(clients) {
  const first = upstream.requests.length;
  const json = { model: "held", messages: [{ role: "user", content: "x".repeat(1 << 20) }] };
  const sendings = Array.from({ length: clients }, () => {
    return open(`${worker.url}/v1/chat/completions`, { json, headers }).end();
  });
  await until(() => upstream.requests.length === first + clients, "all of them at the upstream", 10_000);
  const records = upstream.requests.slice(first);
  await Promise.all(records.map((record) => record.whole));
  sendings.forEach((sending) => sending.reset());
  await Promise.all(records.map(closed));
}

async function memory() {
  return (await call(`${worker.url}/__memory`)).json;
}
