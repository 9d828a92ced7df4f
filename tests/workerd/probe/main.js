// The Worker, and beside it GET /__memory: how much memory its wasm has taken. The memory of wasm only grows.
import { instances } from "./memory.js";
import worker from "./shim.js";

export default {
  ...worker,
  fetch(request, env, ctx) {
    if (new URL(request.url).pathname !== "/__memory") return worker.fetch(request, env, ctx);
    const bytes = instances.map((instance) => instance.exports.memory.buffer.byteLength);
    return Response.json({ instances: bytes.length, bytes: bytes.at(-1) });
  },
};
