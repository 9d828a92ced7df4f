// The load generator: a process of its own, started by run.mjs, on bare sockets, since on few cores whatever
// it uses is taken from what it measures. Takes a job { port, kind, bodyBytes, connections, requests, repairs }, answers
// with its numbers, or with an error: a wrong status or length is no measurement.
import net from "node:net";
import { KINDS, request } from "./traffic.mjs";

process.on("message", async (job) => {
  try {
    process.send(await run(job));
  } catch (error) {
    process.send({ error: error.message });
  }
});
process.on("disconnect", () => process.exit());

async function run({ port, kind, bodyBytes, connections, requests, repairs }) {
  const bytes = request(kind, bodyBytes);
  const { length, repaired, least } = KINDS[kind];
  const wanted = repairs ? repaired : length;
  const isRight = (bytes) => (least ? bytes >= least : bytes === wanted);
  const open = await Promise.all(Array.from({ length: connections }, () => Connection.open(port)));
  const firsts = [];
  const totals = [];
  let left = requests;
  const begun = performance.now();
  const drive = async (connection) => {
    while (left-- > 0) {
      const { first, total } = await connection.ask(bytes, isRight);
      firsts.push(first);
      totals.push(total);
    }
    connection.close();
  };
  await Promise.all(open.map(drive));
  const millis = performance.now() - begun;
  return { millis, rps: (requests / millis) * 1000, first: percentiles(firsts), total: percentiles(totals) };
}

function percentiles(values) {
  values.sort((a, b) => a - b);
  const at = (share) => values[Math.min(values.length - 1, Math.floor(values.length * share))];
  return { p50: at(0.5), p99: at(0.99) };
}

class Connection {
  static open(port) {
    return new Promise((resolve, reject) => {
      const socket = net.connect({ port, host: "127.0.0.1", noDelay: true });
      socket.once("connect", () => resolve(new Connection(socket)));
      socket.once("error", reject);
    });
  }

  constructor(socket) {
    this.socket = socket;
    socket.on("data", (bytes) => this.take(bytes));
    socket.on("error", (error) => this.fail(error));
    socket.on("close", () => this.fail(new Error("the connection was closed")));
  }

  // Resolves to the milliseconds to the first byte of the body and to its end.
  ask(bytes, isRight) {
    return new Promise((resolve, reject) => {
      this.asked = { resolve, reject, isRight, at: performance.now(), first: undefined };
      this.answer = new Answer();
      this.socket.write(bytes);
    });
  }

  take(bytes) {
    const { asked, answer } = this;
    answer.take(bytes);
    if (answer.length > 0) asked.first ??= performance.now() - asked.at;
    if (!answer.ended) return;
    if (answer.status !== 200 || !asked.isRight(answer.length)) {
      return this.fail(new Error(`status ${answer.status} and ${answer.length} bytes are not what was expected`));
    }
    asked.resolve({ first: asked.first, total: performance.now() - asked.at });
  }

  fail(error) {
    this.asked?.reject(error);
  }

  close() {
    this.asked = undefined;
    this.socket.destroy();
  }
}

// As much of HTTP/1.1 as these answers need: a head, then a body of known length or in chunks.
class Answer {
  status = 0;
  length = 0;
  ended = false;
  #head = "";
  #declared = undefined;
  // Of a chunk: the digits of its size, then what is still to come of it, its line break included.
  #digits = "";
  #rest = 0;
  #last = false;

  take(bytes) {
    const body = this.status === 0 ? this.#takeHead(bytes) : bytes;
    if (this.status === 0) return;
    if (this.#declared === undefined) this.#takeChunks(body);
    else this.#takePlain(body);
  }

  #takeHead(bytes) {
    this.#head += bytes.toString("latin1");
    const end = this.#head.indexOf("\r\n\r\n");
    if (end < 0) return undefined;
    const before = this.#head.length - bytes.length;
    const head = this.#head.slice(0, end).toLowerCase();
    this.status = Number(head.slice(9, 12));
    const declared = /\r\ncontent-length: *(\d+)/.exec(head);
    if (declared) this.#declared = Number(declared[1]);
    return bytes.subarray(end + 4 - before);
  }

  #takePlain(bytes) {
    this.length += bytes.length;
    this.ended = this.length >= this.#declared;
  }

  #takeChunks(bytes) {
    for (let at = 0; at < bytes.length; ) {
      if (this.#rest > 0) {
        const step = Math.min(this.#rest, bytes.length - at);
        this.#rest -= step;
        at += step;
        this.ended = this.#last && this.#rest === 0;
      } else if (bytes[at] === 10) {
        at += 1;
        this.#begin(Number.parseInt(this.#digits, 16));
      } else {
        this.#digits += String.fromCharCode(bytes[at++]);
      }
    }
  }

  #begin(size) {
    this.#digits = "";
    this.#last = size === 0;
    this.#rest = size + 2;
    this.length += size;
  }
}
