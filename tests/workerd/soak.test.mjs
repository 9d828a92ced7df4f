// Ten thousand requests, some of whose clients leave at any moment: all others get what is theirs, and nothing
// stays behind.
import assert from "node:assert/strict";
import { Agent } from "node:http";
import { after, before, test } from "node:test";
import { call, open } from "./client.mjs";
import { startUpstream } from "./upstream.mjs";
import { startWorker } from "./worker.mjs";

const REQUESTS = 10_000;
const WARM_UP = 2_000;
const CONNECTIONS = 64;
const SECONDS = 60;
const PAGE = 64 << 10;

let upstream, worker;
const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });

before(async () => {
  upstream = await startUpstream();
  upstream.forgetful = true;
  const vars = { OPENAI_BASE_URL: upstream.url, ALLOW_ANONYMOUS: "true" };
  worker = await startWorker({ vars, wrapper: "probe" });
});
after(async () => {
  agent.destroy();
  await worker?.stop();
  await upstream?.stop();
});

test(`${REQUESTS} requests on ${CONNECTIONS} connections`, { timeout: (SECONDS + 10) * 1000 }, async () => {
  const began = Date.now();
  const tally = { complete: 0, left: 0 };
  await run(0, WARM_UP, tally);
  const warm = await memory();
  await run(WARM_UP, REQUESTS, tally);
  const took = Date.now() - began;
  const { bytes, instances } = await memory();

  assert.equal(tally.complete + tally.left, REQUESTS);
  assert.ok(tally.left > REQUESTS / 50, `only ${tally.left} left`);
  assert.equal(instances, 1);
  assert.ok(bytes <= warm.bytes + 4 * PAGE, `${warm.bytes} bytes of wasm memory grew to ${bytes}`);
  const failures = worker.lines().filter((line) => line.status >= 500);
  assert.deepEqual(failures.slice(0, 3), []);
  const rate = Math.round((REQUESTS * 1000) / took);
  console.log(`soak: ${JSON.stringify(tally)}, ${rate}/s, wasm memory ${warm.bytes >> 10} -> ${bytes >> 10} KiB`);
});

/** The requests from `first` to before `end`, on so many connections at once. */
async function run(first, end, tally) {
  let next = first;
  const deadline = Date.now() + SECONDS * 1000;
  const connection = async () => {
    while (next < end) {
      if (Date.now() > deadline) throw new Error(`only ${next} requests in ${SECONDS} s`);
      const i = next++;
      await (random(i) < 0.05 ? leave(i, tally) : complete(i, tally));
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, connection));
}

function request(i, agent) {
  const json = { model: "m", stream: i % 2 === 0, messages: [{ role: "user", content: "x".repeat((i * 37) % 4000) }] };
  return open(`${worker.url}/v1/chat/completions`, { json, agent });
}

async function complete(i, tally) {
  const answer = await request(i, agent).end().answer();
  assert.equal(answer.status, 200);
  const body = (await answer.rest()).toString("utf8");
  if (i % 2 === 0) assert.ok(body.includes('"content":"world"') && body.endsWith("data: [DONE]\n\n"), body);
  else assert.equal(JSON.parse(body).choices[0].message.content, "Hello, world!");
  tally.complete += 1;
}

/** Leaves in both ways, at a moment between before the request was read and after the answer. */
async function leave(i, tally) {
  const sending = request(i).end();
  await new Promise((resolve) => setTimeout(resolve, random(i + 1) * 12));
  await (random(i + 2) < 0.5 ? sending.reset() : sending.close());
  tally.left += 1;
}

async function memory() {
  return (await call(`${worker.url}/__memory`)).json;
}

/** The same numbers at each run, spread over [0, 1). */
function random(seed) {
  const x = Math.sin(seed + 1) * 43758.5453;
  return x - Math.floor(x);
}
