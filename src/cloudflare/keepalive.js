// A client's answer kept alive: where nothing of it comes for long, its head goes out without it, and comments fill the
// silence, between two events only. Every chunk is looked at for that, so it is only there where it is asked for.
import { join } from "./body.js";

const encode = (text) => new TextEncoder().encode(text);
const COMMENT = encode(": keepalive\n\n");
const CR = 13;
const LF = 10;

export class KeepAlive {
  // `begin` gives the client its answer's head, with a body to follow; `leave`: the client has gone; `ifBroken`: what
  // follows where Rust did not come to say anything in events, having failed.
  constructor(millis, begin, leave, ifBroken) {
    this.millis = millis;
    this.begin = begin;
    this.leave = leave;
    this.ifBroken = ifBroken;
    // The head went out before there was an answer.
    this.begun = false;
    this.writer = undefined;
    this.reader = undefined;
    this.writing = 0;
    this.tail = new Uint8Array(0);
    this.isBetween = true;
    this.over = new Promise((resolve) => (this.resolve = resolve));
    this.sentAt = Date.now();
    this.wait(millis);
  }

  // What the client gets for an answer; nothing where its head went out.
  follow(answer) {
    const isStream = answer.headers.get("content-type")?.startsWith("text/event-stream") ?? false;
    if (!this.begun && !isStream) {
      this.end();
      return answer;
    }
    const body = this.begun ? undefined : this.open();
    this.pour(isStream ? answer : new Response(this.ifBroken));
    return body === undefined ? undefined : new Response(body, answer);
  }

  // Nothing goes out any more, and nothing is waited for.
  end() {
    clearTimeout(this.timer);
    this.reader?.cancel().catch(() => {});
    this.resolve();
  }

  wait(millis) {
    this.timer = setTimeout(() => this.look(), millis);
  }

  // One timer for all silences: of a chunk only the time is noted.
  look() {
    const left = this.sentAt + this.millis - Date.now();
    this.wait(left > 0 ? left : this.millis);
    if (left <= 0) this.comment();
  }

  comment() {
    // A client that has not taken what it has got needs no more.
    if (!this.isBetween || this.writing > 0) return;
    if (this.writer === undefined) {
      this.begun = true;
      this.begin(this.open());
    }
    this.write(COMMENT).catch(this.leave);
  }

  open() {
    const { readable, writable } = new IdentityTransformStream();
    this.writer = writable.getWriter();
    return readable;
  }

  async pour(answer) {
    try {
      this.reader = answer.body.getReader();
      for (let isFirst = true; ; isFirst = false) {
        const { value, done } = await this.read();
        if (done) break;
        await this.send(isFirst ? this.behindComments(value) : value);
      }
    } catch {
      this.leave();
    }
    this.end();
  }

  // A break is passed on as a break.
  async read() {
    try {
      const read = await this.reader.read();
      if (read.done) await this.writer.close();
      return read;
    } catch (error) {
      await this.writer.abort(error);
      return { done: true };
    }
  }

  async send(bytes) {
    this.tail = join([this.tail, bytes.slice(-3)]).slice(-3);
    this.isBetween = endsInBlankLine(this.tail);
    await this.write(bytes);
  }

  async write(bytes) {
    this.sentAt = Date.now();
    this.writing++;
    await this.writer.write(bytes);
    this.writing--;
  }

  // A byte-order mark may only come first: behind comments it would be part of a field's name.
  behindComments(bytes) {
    const isMarked = this.begun && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
    return isMarked ? bytes.slice(3) : bytes;
  }
}

// Lines end in any of three ways.
function endsInBlankLine([...bytes]) {
  const [last, before, third] = bytes.reverse();
  const isEnd = (byte) => byte === LF || byte === CR;
  return last === LF && before === CR ? isEnd(third) : isEnd(last) && isEnd(before);
}
