// Several of Google's streams as one, where something goes wrong with one of them: the client's ends all the same, says
// so, and leaves one line; nothing of the others goes on.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { call } from "./client.mjs";
import { until } from "./until.mjs";
import { startUpstream } from "./upstream.mjs";
import { startWorker } from "./worker.mjs";

const event = (text, finishReason) =>
  `data: ${JSON.stringify({ candidates: [{ content: { parts: [{ text }], role: "model" }, finishReason }] })}\r\n\r\n`;
const whole = Buffer.from(event("one é") + event("two", "STOP"));

let upstream, worker;
/** What the second of three meets. */
let second = () => {};
let served = 0;

function behaviour() {
  return ({ response }) => {
    served += 1;
    if (served % 3 === 2) return second(response);
    response.writeHead(200, { "content-type": "text/event-stream" }).end(whole);
  };
}

before(async () => {
  upstream = await startUpstream({ behaviour, identity: () => ({}) });
  const studio = { kind: "google", endpoint: upstream.origin, key: "k", idle_timeout: 1 };
  const document = { providers: { studio }, default: "studio" };
  worker = await startWorker({ vars: { GATEWAY: JSON.stringify(document), PROXY_API_KEYS: "client" } });
});
after(async () => {
  await worker?.stop();
  await upstream?.stop();
});

/** The status, the text, and the line that the request left. */
async function three() {
  served = 0;
  const lines = worker.lines().length;
  const json = { model: "gemini-3.8-flash", n: 3, stream: true, messages: [{ role: "user", content: "x" }] };
  const headers = { authorization: "Bearer client" };
  const { status, text } = await call(`${worker.url}/v1/chat/completions`, { json, headers });
  await until(() => worker.lines().length > lines, "the report");
  const reports = worker.lines().slice(lines);
  assert.equal(reports.length, 1);
  return { status, text, report: reports[0] };
}

function assertBroken({ status, text, report }, what) {
  assert.equal(status, 200, what);
  const events = text.split("\n\n").filter(Boolean);
  assert.equal(events.at(-1), "data: [DONE]", what);
  assert.ok(JSON.parse(events.at(-2).slice("data: ".length)).error, what);
  assert.equal(report.error, "upstream_stream_broken", what);
}

const heads = { "content-type": "text/event-stream" };

test("one that is cut, anywhere and in either way", async () => {
  for (let cut = 0; cut < whole.length - 60; cut += 17) {
    for (const end of ["end", "destroy"]) {
      second = (response) => {
        response.writeHead(200, heads).flushHeaders();
        response.write(whole.subarray(0, cut), () => response[end]());
      };
      assertBroken(await three(), `${end} after ${cut}`);
    }
  }
});

test("one that says no more", async () => {
  second = (response) => response.writeHead(200, heads).write(event("one"));
  assertBroken(await three(), "silent");
});

test("one without a body", async () => {
  second = (response) => response.writeHead(204).end();
  assertBroken(await three(), "204");
});

test("one that is refused", async () => {
  const error = { code: 503, message: "Busy.", status: "UNAVAILABLE" };
  second = (response) => response.writeHead(503).end(JSON.stringify({ error }));
  const { status, text, report } = await three();
  assert.deepEqual([status, JSON.parse(text).error.message, report.upstream_status], [503, "Busy.", 503]);
});
