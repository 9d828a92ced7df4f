// An event stream on its way to the client. `ending` is Rust's (bridge.rs): what is to be changed, and the report;
// nothing else of Rust is alive while a stream runs. Both ways give whether the client was there to the end.
import { join } from "./body.js";
import { within } from "./reply.js";

// The copy of a stream that passes unseen is read in pieces of at most this size, so often, and this much of its end
// is looked at: the chunk with the finish reason, the usage and `[DONE]` stand there. The last event of a response has
// its metadata behind the usage, up to 9 KiB.
const PIECE = 1 << 16;
const NOW_AND_THEN = 500;
const LAST = 1 << 14;
// How long the end of a broken stream may take.
const AT_ONCE = 50;

// Natively: the end alone is looked at, so that a break can be told.
export async function pass(reply, writable, ifBroken, ending) {
  try {
    for (const piece of reply.kept.splice(0)) await write(writable, piece);
    await reply.rest().pipeTo(writable, { preventAbort: true });
    report(() => ending.complete());
    return true;
  } catch {
    // Either side may have failed; only a client that is still there can be told.
    return close(writable, encode(ifBroken), ending);
  }
}

// Piece by piece through Rust while there may be something to change, then natively. `first` is what became of
// what was read already. Where there are no words for a break (`ifBroken` is empty), it is one for the client, too.
export async function change(reply, writable, first, idleMillis, ifBroken, ending) {
  let tail = encode(ifBroken);
  let breaks = ifBroken === "";
  try {
    await write(writable, first);
    const seen = await changed(reply, writable, idleMillis, ending);
    if (!seen.ended && !ending.watches_end()) return pass(reply, writable, ifBroken, ending);
    const { broken, last, length } = seen.ended ? seen : await unseen(reply.rest(), writable, ending);
    tail = ending.finish(broken, last, length ?? 0);
    breaks = ending.breaks_off();
  } catch (error) {
    // The client has gone, and `close` will notice; or the wasm instance has, and the stream is broken off.
    if (error instanceof WebAssembly.RuntimeError) reportError(error);
  }
  return breaks ? breakOff(reply, writable, tail, ending) : close(writable, tail, ending);
}

// Read directly: every promise between a chunk and the client costs as much as its change.
async function changed(reply, writable, idleMillis, ending) {
  const { reader } = reply;
  const writer = writable.getWriter();
  const wait = new Wait(idleMillis, () => reply.leave());
  try {
    while (!ending.settled()) {
      wait.begin();
      let read;
      try {
        read = await reader.read();
      } catch {
        return { ended: true, broken: true };
      }
      wait.end();
      if (read.done) return { ended: true, broken: reply.left };
      const piece = ending.push(read.value) ?? read.value;
      if (piece.length > 0) await writer.write(piece);
    }
    return ending.breaks_off() ? { ended: true, broken: true } : { ended: false };
  } finally {
    wait.over();
    writer.releaseLock();
  }
}

// A wait that comes again and again, bounded by one timer: it is found too long after once to twice the time.
class Wait {
  constructor(millis, tooLong) {
    this.count = 0;
    this.waits = false;
    let seen;
    this.timer = setInterval(() => {
      if (this.waits && this.count === seen) tooLong();
      seen = this.count;
    }, millis);
  }

  begin() {
    this.count++;
    this.waits = true;
  }

  end() {
    this.waits = false;
  }

  over() {
    clearInterval(this.timer);
  }
}

// What is left goes natively, and a copy of it is read for its last bytes.
async function unseen(body, writable, ending) {
  const [theirs, ours] = body.tee();
  const copy = new Copy(ours);
  try {
    await theirs.pipeTo(writable, { preventAbort: true, preventClose: true });
    return { broken: false, last: await copy.end(), length: copy.length };
  } catch {
    // Of an upstream that broke the end is here already; while it is silent, it was the client that left.
    const last = await within(AT_ONCE, copy.end()).catch(() => undefined);
    if (last !== undefined) return { broken: true, last, length: copy.length };
    copy.leave();
    ending.left(copy.last, copy.length);
    return { broken: true };
  }
}

// A tee reads for both its sides at once, and at least as much as the more demanding side wants: a copy asks for no
// more than there is, and only now and then, as chunk by chunk it would cost as much as a change. What came meanwhile
// is the runtime's to hold.
class Copy {
  constructor(body) {
    this.reader = body.getReader({ mode: "byob" });
    this.buffer = new ArrayBuffer(PIECE);
    this.last = new Uint8Array(0);
    this.length = 0;
    this.reading = undefined;
    this.timer = setInterval(() => {
      this.reading ??= this.drain().finally(() => (this.reading = undefined));
    }, NOW_AND_THEN);
  }

  // Reads what is there, and one piece more.
  async drain() {
    while ((await this.read()) === PIECE);
  }

  // How much was read: nothing at the end, which a break is, too.
  async read() {
    if (this.buffer === undefined) return 0;
    const { value, done } = await this.reader.read(new Uint8Array(this.buffer)).catch(() => ({ done: true }));
    this.buffer = undefined;
    if (done) return 0;
    this.last = join([this.last, value]).slice(-LAST);
    this.length += value.length;
    this.buffer = value.buffer;
    return value.length;
  }

  // The last bytes, once all were read.
  async end() {
    clearInterval(this.timer);
    await this.reading;
    while ((await this.read()) > 0);
    return this.last;
  }

  leave() {
    this.reader.cancel().catch(() => {});
  }
}

async function write(writable, bytes) {
  if (bytes.length === 0) return;
  const writer = writable.getWriter();
  try {
    await writer.write(bytes);
  } finally {
    writer.releaseLock();
  }
}

async function close(writable, tail, ending) {
  try {
    // Fails after a write that failed: the runtime does not give that writer's lock back.
    const writer = writable.getWriter();
    if (tail.length > 0) await writer.write(tail);
    await writer.close();
    report(() => ending.ended());
    return true;
  } catch {
    report(() => ending.hung_up());
    return false;
  }
}

// The client's connection breaks, once what it is to have is there.
async function breakOff(reply, writable, tail, ending) {
  reply.leave();
  try {
    const writer = writable.getWriter();
    if (tail.length > 0) await writer.write(tail);
    await writer.abort("broken off");
    report(() => ending.ended());
    return true;
  } catch {
    report(() => ending.hung_up());
    return false;
  }
}

// A report goes down with its wasm instance; the stream it is about does not.
function report(write) {
  try {
    write();
  } catch {
    console.error("a report was lost with its wasm instance");
  }
}

const encode = (text) => new TextEncoder().encode(text);
