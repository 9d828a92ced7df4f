// Three servers behind one name, each with moods and a quota, and a load of calls that knows what became of each.
import assert from "node:assert/strict";
import { behaviour, words } from "./answers.mjs";
import { call, open } from "./client.mjs";
import { startUpstream } from "./upstream.mjs";
import { startWorker } from "./worker.mjs";

/** What a server does instead of answering. */
const moods = {
  // Accepts, and says nothing.
  mute: () => {},
  filters: (call) => {
    const error = { message: "The prompt was filtered.", type: null, param: "prompt", code: "content_filter", status: 400 };
    call.sendJson(400, { error });
  },
  // The head of a stream, and nothing to say; else it is mute.
  hesitates: (call) => {
    if (!call.json.stream) return;
    call.beginEvents();
    const choices = [{ index: 0, delta: { role: "assistant", content: "" }, finish_reason: null }];
    call.response.write(`data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 1, choices })}\n\n`);
  },
};

/** One of the servers. */
class Member {
  mood = "well";
  /** How many it answers, and when it says that it will be back. */
  quota = { left: Infinity, seconds: 0 };
  served = 0;
  refused = 0;

  async start() {
    const identity = () => ({ "x-ratelimit-remaining-requests": String(Math.min(this.quota.left, 1000)) });
    this.upstream = await startUpstream({ behaviour: (call) => this.#behaviour(call), identity });
    this.upstream.forgetful = true;
    this.port = Number(new URL(this.upstream.url).port);
  }

  #behaviour(call) {
    if (moods[this.mood]) return moods[this.mood];
    if (this.quota.left === 0) return (call) => this.#refuse(call);
    this.quota.left -= 1;
    this.served += 1;
    return behaviour(call);
  }

  #refuse(call) {
    this.refused += 1;
    const error = { message: "Rate limit reached.", type: "requests", param: null, code: "rate_limit_exceeded" };
    call.sendJson(429, { error }, { "retry-after": String(this.quota.seconds) });
  }

  /** Its connections break, and no new one is accepted. */
  kill() {
    return this.upstream.stop();
  }

  revive() {
    this.mood = "well";
    return this.upstream.start(this.port);
  }
}

/**
 * `rules`: of the pools, whose targets are the model of their name at each server. `limits`, `clients`: of GATEWAY.
 * `isolates`: how many Workers there are before them.
 */
export async function startPool(rules, { limits, clients, isolates = 1 } = {}) {
  const members = { a: new Member(), b: new Member(), c: new Member() };
  await Promise.all(Object.values(members).map((member) => member.start()));
  const openai = ({ upstream }) => ({ kind: "openai", endpoint: upstream.url });
  const azure = ({ upstream }) => ({ kind: "azure", form: "v1", endpoint: upstream.origin, tpm: 1_000_000 });
  const provider = (name, of) => ({ ...of(members[name]), key: "key-of-the-owner", upstream_timeout: 2 });
  const pool = (model) => ({ ...rules, first_output_timeout: 1, targets: ["a", "b", "c"].map((name) => `${name}/${model}`) });
  const gateway = {
    providers: { a: provider("a", openai), b: provider("b", openai), c: provider("c", azure) },
    models: { m: pool("m"), steady: pool("steady") },
    clients: { anybody: { key: "anybody-key" }, ...clients },
    limits,
  };
  const worker = await startWorker({ vars: { GATEWAY: JSON.stringify(gateway) }, isolates, wrapper: "probe" });
  return new Pool(members, worker);
}

class Pool {
  constructor(members, worker) {
    Object.assign(this, { members, worker });
  }

  open(json, { key = "anybody-key", agent, isolate = 0 } = {}) {
    const headers = { authorization: `Bearer ${key}` };
    const messages = [{ role: "user", content: "hello" }];
    return open(`${this.worker.urls[isolate]}/v1/chat/completions`, { json: { messages, ...json }, headers, agent }).end();
  }

  /** Whole answers, quick streams and slow ones in turn; `at`: what is done before a call of that number. */
  async load(count, connections, at = {}) {
    const tally = new Tally();
    let next = 0;
    const connection = async () => {
      while (next < count) {
        const i = next++;
        await at[i]?.(tally);
        const json = [{ model: "m" }, { model: "m", stream: true }, { model: "steady", stream: true }][i % 3];
        await tally.take(json, this.open(json));
      }
    };
    await Promise.all(Array.from({ length: connections }, connection));
    return tally;
  }

  async status(isolate = 0) {
    const headers = { authorization: "Bearer anybody-key" };
    const answer = await call(`${this.worker.urls[isolate]}/v1/instances/status`, { headers });
    assert.equal(answer.status, 200);
    return answer.json;
  }

  forward(millis) {
    return call(`${this.worker.url}/__forward?millis=${millis}`);
  }

  async stop() {
    await this.worker.stop();
    await Promise.all(Object.values(this.members).map((member) => member.kill()));
  }
}

/** What became of calls. */
class Tally {
  served = 0;
  /** Streams that had begun, and ended with an error. */
  broken = 0;
  limited = [];
  failures = [];
  /** Streams whose end is not there. */
  underWay = new Set();

  async take(json, sending) {
    const stream = { mayBreak: false };
    if (json.stream) this.underWay.add(stream);
    const head = await sending.answer();
    const text = (await head.rest()).toString("utf8");
    this.underWay.delete(stream);
    if (head.status === 429) this.limited.push(head.headers);
    else if (head.status === 200 && isWhole(json, text)) this.served += 1;
    else if (stream.mayBreak && endsWithError(text)) this.broken += 1;
    else this.failures.push({ json, status: head.status, text: text.slice(-300), by: head.headers["x-isthmus-target"] });
  }

  /** One of their servers is about to go. */
  mayBreak() {
    for (const stream of this.underWay) stream.mayBreak = true;
  }
}

function isWhole({ model, stream }, text) {
  if (!stream) return text.includes(words.join(""));
  const isThere = text.includes(model === "steady" ? "word39" : words.at(-1));
  return isThere && text.endsWith("data: [DONE]\n\n") && !endsWithError(text);
}

function endsWithError(text) {
  const last = text.trim().split("\n\n").findLast((event) => event.includes("data: {"));
  return last?.includes(`"error":`);
}
