// The Worker, to whom https://forwarded.test is the mock whose address stands in ELSEWHERE: no test has a public host.
import worker from "./shim.js";

const { fetch } = globalThis;
let elsewhere;
globalThis.fetch = (url, options) => fetch(url.replace("https://forwarded.test", elsewhere), options);

export default {
  ...worker,
  fetch(request, env, ctx) {
    elsewhere = env.ELSEWHERE;
    return worker.fetch(request, env, ctx);
  },
};
