// Limits as their tests see them: a Worker, or several that share the objects, before a mock; what their clients get.
import { call, chat } from "./client.mjs";
import { startUpstream } from "./upstream.mjs";
import { startWorker } from "./worker.mjs";

/**
 * `mode`: how limits are kept. `clients`: what each is bound by; its key is its name, `-key` behind it. `isolates`: 0
 * where no object is bound.
 */
export async function startLimited({ mode, clients, isolates = 1, behaviour }) {
  const upstream = await startUpstream(behaviour && { behaviour });
  const keyed = ([name, limits]) => [name, { key: `${name}-key`, ...limits }];
  const gateway = {
    providers: { up: { kind: "openai", endpoint: upstream.url, key: "key-of-the-owner" } },
    default: "up",
    clients: Object.fromEntries(Object.entries(clients).map(keyed)),
    limits: { mode },
  };
  const worker = await startWorker({ vars: { GATEWAY: JSON.stringify(gateway) }, isolates, wrapper: "probe" });
  return new Limited(upstream, worker);
}

class Limited {
  constructor(upstream, worker) {
    this.upstream = upstream;
    this.worker = worker;
  }

  /** A call of a client's; `isolate`: which of them it comes to. */
  chat(client, body = {}, isolate = 0) {
    return chat(this.worker.urls[isolate], { model: "m", ...body }, keyOf(client));
  }

  /** So many at once, spread over the isolates. */
  chats(count, client, body) {
    const { length } = this.worker.urls;
    return Promise.all(Array.from({ length: count }, (_, i) => this.chat(client, body, i % length)));
  }

  /** Of a client's tokens a minute: what a call is told that takes none. */
  async remaining(client, isolate = 0) {
    const answer = await call(`${this.worker.urls[isolate]}/v1/files`, { headers: keyOf(client) });
    return Number(answer.headers["x-ratelimit-remaining-tokens"]);
  }

  /** How often objects were born, were asked, and wrote; `options`: see probe/limiter.js. */
  async objects(options = {}) {
    return (await call(`${this.worker.url}/__objects?${new URLSearchParams(options)}`)).json;
  }

  async status(client) {
    return (await call(`${this.worker.url}/v1/instances/status`, { headers: keyOf(client) })).json;
  }

  async stop() {
    await this.worker.stop();
    await this.upstream.stop();
  }
}

export const keyOf = (client) => ({ authorization: `Bearer ${client}-key` });

export const served = (answers) => answers.filter((answer) => answer.status === 200).length;
