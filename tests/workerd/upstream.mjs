// A mock of an OpenAI server on 127.0.0.1. It records every request, to the byte, and answers by path and model
// (answers.mjs; another server's mock brings its own). A request is a handle too: an answer that waits goes on when
// the test says so, so that no test has to guess how long something takes.
import { once } from "node:events";
import { createServer } from "node:http";
import { gzipSync } from "node:zlib";
import { behaviour } from "./answers.mjs";
import { until } from "./until.mjs";

/** `behaviour`, `identity`: what a request gets, and what every answer carries. `upgrade`: of a WebSocket. */
export async function startUpstream(nature = {}) {
  const upstream = new Upstream({ behaviour, identity, ...nature });
  await upstream.start();
  return upstream;
}

class Upstream {
  /** Every request, in the order of arrival. */
  requests = [];
  /** For a long run: answers, and records nothing. */
  forgetful = false;
  #nature;
  #server;

  constructor(nature) {
    this.#nature = nature;
  }

  /** `port`: where it was before it was stopped. */
  async start(port = 0) {
    this.#server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
      const record = new Recorded(request, response, this.#nature);
      if (!this.forgetful) this.requests.push(record);
      record.answer().catch((error) => {
        // A client that leaves is what some tests are about; it must not end this process.
        record.failure = error;
      });
    });
    if (this.#nature.upgrade) this.#server.on("upgrade", this.#nature.upgrade);
    this.#server.listen(port, "127.0.0.1");
    await once(this.#server, "listening");
    this.origin = `http://127.0.0.1:${this.#server.address().port}`;
    this.url = `${this.origin}/v1`;
  }

  get last() {
    return this.requests.at(-1);
  }

  /** The first request that is like this, once it is here (its headers; `record.whole` has its body). */
  request(matches, what = "a request at the upstream") {
    return until(() => this.requests.find(matches), what);
  }

  /** The next request to arrive. */
  next() {
    const before = this.requests.length;
    return until(() => this.requests[before], "another request at the upstream");
  }

  /** What came of something, and the requests that arrived meanwhile. */
  async watched(something) {
    const before = this.requests.length;
    const result = await something();
    return [result, this.requests.slice(before)];
  }

  async stop() {
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }
}

/** One request, and the reins of its answer. */
class Recorded {
  received = 0;
  /** When the gateway gave the call up: the connection went before the answer was complete. */
  closedAt = undefined;
  #chunks = [];
  #waiting = [];
  #released = 0;
  #nature;

  constructor(request, response, nature) {
    this.#nature = nature;
    this.method = request.method;
    this.path = request.url.split("?")[0];
    this.url = request.url;
    this.headers = request.headers;
    this.rawHeaders = request.rawHeaders;
    this.response = response;
    this.socket = request.socket;
    response.on("close", () => {
      if (!response.writableFinished) this.closedAt = Date.now();
    });
    response.on("error", () => {});
    request.on("error", () => {});
    request.on("data", (chunk) => {
      this.received += chunk.length;
      this.#chunks.push(chunk);
    });
    this.whole = once(request, "end").then(() => this.body);
    this.whole.catch(() => {});
  }

  get closed() {
    return this.closedAt !== undefined;
  }

  get body() {
    return Buffer.concat(this.#chunks);
  }

  get text() {
    return this.body.toString("utf8");
  }

  get json() {
    return JSON.parse(this.text);
  }

  get query() {
    return new URL(this.url, "http://upstream").searchParams;
  }

  /** JSON or form, whatever names it. */
  get model() {
    if (this.query.has("as")) return this.query.get("as");
    const type = this.headers["content-type"] ?? "";
    if (type.startsWith("multipart/")) return /name="?model"?[^\r]*\r\n\r\n([^\r]*)\r\n/.exec(this.text)?.[1];
    if (this.received === 0) return undefined;
    try {
      return this.json.model;
    } catch {
      return undefined;
    }
  }

  async answer() {
    if (!this.query.get("as")?.startsWith("early-")) await this.whole;
    await this.#nature.behaviour(this)(this);
  }

  /** Lets a waiting answer take its next step, and the ones after it if there are to be several. */
  release(steps = 1) {
    this.#released += steps;
    this.#waiting.splice(0).forEach((wake) => wake());
  }

  /** For an answer: waits until the test lets it go on. */
  async leave() {
    while (this.#released === 0) await new Promise((wake) => this.#waiting.push(wake));
    this.#released -= 1;
  }

  /** Breaks the connection hard, whatever was sent. */
  reset() {
    this.socket.resetAndDestroy();
  }

  send(status, headers, body) {
    const bytes = Buffer.from(body);
    this.response.writeHead(status, { "content-length": bytes.length, ...this.#nature.identity(this), ...headers });
    this.response.end(bytes);
  }

  sendJson(status, value, headers = {}) {
    this.send(status, { "content-type": "application/json", ...headers }, JSON.stringify(value));
  }

  sendGzip(status, type, text) {
    this.send(status, { "content-type": type, "content-encoding": "gzip" }, gzipSync(text));
  }

  /** The head of an event stream, sent at once. */
  beginEvents(headers = {}) {
    const type = { "content-type": "text/event-stream; charset=utf-8" };
    this.response.writeHead(200, { ...type, ...this.#nature.identity(this), ...headers });
    this.response.flushHeaders();
  }
}

let served = 0;

/** What every answer of OpenAI carries, some of it not for the gateway's clients. */
function identity() {
  return {
    "x-request-id": `req_${++served}`,
    "openai-processing-ms": "12",
    "openai-organization": "org-of-the-upstream",
    "x-ratelimit-limit-requests": "500",
    "x-ratelimit-remaining-requests": "499",
    "set-cookie": "session=of-the-upstream; Path=/",
    server: "upstream/1.0",
    "cf-ray": "upstream-ray",
    "x-internal": "of-the-upstream",
    "alt-svc": 'h3=":443"',
    "access-control-allow-origin": "https://upstream.example",
  };
}
