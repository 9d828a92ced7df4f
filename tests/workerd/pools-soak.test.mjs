// Two thousand calls through pools and limits, some of whose clients leave: nothing stays behind.
import assert from "node:assert/strict";
import { Agent } from "node:http";
import { test } from "node:test";
import { call } from "./client.mjs";
import { startPool } from "./pools.mjs";
import { until } from "./until.mjs";

const CALLS = 2000;
const WARM_UP = 500;
const CONNECTIONS = 32;
const PAGE = 64 << 10;

test(`${CALLS} calls, half of them limited`, { timeout: 60_000 }, async () => {
  const clients = { limited: { key: "limited-key", rpm: 100_000, tpm: 100_000_000, daily_tokens: 1_000_000_000 } };
  const pool = await startPool({ strategy: "least_loaded" }, { clients, limits: { mode: "leased", tpm: 100_000_000 } });
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const memory = async () => (await call(`${pool.worker.url}/__memory`)).json;
  try {
    await run(pool, 0, WARM_UP, agent);
    const warm = await memory();
    await run(pool, WARM_UP, CALLS, agent);
    const { bytes, instances } = await memory();
    assert.equal(instances, 1);
    assert.ok(bytes <= warm.bytes + 2 * PAGE, `${warm.bytes} bytes of wasm memory grew to ${bytes}`);
    const isIdle = async () => (await pool.status()).instances.every(({ in_flight }) => in_flight === 0);
    await until(isIdle, "nothing is under way");
    assert.deepEqual(pool.worker.lines().filter(({ level }) => level === "error"), []);
    const foreign = pool.worker.output.split("\n").filter((line) => line !== "" && !line.startsWith("{"));
    assert.deepEqual(foreign, []);
    console.log(`pools: wasm memory ${warm.bytes >> 10} -> ${bytes >> 10} KiB`);
  } finally {
    agent.destroy();
    await pool.stop();
  }
});

/** The calls from `first` to before `end`. */
async function run(pool, first, end, agent) {
  let next = first;
  const connection = async () => {
    while (next < end) {
      const i = next++;
      await (i % 10 === 9 ? leave(pool, i) : complete(pool, i, agent));
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, connection));
}

const keyOf = (i) => (i % 4 < 2 ? "limited-key" : "anybody-key");

async function complete(pool, i, agent) {
  const stream = i % 2 === 0;
  const answer = await pool.open({ model: "m", stream }, { key: keyOf(i), agent }).answer();
  assert.equal(answer.status, 200);
  const text = (await answer.rest()).toString("utf8");
  assert.ok(stream ? text.endsWith("data: [DONE]\n\n") : text.includes("Hello, world!"), text);
}

/** In the midst of a stream, or of the wait for it. */
async function leave(pool, i) {
  const sending = pool.open({ model: "steady", stream: true }, { key: keyOf(i) });
  if (i % 20 === 9) await (await sending.answer()).event();
  else await new Promise((resolve) => setTimeout(resolve, i % 7));
  sending.reset();
}
