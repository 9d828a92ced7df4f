// A client on node:http: it sends what it is told in the pieces it is told, sees bytes as they come, and can
// leave in both ways there are.
import { Agent, request } from "node:http";
import { within } from "./until.mjs";

const patience = 10_000;

/** A request that waits for its end: { status, headers, body, text, json }. */
export async function call(url, options = {}) {
  const sending = open(url, options);
  sending.end();
  const answer = await sending.answer();
  const body = await answer.rest();
  const text = body.toString("utf8");
  return { status: answer.status, headers: answer.headers, body, text, json: parsed(text) };
}

/** The usual call: a chat with a model whose name tells the mock what to do. */
export function chat(url, body, headers = {}) {
  const messages = [{ role: "user", content: "hello" }];
  return call(`${url}/v1/chat/completions`, { json: { messages, ...body }, headers });
}

/** A request that is still open: the test writes, reads and leaves when it likes. */
export function open(url, { method, path, headers = {}, json, body, agent } = {}) {
  const payload = json === undefined ? body : JSON.stringify(json);
  const length = payload === undefined ? {} : { "content-length": Buffer.byteLength(payload) };
  const type = json === undefined ? {} : { "content-type": "application/json" };
  const verb = method ?? (payload === undefined ? "GET" : "POST");
  // An agent of its own: what one test does to its connection is no other's.
  const own = agent ?? new Agent({ keepAlive: false });
  const options = { method: verb, headers: { ...type, ...length, ...headers }, agent: own };
  // `path`: sent as it stands, instead of the URL's.
  return new Sending(request(url, path === undefined ? options : { ...options, path }), payload);
}

class Sending {
  #request;
  #payload;
  #answered;

  constructor(request, payload) {
    this.#request = request;
    this.#payload = payload;
    this.#answered = new Promise((resolve, reject) => {
      request.on("response", (response) => resolve(new Answer(response)));
      request.on("error", reject);
    });
    this.#answered.catch(() => {});
  }

  write(bytes) {
    this.#request.write(bytes);
  }

  end() {
    this.#request.end(this.#payload);
    return this;
  }

  /** The answer's head. */
  answer() {
    return within(patience, "the answer's headers", this.#answered);
  }

  /** Leaves as a program that dies does: the connection is reset. */
  reset() {
    this.#leave((socket) => socket.resetAndDestroy());
  }

  /** Leaves politely: the connection is closed (FIN). */
  close() {
    this.#leave((socket) => socket.destroy());
  }

  #leave(how) {
    const { socket } = this.#request;
    this.#request.on("error", () => {});
    if (socket === null) this.#request.destroy(); // it has not even come to a connection
    // Node 22 spins on the reset of a socket that it has half closed after the answer's end.
    else if (socket.writableEnded) socket.destroy();
    else how(socket);
  }
}

class Answer {
  #chunks;
  #text = "";

  constructor(response) {
    this.status = response.statusCode;
    this.headers = response.headers;
    this.rawHeaders = response.rawHeaders;
    this.#chunks = response[Symbol.asyncIterator]();
    response.on("error", () => {});
  }

  /** The next bytes; undefined at the end; an error if the connection broke. */
  async chunk() {
    const { value, done } = await within(patience, "more bytes", this.#chunks.next());
    return done ? undefined : value;
  }

  async rest() {
    const chunks = [];
    for (let chunk; (chunk = await this.chunk()) !== undefined; ) chunks.push(chunk);
    return Buffer.concat(chunks);
  }

  /** The next event of a stream, as text without its blank line; undefined at the end. */
  async event() {
    for (;;) {
      const end = /\r?\n\r?\n/.exec(this.#text);
      if (end !== null) {
        const event = this.#text.slice(0, end.index);
        this.#text = this.#text.slice(end.index + end[0].length);
        if (event.trim() !== "") return event.trim();
        continue;
      }
      const chunk = await this.chunk();
      if (chunk === undefined) return this.#text.trim() === "" ? undefined : this.#text;
      this.#text += chunk.toString("utf8");
    }
  }

  async events() {
    const events = [];
    for (let event; (event = await this.event()) !== undefined; ) events.push(event);
    return events;
  }
}

/** Parts of a form, as bytes: [{ name, filename, type, value }]. */
export function form(parts, boundary = "boundary-of-the-tests") {
  const pieces = parts.flatMap(({ name, filename, type, value }) => {
    const file = filename === undefined ? "" : `; filename="${filename}"`;
    const media = type === undefined ? "" : `content-type: ${type}\r\n`;
    const head = `--${boundary}\r\ncontent-disposition: form-data; name="${name}"${file}\r\n${media}\r\n`;
    return [Buffer.from(head), Buffer.from(value), Buffer.from("\r\n")];
  });
  const body = Buffer.concat([...pieces, Buffer.from(`--${boundary}--\r\n`)]);
  return { body, headers: { "content-type": `multipart/form-data; boundary=${boundary}` } };
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
