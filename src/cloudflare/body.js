// The client's body: what was read of it is kept, so that it can still be sent whole.

// Up to here a body of known length is read in one piece; beyond, in the runtime's chunks.
const AT_ONCE = 1 << 20;

export class ClientBody {
  constructor(request) {
    this.request = request;
    this.chunks = [];
    this.edits = [];
    this.reader = undefined;
    // Of a GET the runtime sends no body, and has one where the client says that it is empty.
    this.none = request.body === null || request.method === "GET" || request.method === "HEAD";
    this.ended = this.none;
  }

  get declared() {
    const length = this.request.headers.get("content-length");
    return length === null ? undefined : Number(length);
  }

  // The next bytes, undefined at the end.
  async window() {
    if (this.ended) return undefined;
    if (this.reader === undefined && this.declared <= AT_ONCE) {
      // Broken off it has not ended: what is sent in its place would be empty.
      this.chunks.push(new Uint8Array(await this.request.arrayBuffer()));
      this.ended = true;
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
    if (this.none) return undefined;
    if (this.ended) return edits.length === 0 ? this.whole() : join(edited(this.whole(), edits));
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
    ctx.waitUntil(pour(edited(this.whole(), edits), this.request.body, writable));
    return readable;
  }
}

async function pour(head, rest, writable) {
  try {
    const writer = writable.getWriter();
    for (const piece of head) await writer.write(piece);
    writer.releaseLock();
    await rest.pipeTo(writable);
  } catch {
    // The upstream's fetch fails with it, and says so.
  }
}

// The pieces of some bytes with others in between; the edits are sorted and apart from each other.
function edited(whole, edits) {
  const pieces = [];
  let at = 0;
  for (const { start, end, text } of edits) {
    pieces.push(whole.subarray(at, start), text);
    at = end;
  }
  pieces.push(whole.subarray(at));
  return pieces.filter((piece) => piece.length > 0);
}

export function join(chunks) {
  if (chunks.length === 1) return chunks[0];
  const whole = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
