// The upstream: a process of its own, started by run.mjs, answering as fast as node:http can.
import http from "node:http";
import { JSON_ANSWER, KINDS, events } from "./traffic.mjs";

const ABOUT_THE_CALL = {
  "openai-organization": "bench",
  "openai-processing-ms": "12",
  "openai-version": "2020-10-01",
  "x-ratelimit-limit-requests": "10000",
  "x-ratelimit-limit-tokens": "2000000",
  "x-ratelimit-remaining-requests": "9999",
  "x-ratelimit-remaining-tokens": "1999580",
  "x-ratelimit-reset-requests": "6ms",
  "x-ratelimit-reset-tokens": "12ms",
  "x-request-id": "req_bench",
};
const JSON_HEADERS = { ...ABOUT_THE_CALL, "content-type": "application/json", "content-length": KINDS.json.length };
const STREAM_HEADERS = { ...ABOUT_THE_CALL, "content-type": "text/event-stream; charset=utf-8" };
const BURST = events(KINDS.burst.chunks);
const PACED = { paced: events(KINDS.paced.chunks), brief: events(KINDS.brief.chunks) };

const server = http.createServer((request, response) => {
  let kind;
  // The model stands first in the body.
  request.on("data", (bytes) => (kind ??= bytes.toString("latin1", 0, 32).split('"')[3]));
  request.on("end", () => answer(kind, response));
});

function answer(kind, response) {
  if (kind === "burst") return burst(response, 0);
  if (kind in PACED) return paced(response, PACED[kind]);
  response.writeHead(200, JSON_HEADERS).end(JSON_ANSWER);
}

// Each event is flushed by itself, without a pause between; what the socket then joins is its own affair.
function burst(response, sent) {
  if (sent === 0) response.writeHead(200, STREAM_HEADERS);
  if (sent === BURST.length) return response.end();
  response.write(BURST[sent]);
  setImmediate(burst, response, sent + 1);
}

// One event a millisecond, by the clock: a timer that comes late sends what it owes, one flush per event.
function paced(response, events) {
  response.writeHead(200, STREAM_HEADERS);
  const begun = performance.now();
  let sent = 0;
  const owed = () => Math.min(events.length, Math.floor(performance.now() - begun) + 1);
  const tick = () => {
    if (sent < owed()) response.write(events[sent++]);
    if (sent === events.length) return response.end();
    if (sent < owed()) setImmediate(tick);
    else setTimeout(tick, 1);
  };
  tick();
}

server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => process.send({ port: server.address().port }));
process.on("disconnect", () => process.exit());
