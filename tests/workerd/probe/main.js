// The Worker, and beside it GET /__memory: how much memory its wasm has taken. The memory of wasm only grows.
// GET /__forward?millis=N puts its clock forward. GET /__objects is about the shared objects: see limiter.js.
import { putForward } from "./clock.js";
import { instances } from "./memory.js";
import { control } from "./limiter.js";
import worker from "./shim.js";

const probes = {
  "/__memory": () => {
    const bytes = instances.map((instance) => instance.exports.memory.buffer.byteLength);
    return { instances: bytes.length, bytes: bytes.at(-1) };
  },
  "/__forward": ({ searchParams }) => {
    putForward(Number(searchParams.get("millis")));
    return {};
  },
  "/__objects": control,
};

export { Limiter } from "./limiter.js";

export default {
  ...worker,
  async fetch(request, env, ctx) {
    const url = new URL(request.url);
    const probe = probes[url.pathname];
    return probe === undefined ? worker.fetch(request, env, ctx) : Response.json(await probe(url, env));
  },
};
