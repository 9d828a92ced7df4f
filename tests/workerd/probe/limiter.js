// The object behind limits: it fails on demand, dies on demand, and tells how often it was born, was asked, and
// wrote.
import { Limiter as Real } from "./shim.js";

const after = (millis) => new Promise((resolve) => setTimeout(resolve, millis));

/** What befalls all objects, once they have heard a question. */
const troubles = {
  throws: () => Promise.reject(new Error("the object was told to fail")),
  // Longer than anybody waits.
  dawdles: () => after(400),
};
let trouble;
const tally = { born: 0, asked: 0, written: 0 };

export class Limiter extends Real {
  constructor(ctx, env) {
    super(ctx, env);
    tally.born += 1;
    const { kv } = ctx.storage;
    const put = kv.put.bind(kv);
    kv.put = (key, value) => {
      tally.written += 1;
      put(key, value);
    };
    this.ctx = { storage: { kv } };
    this.end = () => ctx.abort("the object was told to die");
  }

  async ask(message) {
    tally.asked += 1;
    const answer = super.ask(message);
    await troubles[trouble]?.();
    return answer;
  }

  die() {
    this.end();
  }
}

/** `dies`: the object that is to. `trouble`: what befalls all from now on. */
export async function control({ searchParams }, { LIMITER }) {
  const name = searchParams.get("dies");
  if (name !== null) await LIMITER.getByName(name).die().catch(() => {});
  if (searchParams.has("trouble")) trouble = searchParams.get("trouble");
  return tally;
}
