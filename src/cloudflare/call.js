// One request on the runtime's side: everything here is a handle, an offset or a header, never the text of a
// body, save where Rust asked for a window of the client's. Rust (bridge.rs) decides; this carries out.

let calls = 0;

export class Call {
  constructor(request, env, ctx, wasm) {
    this.id = ++calls;
    this.request = request;
    this.env = env;
    this.ctx = ctx;
    this.wasm = wasm;
    this.sent = new Body(request);
    this.attempt = undefined;
    // Needs the compatibility flag enable_request_signal. Without it a client that leaves while Rust awaits
    // something would leave the future, and all it owns, behind for good.
    request.signal.addEventListener("abort", () => this.hangUp());
  }

  hangUp() {
    this.attempt?.abort();
    this.wasm.hang_up(this.id);
  }

  // method, url, id, then the headers: one string, since each string that crosses costs.
  head() {
    const { method, url, headers } = this.request;
    let head = `${method}\n${url}\n${crypto.randomUUID()}\n`;
    for (const [name, value] of headers) head += `${name}\n${value}\n`;
    return head;
  }

  // Every variable and secret; a table of wrangler.toml as JSON; bindings are not settings.
  settings() {
    const plain = (value) =>
      typeof value === "string" || Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
    const text = (value) => (typeof value === "string" ? value : JSON.stringify(value));
    const settings = Object.entries(this.env).filter(([, value]) => value !== null && plain(value));
    return JSON.stringify(settings.map(([name, value]) => [name, text(value)]));
  }

  window() {
    return this.sent.window();
  }

  whole() {
    return this.sent.whole();
  }

  isReplayable() {
    return this.sent.ended;
  }

  edit(start, end, text) {
    this.sent.edits.push({ start, end, text: new TextEncoder().encode(text) });
  }

  // head: method, url, then headers. Resolves to [status, headers, response]; rejects with "timeout" or with
  // the runtime's own error.
  async fetch(head, timeoutMillis) {
    const [method, url, ...lines] = head.split("\n");
    const headers = pairs(lines);
    const attempt = (this.attempt = new AbortController());
    const timer = setTimeout(() => attempt.abort("timeout"), timeoutMillis);
    try {
      const body = this.sent.take(this.ctx);
      const response = await fetch(url, { method, headers, body, signal: attempt.signal, redirect: "manual" });
      return new Reply(response);
    } catch (error) {
      // The runtime wraps a reason that is a string in an Error of its own.
      throw attempt.signal.aborted ? attempt.signal.reason : error;
    } finally {
      clearTimeout(timer);
    }
  }

  // What remains of a client's limit, or, below zero, seconds to wait. Rejects when the shared count does not
  // answer at once: nobody waits for it longer.
  take(client, amount, limit) {
    if (this.env.LIMITER === undefined) return Promise.reject("unbound");
    return within(200, this.env.LIMITER.getByName(client).take(amount, limit));
  }

  // A value of the KV namespace, null if there is none.
  async stored(key) {
    return (await this.env.STORE?.get(key)) ?? null;
  }

  waitUntil(task) {
    this.ctx.waitUntil(task);
  }

  // The answers. `head`: headers only.
  empty(status, head) {
    return new Response(null, { status, headers: pairs(head.split("\n")) });
  }

  bytes(status, head, bytes) {
    return new Response(bytes.slice(), { status, headers: pairs(head.split("\n")) });
  }

  native(status, head, reply) {
    return new Response(reply.response.body, { status, headers: pairs(head.split("\n")) });
  }

  // An event stream goes through natively; only its end is looked at, so that a break can be told. `ending`
  // (Rust's) writes the report; nothing else of Rust is alive while the stream runs.
  events(status, head, reply, ifBroken, ending) {
    const { readable, writable } = new IdentityTransformStream();
    this.ctx.waitUntil(this.pipe(reply.response.body, writable, ifBroken, ending));
    return new Response(readable, { status, headers: pairs(head.split("\n")) });
  }

  async pipe(body, writable, ifBroken, ending) {
    try {
      await body.pipeTo(writable, { preventClose: true, preventAbort: true });
      await writable.close();
      ending.complete();
    } catch {
      // Either side may have failed; only a client that is still there can be told.
      try {
        const writer = writable.getWriter();
        await writer.write(new TextEncoder().encode(ifBroken));
        await writer.close();
        ending.broken();
      } catch {
        this.attempt?.abort();
        ending.hung_up();
      }
    }
  }
}

// An upstream's answer.
class Reply {
  constructor(response) {
    this.response = response;
    this.status = response.status;
  }

  head() {
    let head = "";
    for (const [name, value] of this.response.headers) head += `${name}\n${value}\n`;
    return head;
  }

  // The first `limit` bytes; a stall longer than `idleMillis` ends it.
  async read(limit, idleMillis) {
    const chunks = [];
    if (this.response.body === null) return join(chunks);
    const reader = this.response.body.getReader();
    for (let size = 0; size < limit; ) {
      const { value, done } = await within(idleMillis, reader.read());
      if (done) return join(chunks);
      chunks.push(value.subarray(0, limit - size));
      size += value.length;
    }
    reader.cancel().catch(() => {});
    return join(chunks);
  }
}

// The client's body: what was read of it is kept, so that it can still be sent whole.
class Body {
  constructor(request) {
    this.request = request;
    this.chunks = [];
    this.edits = [];
    this.reader = undefined;
    this.ended = request.body === null;
  }

  get declared() {
    const length = this.request.headers.get("content-length");
    return length === null ? undefined : Number(length);
  }

  // The next bytes, undefined at the end. A small body of known length comes at once.
  async window() {
    if (this.ended) return undefined;
    if (this.reader === undefined && this.declared <= 65536) {
      this.ended = true;
      this.chunks.push(new Uint8Array(await this.request.arrayBuffer()));
      return this.chunks[0];
    }
    this.reader ??= this.request.body.getReader();
    const { value, done } = await this.reader.read();
    if (done) {
      this.ended = true;
      return undefined;
    }
    this.chunks.push(value);
    return value;
  }

  whole() {
    if (this.chunks.length !== 1) this.chunks = [join(this.chunks)];
    return this.chunks[0];
  }

  // What goes to the upstream: bytes where all of it is here, else a stream of what was read and the rest.
  take(ctx) {
    const edits = this.edits.splice(0);
    if (this.request.body === null) return undefined;
    if (this.ended) return edits.length === 0 ? this.whole() : join(edited(this.chunks, edits));
    if (this.reader === undefined && edits.length === 0) return this.request.body;
    return this.spliced(edits, ctx);
  }

  spliced(edits, ctx) {
    const grown = edits.reduce((sum, { start, end, text }) => sum + text.length - (end - start), 0);
    const declared = this.declared;
    // With a length the upstream sees a length; some servers refuse a chunked upload.
    const { readable, writable } =
      declared === undefined ? new IdentityTransformStream() : new FixedLengthStream(declared + grown);
    this.reader?.releaseLock();
    ctx.waitUntil(pour(edited(this.chunks, edits), this.request.body, writable));
    return readable;
  }
}

async function pour(head, rest, writable) {
  try {
    const writer = writable.getWriter();
    for (const chunk of head) await writer.write(chunk);
    writer.releaseLock();
    await rest.pipeTo(writable);
  } catch {
    // The upstream's fetch fails with it, and says so.
  }
}

// The chunks with some bytes replaced; the edits are sorted and apart from each other.
function edited(chunks, edits) {
  const whole = join(chunks);
  const pieces = [];
  let at = 0;
  for (const { start, end, text } of edits) {
    pieces.push(whole.subarray(at, start), text);
    at = end;
  }
  pieces.push(whole.subarray(at));
  return pieces.filter((piece) => piece.length > 0);
}

function join(chunks) {
  if (chunks.length === 1) return chunks[0];
  const whole = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

// name, value, name, value, and the empty piece behind the last line break.
function pairs(lines) {
  const pairs = [];
  for (let i = 0; i + 1 < lines.length; i += 2) pairs.push([lines[i], lines[i + 1]]);
  return pairs;
}

function within(millis, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject("timeout"), millis);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
