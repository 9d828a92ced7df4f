// The Worker's entry: hands each request to wasm, awaits for it what it asks for, and replaces the wasm instance
// if it ever broke.
import { DurableObject } from "cloudflare:workers";
import * as wasm from "./index.js";
import { Call } from "./call.js";

// Two internal exports of the worker crate, whose version is pinned for it; a test traps on purpose.
const state = wasm.__worker_init_state();
addEventListener("error", ({ error }) => noteTrap(error));
let instance = 0;

// A trap (out of memory, stack overflow) leaves an instance that must not be used again. A panic does not.
function noteTrap(error) {
  if (!(error instanceof WebAssembly.RuntimeError) || state.criticalError) return;
  state.criticalError = true;
  Call.allGoDown(error);
}

function recover() {
  if (!state.criticalError) return;
  wasm.__wbg_reset_state();
  state.criticalError = false;
  instance++;
}

export default {
  async fetch(request, env, ctx) {
    recover();
    const call = new Call(request, env, ctx, wasm, drive);
    call.endWithClient();
    // Null: the call went down with its wasm instance. (After a hang-up nothing here goes on.)
    const answering = drive(call, () => wasm.fetch(call, call.id, call.head()));
    return call.soonest(answering.then((answer) => answer ?? broken()));
  },
};

// Hands wasm what it awaits, until it is done.
async function drive(call, begin) {
  try {
    let answer = begin();
    while (answer === undefined) {
      const { ticket, failed, value } = await call.next();
      answer = wasm.resume(call.id, ticket, failed, value);
    }
    return answer;
  } catch (error) {
    noteTrap(error);
    return null;
  } finally {
    call.answered();
  }
}

// One object for each name. What it counts lives in wasm; on disk is what it must not forget.
export class Limiter extends DurableObject {
  #inner;
  #instance;
  #timer;

  // A question and its answer are JSON.
  ask(message) {
    recover();
    if (this.#instance !== instance) {
      this.#inner = new wasm.Limiter(this.ctx.storage.kv.get("object"));
      this.#instance = instance;
    }
    try {
      const answer = this.#inner.ask(message);
      // The runtime holds the answer back until it is written.
      this.#save(this.#inner.due());
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#rest(), 1000);
      return answer;
    } catch (error) {
      noteTrap(error);
      throw error;
    }
  }

  // Nothing was asked for a while. What went down with its wasm instance is on disk as far as it must be.
  #rest() {
    if (this.#instance === instance && !state.criticalError) this.#save(this.#inner.rest());
  }

  #save(text) {
    if (text !== undefined) this.ctx.storage.kv.put("object", text);
  }
}

// What Rust would say, had it not just failed.
function broken() {
  const message = "The gateway failed on this request. That is a defect of the gateway.";
  const error = { message, type: "server_error", param: null, code: "internal_error" };
  return Response.json({ error }, { status: 500, headers: { "access-control-allow-origin": "*" } });
}
