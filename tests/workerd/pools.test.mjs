// Several servers behind one name, under load: clients see nothing of what becomes of some of them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { startPool } from "./pools.mjs";
import { until } from "./until.mjs";

const CALLS = 300;
const CONNECTIONS = 30;

async function withPool(rules, run, options) {
  const started = await startPool(rules, options);
  try {
    await run(started);
  } finally {
    await started.stop();
  }
}

/** Looks at the page all the while. */
async function watched(pool, loading) {
  const states = new Set();
  let isOver = false;
  const watching = async () => {
    while (!isOver) {
      for (const { status } of (await pool.status()).instances) states.add(status);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const [tally] = await Promise.all([loading.finally(() => (isOver = true)), watching()]);
  return [tally, states];
}

for (const [strategy, mood] of [["failover", "mute"], ["least_loaded", "hesitates"]]) {
  test(`${strategy}: one is killed under load, then one falls silent, then both come back`, () =>
    withPool({ strategy }, async (pool) => {
      const { a, b, c } = pool.members;
      const kill = (tally) => {
        tally.mayBreak();
        return a.kill();
      };
      const silence = () => (b.mood = mood);
      const loading = pool.load(CALLS, CONNECTIONS, { 100: kill, 200: silence });
      const [tally, states] = await watched(pool, loading);
      assert.deepEqual(tally.failures, []);
      assert.equal(tally.served + tally.broken, CALLS);
      assert.ok(tally.broken <= CONNECTIONS && c.served > 0);
      assert.deepEqual([...states].sort(), ["error", "healthy"]);
      await atRest(pool, { a: "error", b: "error", c: "healthy" });

      await a.revive();
      b.mood = "well";
      const before = [a.served, b.served];
      // Their pause is a minute.
      await pool.forward(61_000);
      const again = await pool.load(CALLS / 5, CONNECTIONS);
      assert.deepEqual([again.served, again.failures], [CALLS / 5, []]);
      assert.ok(a.served > before[0] && b.served > before[1]);
      await atRest(pool, { a: "healthy", b: "healthy", c: "healthy" });
    }));
}

test("what is used up is left alone, until all are, and the client is told the soonest time", () =>
  withPool({ strategy: "failover" }, async (pool) => {
    const { a, b, c } = pool.members;
    const each = 60;
    for (const [member, seconds] of [[a, 90], [b, 45], [c, 60]]) member.quota = { left: each, seconds };
    const tally = await pool.load(CALLS, CONNECTIONS);
    assert.deepEqual([tally.served, tally.failures], [3 * each, []]);
    assert.equal(tally.limited.length, CALLS - 3 * each);
    for (const headers of tally.limited) {
      const wait = Number(headers["retry-after"]);
      assert.ok(wait > 0 && wait <= 45, headers["retry-after"]);
    }
    for (const { served, refused } of [a, b, c]) {
      assert.equal(served, each);
      // Those that were on their way when it became known.
      assert.ok(refused <= CONNECTIONS, `${refused}`);
    }
    await atRest(pool, { a: "rate_limited", b: "rate_limited", c: "rate_limited" });
  }));

test("what one's filter refuses nobody else is asked", () =>
  withPool({ strategy: "failover" }, async (pool) => {
    const { a, b, c } = pool.members;
    a.mood = "filters";
    const answer = await pool.open({ model: "m" }).answer();
    assert.equal(answer.status, 400);
    assert.equal(JSON.parse(await answer.rest()).error.code, "content_filter");
    assert.equal(answer.headers["x-isthmus-attempts"], "1");
    assert.deepEqual([b.served, c.served], [0, 0]);
    await atRest(pool, { a: "healthy" });
  }));

test("what one isolate has seen the other knows", () => {
  const chat = async (pool, isolate) => {
    const answer = await pool.open({ model: "m" }, { isolate }).answer();
    assert.equal(answer.status, 200);
    return answer.headers;
  };
  const run = async (pool) => {
    await pool.members.a.kill();
    for (const attempts of ["2", "2", "2", "1"]) assert.equal((await chat(pool, 0))["x-isthmus-attempts"], attempts);
    const knows = async () => (await pool.status(1)).instances.some(({ status }) => status === "error");
    await until(knows, "the other one knows");
    const headers = await chat(pool, 1);
    assert.deepEqual([headers["x-isthmus-target"], headers["x-isthmus-attempts"]], ["b/m", "1"]);
  };
  return withPool({ strategy: "failover" }, run, { isolates: 2 });
});

test("what a call took is on the page", () =>
  withPool({ strategy: "least_loaded" }, async (pool) => {
    const calls = 6;
    for (let i = 0; i < calls; i++) await (await pool.open({ model: "m", stream: i % 2 === 0 }).answer()).rest();
    const instances = await atRest(pool, {});
    const used = instances.map(({ name, current_tpm }) => [name, current_tpm]);
    const expected = ["a", "b", "c"].map((name) => [`${name}/m`, 14]);
    assert.deepEqual(used.filter(([name]) => name.endsWith("/m")), expected);
  }));

/** Nothing is under way, and targets are in these states. */
async function atRest(pool, expected) {
  const { instances } = await until(async () => {
    const page = await pool.status();
    return page.instances.every(({ in_flight }) => in_flight === 0) && page;
  }, "nothing is under way");
  for (const [member, state] of Object.entries(expected)) {
    const its = instances.filter(({ name }) => name.startsWith(`${member}/`));
    assert.ok(its.length > 0 && its.every(({ status }) => status === state), JSON.stringify(its));
  }
  return instances;
}
