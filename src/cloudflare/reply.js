// An upstream's answer: its head, and its body as far as Rust has it read.
import { join } from "./body.js";

export class Reply {
  constructor(response) {
    this.response = response;
    this.reader = undefined;
    this.kept = [];
    this.left = false;
    this.ended = response.body === null;
  }

  // status, then the headers.
  head() {
    return `${this.response.status}\n${pack(this.response.headers)}`;
  }

  // Its first `limit` bytes, or all; kept, so that the body can still be passed on. A stall longer than
  // `idleMillis` fails.
  async read(limit, idleMillis) {
    let size = 0;
    while (size < limit) {
      const chunk = await this.next(idleMillis);
      if (chunk === undefined) break;
      this.kept.push(chunk);
      size += chunk.length;
    }
    return join(this.kept);
  }

  isWhole() {
    return this.ended;
  }

  // The next bytes, undefined at the end.
  next(idleMillis) {
    return within(idleMillis, this.chunk());
  }

  // The same, kept, so that the body can still be passed on.
  async look(idleMillis) {
    const chunk = await this.next(idleMillis);
    if (chunk !== undefined) this.kept.push(chunk);
    return chunk;
  }

  // The same, waiting as long as it takes.
  async chunk() {
    if (this.ended) return undefined;
    this.reader ??= this.response.body.getReader();
    const { value, done } = await this.reader.read();
    this.ended = done;
    return value;
  }

  // Lets the runtime have what is left.
  rest() {
    this.reader?.releaseLock();
    return this.response.body;
  }

  // The whole body, for the client: what was kept, then the rest.
  whole(ctx) {
    if (this.kept.length === 0 && !this.ended) return this.rest();
    if (this.ended) return this.kept.length === 0 ? null : join(this.kept);
    const { readable, writable } = new IdentityTransformStream();
    ctx.waitUntil(pour(this.kept, this.rest(), writable));
    return readable;
  }

  // Nobody waits for the rest.
  leave() {
    this.left = true;
    this.reader.cancel().catch(() => {});
  }
}

// Several answers' bodies as one, as they come. The first byte of each piece is the number of its body.
export class Joined {
  constructor(replies) {
    this.left = false;
    // An answer may have none (204).
    this.readers = replies.map(({ response }) => (response.body ?? new Response("").body).getReader());
    this.running = this.readers.length;
    this.arrived = [];
    this.wake = undefined;
    this.reader = this;
    for (const at of this.readers.keys()) this.ask(at);
  }

  // Of each body one piece is held at most: who does not read holds all of them up.
  ask(at) {
    this.readers[at].read().then(
      ({ value, done }) => this.arrive({ at, value, done }),
      (error) => this.arrive({ at, error }),
    );
  }

  arrive(piece) {
    this.arrived.push(piece);
    this.wake?.();
  }

  async read() {
    while (this.running > 0) {
      if (this.arrived.length === 0) await new Promise((resolve) => (this.wake = resolve));
      const { at, value, done, error } = this.arrived.shift();
      if (error !== undefined) throw error;
      if (done) this.running--;
      else {
        this.ask(at);
        return { value: join([Uint8Array.of(at), value]), done: false };
      }
    }
    return { value: undefined, done: true };
  }

  next(idleMillis) {
    return within(
      idleMillis,
      this.read().then(({ value }) => value),
    );
  }

  leave() {
    this.left = true;
    for (const reader of this.readers) reader.cancel().catch(() => {});
  }

  releaseLock() {
    for (const reader of this.readers) reader.releaseLock();
  }
}

// A break is passed on as a break: both ends of the stream fail with it.
async function pour(kept, rest, writable) {
  try {
    const writer = writable.getWriter();
    for (const piece of kept) await writer.write(piece);
    writer.releaseLock();
    await rest.pipeTo(writable);
  } catch {
    // Whoever still listens has been told.
  }
}

export function pack(headers) {
  let packed = "";
  for (const [name, value] of headers) packed += `${name}\n${value}\n`;
  return packed;
}

export function within(millis, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject("timeout"), millis);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
