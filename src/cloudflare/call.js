// One request on the runtime's side: everything here is a handle, an offset or a header, never the text of a
// body, save where Rust asked for a window of the client's. Rust (bridge.rs) decides; this carries out.
import { ClientBody } from "./body.js";
import { KeepAlive } from "./keepalive.js";
import { Joined, Reply, pack, within } from "./reply.js";
import { change, pass } from "./stream.js";

let calls = 0;
// The files KV has. A free account may list a thousand times a day, and read a hundred times as often: what is in a
// file is asked for each time, which files there are is remembered for a while.
let listed = { names: [] };
// The calls whose client can still leave. A signal's listener lives as long as its request: it holds a number,
// not a call and all it refers to.
const live = new Map();

export class Call {
  // `drive` has wasm begin, and goes on with it until it is done.
  constructor(request, env, ctx, wasm, drive) {
    const id = ++calls;
    this.id = id;
    this.request = request;
    this.env = env;
    this.ctx = ctx;
    this.wasm = wasm;
    this.drive = drive;
    this.sent = new ClientBody(request);
    // Of each lane those that run.
    this.attempts = [[], []];
    this.streaming = false;
    this.tickets = 0;
    this.arrived = [];
    this.wake = undefined;
    this.goDown = undefined;
    this.respond = undefined;
    this.keepsAlive = undefined;
    live.set(id, this);
  }

  // Needs the compatibility flag enable_request_signal. Without it a client that leaves while Rust awaits something
  // would leave the future, and all it owns, behind for good.
  endWithClient() {
    const { id } = this;
    this.request.signal.addEventListener("abort", () => live.get(id)?.hangUp());
  }

  // After this nothing of the call goes on, save what `waitUntil` holds.
  hangUp() {
    live.delete(this.id);
    this.keepsAlive?.end();
    this.abandonAll();
    this.wasm.hang_up(this.id);
  }

  // The answer is made; a stream may still run.
  answered() {
    if (!this.streaming) live.delete(this.id);
  }

  // method, url, id, then the headers: one string, since each string that crosses costs.
  head() {
    const { method, url, headers } = this.request;
    return `${method}\n${url}\n${crypto.randomUUID()}\n${pack(headers)}`;
  }

  // Every variable and secret as text; bindings are not settings.
  settings() {
    const settings = Object.entries(this.env).map(([name, value]) => [name, asText(value)]);
    return JSON.stringify(settings.filter(([, text]) => text !== undefined));
  }

  // What takes time gives Rust a ticket at once, and the shim an outcome later.
  ticket(promise) {
    const ticket = ++this.tickets;
    promise.then(
      (value) => this.arrive({ ticket, failed: false, value }),
      (value) => this.arrive({ ticket, failed: true, value }),
    );
    return ticket;
  }

  arrive(outcome) {
    if (this.wake === undefined) this.arrived.push(outcome);
    else this.wake(outcome);
    this.wake = undefined;
  }

  // The next outcome; fails when the wasm instance that awaits it has gone down.
  next() {
    if (this.arrived.length > 0) return this.arrived.shift();
    return new Promise((resolve, reject) => {
      this.wake = resolve;
      this.goDown = reject;
    });
  }

  static allGoDown(trap) {
    for (const call of live.values()) call.goDown?.(trap);
  }

  window() {
    return this.ticket(this.sent.window());
  }

  whole() {
    return this.sent.whole();
  }

  // What is sent instead.
  replace(bytes) {
    this.sent.chunks = [bytes.slice()];
  }

  isReplayable() {
    return this.sent.ended;
  }

  edit(start, end, text) {
    this.sent.edits.push({ start, end, text: new TextEncoder().encode(text) });
  }

  // head: method, url, then headers. Brings a Reply; fails with "timeout" or with the runtime's own error.
  fetch(head, timeoutMillis, lane) {
    this.abandon(lane);
    return this.ticket(this.send(head, timeoutMillis, lane, () => this.sent.take(this.ctx)));
  }

  // The same with bytes of Rust's, or none; `beside` others that go on.
  ask(head, bytes, timeoutMillis, lane, beside) {
    if (!beside) this.abandon(lane);
    const body = bytes?.slice();
    return this.ticket(this.send(head, timeoutMillis, lane, () => body));
  }

  // An attempt that did not do ends before the next of its lane begins.
  abandon(lane) {
    for (const attempt of this.attempts[lane].splice(0)) attempt.abort();
  }

  abandonAll() {
    for (const lane of this.attempts.keys()) this.abandon(lane);
  }

  async send(head, timeoutMillis, lane, takeBody) {
    const lines = head.split("\n");
    const [method, url] = lines;
    const headers = unpack(lines, 2);
    const attempt = new AbortController();
    this.attempts[lane].push(attempt);
    const timer = setTimeout(() => attempt.abort("timeout"), timeoutMillis);
    try {
      const body = takeBody();
      return new Reply(await fetch(url, { method, headers, body, signal: attempt.signal, redirect: "manual" }));
    } catch (error) {
      // The runtime wraps a reason that is a string in an Error of its own.
      throw attempt.signal.aborted ? attempt.signal.reason : error;
    } finally {
      clearTimeout(timer);
    }
  }

  read(reply, limit, idleMillis) {
    return this.ticket(reply.read(limit, idleMillis));
  }

  nextOf(reply, idleMillis) {
    return this.ticket(reply.next(idleMillis));
  }

  // The same, kept for the client.
  look(reply, idleMillis) {
    return this.ticket(reply.look(idleMillis));
  }

  join(replies) {
    return new Joined(replies);
  }

  sign(key, message) {
    return this.ticket(sign(key.slice(), message.slice()));
  }

  // Work of Rust's that goes on when the answer is there; no client's leaving ends it.
  later(job) {
    const call = new Call(this.request, this.env, this.ctx, this.wasm, this.drive);
    // Not now: Rust is in the middle of something.
    const begun = Promise.resolve().then(() => this.drive(call, () => this.wasm.work(call, call.id, job)));
    this.ctx.waitUntil(begun);
  }

  sleep(millis) {
    return this.ticket(new Promise((resolve) => setTimeout(resolve, millis)));
  }

  // The answer, or, where it is kept alive and takes long, a head that it follows.
  soonest(answering) {
    return new Promise((resolve) => {
      this.respond = resolve;
      answering.then((answer) => resolve(this.keepsAlive === undefined ? answer : this.keepsAlive.follow(answer)));
    });
  }

  // Has the client's answer begin, with a comment, when nothing of it has come for so long. `head`: headers only;
  // `ifBroken`: what follows it where Rust fails.
  keepAlive(millis, head, ifBroken) {
    const begin = (body) => this.respond(respond(body, 200, head));
    this.keepsAlive = new KeepAlive(millis, begin, () => this.hangUp(), ifBroken);
    this.ctx.waitUntil(this.keepsAlive.over);
  }

  // Whether it has begun that way.
  hasBegun() {
    return this.keepsAlive.begun;
  }

  hasObjects() {
    return this.env.LIMITER !== undefined;
  }

  // What a shared object answers. Fails when it does not at once: nobody waits for it longer.
  askShared(name, message) {
    const { LIMITER } = this.env;
    const answer = LIMITER === undefined ? Promise.reject("unbound") : LIMITER.getByName(name).ask(message);
    return this.ticket(within(200, answer));
  }

  // A value of the KV namespace, null if there is none.
  stored(key, millis) {
    return this.ticket(this.lookUp(key, millis));
  }

  // What of the configuration is in KV: a document, and the files below a prefix, as JSON; each where it is asked for.
  kept(key, prefix, millis) {
    return this.ticket(this.configuration(key, prefix, millis));
  }

  // The same in the background, for the next calls.
  refresh(key, prefix) {
    const refreshing = this.configuration(key, prefix, 2000).then(([document, files]) => {
      const isThere = (key === undefined || document !== null) && files !== "[]";
      if (isThere) this.wasm.reconfigure(this, document ?? undefined, files ?? undefined);
    });
    this.ctx.waitUntil(refreshing.catch(() => {}));
  }

  async configuration(key, prefix, millis) {
    const document = key === undefined ? null : this.lookUp(key, millis);
    const files = prefix === undefined ? null : within(millis, this.files(prefix));
    return Promise.all([document, files]);
  }

  // The files below a prefix, by their names. One more than Rust reads is enough for it to say so.
  async files(prefix) {
    const { STORE } = this.env;
    if (STORE === undefined) return "[]";
    const age = listed.names.length > 0 ? 300_000 : 10_000;
    if (listed.prefix !== prefix || Date.now() - listed.at >= age) {
      const { keys } = await STORE.list({ prefix });
      const names = keys.map(({ name }) => name).filter((name) => name.endsWith(".json"));
      listed = { prefix, names: names.slice(0, 65), at: Date.now() };
    }
    const files = [];
    // Six at a time are asked in any case; Rust says of what is too large that it is.
    for (let at = 0, length = 0; at < listed.names.length && length <= 4 << 20; at += 6) {
      const some = listed.names.slice(at, at + 6).map(async (name) => [name, await STORE.get(name)]);
      for (const [name, text] of await Promise.all(some)) {
        if (text !== null) files.push([name, text]);
        length += text?.length ?? 0;
      }
    }
    return JSON.stringify(files);
  }

  // Left in KV for all isolates; lost, it is found again.
  store(key, value, seconds) {
    const { STORE } = this.env;
    if (STORE === undefined) return;
    this.ctx.waitUntil(STORE.put(key, value, { expirationTtl: seconds }).catch(() => {}));
  }

  // KV that does not answer is as good as none.
  async lookUp(key, millis) {
    const { STORE } = this.env;
    return STORE === undefined ? null : within(millis, STORE.get(key));
  }

  // The answers. `head`: headers only.
  empty(status, head) {
    return respond(null, status, head);
  }

  bytes(status, head, bytes) {
    return respond(bytes.slice(), status, head);
  }

  native(status, head, reply) {
    return respond(reply.whole(this.ctx), status, head, reply.response.webSocket);
  }

  // An event stream that passes as it is.
  events(status, head, reply, ifBroken, ending) {
    return this.stream(status, head, (writable) => pass(reply, writable, ifBroken, ending));
  }

  // One that `ending` changes on its way.
  changed(status, head, reply, first, idleMillis, ifBroken, ending) {
    const bytes = first.slice();
    return this.stream(status, head, (writable) => change(reply, writable, bytes, idleMillis, ifBroken, ending));
  }

  stream(status, head, run) {
    const { readable, writable } = new IdentityTransformStream();
    const answer = respond(readable, status, head);
    this.streaming = true;
    this.ctx.waitUntil(
      run(writable).then((stayed) => {
        if (!stayed) this.abandonAll();
        // What it took is known now.
        this.wasm.tidy_up(this);
        live.delete(this.id);
      }),
    );
    return answer;
  }
}

async function sign(key, message) {
  const algorithm = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
  const imported = await crypto.subtle.importKey("pkcs8", key, algorithm, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign(algorithm.name, imported, message));
}

// A variable of wrangler.toml may be anything TOML has: a list is written with commas, a table and a list of tables as
// JSON.
function asText(value) {
  if (["string", "number", "boolean"].includes(typeof value)) return String(value);
  if (Array.isArray(value)) return value.some(isTable) ? JSON.stringify(value) : value.join(",");
  return isTable(value) ? JSON.stringify(value) : undefined;
}

function isTable(value) {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function respond(body, status, head, webSocket) {
  return new Response(body, { status, headers: unpack(head.split("\n"), 0), webSocket });
}

// A record, which the runtime takes three times as fast as pairs; of two headers of one name the last counts (the
// runtime joined what came from outside). The last line is the empty one behind the last line break.
function unpack(lines, from) {
  const headers = { __proto__: null };
  for (let i = from; i + 1 < lines.length; i += 2) headers[lines[i]] = lines[i + 1];
  return headers;
}
