// The Worker, and beside it GET /__memory: how much memory its wasm has taken. The memory of wasm only grows.
// GET /__forward?millis=N puts its clock forward.
import { putForward } from "./clock.js";
import { instances } from "./memory.js";
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
};

export default {
  ...worker,
  fetch(request, env, ctx) {
    const url = new URL(request.url);
    const probe = probes[url.pathname];
    return probe === undefined ? worker.fetch(request, env, ctx) : Response.json(probe(url));
  },
};
