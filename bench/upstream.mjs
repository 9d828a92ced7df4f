// The upstream: a process of its own, started by run.mjs, answering as fast as node:http can.
import http from "node:http";
import { EMPTY_LIST, GEMINI_ANSWER, JSON_ANSWER, KINDS, LIST, STREAMS } from "./traffic.mjs";

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
const GEMINI_HEADERS = { "content-type": "application/json; charset=UTF-8", "content-length": GEMINI_ANSWER.length };
const PACED = ["paced", "brief", "gemini-paced", "gemini-brief", "as-gemini-paced"];

const server = http.createServer((request, response) => {
  if (request.method === "GET") return list(request.url, response);
  // Google has the model in the path; elsewhere it stands in the body, with no more before it than what a gateway adds.
  let kind = /\/models\/([^:]+):/.exec(request.url)?.[1];
  request.on("data", (bytes) => (kind ??= /"model":"([^"]+)"/.exec(bytes.toString("latin1", 0, 128))?.[1]));
  request.on("end", () => answer(kind, response));
});

function list(url, response) {
  const list = url === "/v1/models" ? LIST : EMPTY_LIST;
  response.writeHead(200, { ...JSON_HEADERS, "content-length": list.length }).end(list);
}

function answer(kind, response) {
  if (PACED.includes(kind)) return paced(response, STREAMS[kind]);
  if (kind in STREAMS) return burst(response, STREAMS[kind], 0);
  if (kind === "gemini-json") return response.writeHead(200, GEMINI_HEADERS).end(GEMINI_ANSWER);
  response.writeHead(200, JSON_HEADERS).end(JSON_ANSWER);
}

// Each event is flushed by itself, without a pause between; what the socket then joins is its own affair.
function burst(response, events, sent) {
  if (sent === 0) response.writeHead(200, STREAM_HEADERS);
  if (sent === events.length) return response.end();
  response.write(events[sent]);
  setImmediate(burst, response, events, sent + 1);
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
