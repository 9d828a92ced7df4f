// A KV namespace as workerd asks one: a service of plain HTTP. Several Workers may share it, and it may be silent or
// fail.
import { once } from "node:events";
import { createServer } from "node:http";

export async function startStore() {
  const store = new Store();
  await store.start();
  return store;
}

class Store {
  /** By name: { value, seconds }. */
  entries = new Map();
  /** What was asked, in order: "GET name" or "PUT name". */
  calls = [];
  /** `silent`: nothing is answered; `failing`: everything with a 500. */
  manner = "usual";
  #server = createServer((request, response) => {
    // A Worker that is stopped in the middle of something leaves nothing.
    this.#serve(request, response).catch(() => {});
  });

  async start() {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    this.address = `127.0.0.1:${this.#server.address().port}`;
  }

  async #serve(request, response) {
    const { pathname, searchParams } = new URL(request.url, "http://store");
    const name = decodeURIComponent(pathname.slice(1));
    this.calls.push(`${request.method} ${name}`);
    if (this.manner === "silent") return;
    if (this.manner === "failing") return response.writeHead(500).end();
    if (request.method === "GET") {
      const entry = this.entries.get(name);
      return entry ? response.end(entry.value) : response.writeHead(404).end();
    }
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const seconds = Number(searchParams.get("expiration_ttl"));
    this.entries.set(name, { value: Buffer.concat(chunks).toString("utf8"), seconds });
    response.end();
  }

  /** The entries of lists, as pairs. */
  get lists() {
    return [...this.entries].filter(([name]) => name.startsWith("models:"));
  }

  async stop() {
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }
}
