// The object behind a limit: what it forgets when it dies, how often it writes, and what is done without it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { call } from "./client.mjs";
import { served, startLimited } from "./limits.mjs";
import { until } from "./until.mjs";

const clients = {
  minute: { rpm: 3 },
  daily: { daily_tokens: 130 },
  busy: { rpm: 1000 },
  away: { rpm: 10 },
};
/** With its question 96 tokens; 7 are used. */
const body = { max_tokens: 90 };

async function withLimits(options, run) {
  const limited = await startLimited({ clients, ...options });
  try {
    await run(limited);
  } finally {
    await limited.stop();
  }
}

const each = async (count, make) => {
  const answers = [];
  for (let i = 0; i < count; i++) answers.push(await make(i));
  return answers;
};

for (const mode of ["exact", "leased"]) {
  test(`${mode}: an object that dies knows what was used`, () =>
    withLimits({ mode, isolates: 2 }, async (limited) => {
      assert.equal(served(await each(5, () => limited.chat("minute"))), 3);
      const { born } = await limited.objects({ dies: "client:minute" });
      // The other isolate knows of nothing.
      const allowed = mode === "exact" ? 0 : 1;
      assert.equal(served(await each(5, () => limited.chat("minute", {}, 1))), allowed);
      assert.equal((await limited.objects()).born, born + 1);
      assert.equal((await limited.status("minute")).state, "shared");
    }));
}

test("a day's budget outlives the minute and the object", () =>
  withLimits({ mode: "exact" }, async (limited) => {
    let passed = 0;
    // What a call did not use is given back in the background.
    const next = async () => (passed += served([await limited.chat("daily", body)])) === 5;
    await until(next, "all of the budget");
    await limited.objects({ dies: "client:daily" });
    await call(`${limited.worker.url}/__forward?millis=61000`);
    const refused = await limited.chat("daily", body);
    assert.equal(refused.status, 429);
    assert.equal(refused.json.error.code, "insufficient_quota");
    assert.equal(refused.headers["x-should-retry"], "false");
  }));

test("an object does not write for each call", () =>
  withLimits({ mode: "exact" }, async (limited) => {
    assert.equal(served(await limited.chats(200, "busy")), 200);
    const { asked, written } = await limited.objects();
    assert.ok(asked >= 200, `${asked}`);
    // A block is a twentieth of the limit.
    assert.ok(written <= 200 / 50 + 1, `${written} times written, of ${asked} asked`);
  }));

for (const [what, trouble, isolates, state] of [
  ["is not bound", "", 0, "isolate"],
  ["fails", "throws", 1, "degraded"],
  ["is slow", "dawdles", 1, "degraded"],
]) {
  for (const mode of ["exact", "leased"]) {
    test(`${mode}, and the object ${what}: calls go on, within the limit, and soon`, () =>
      withLimits({ mode, isolates }, async (limited) => {
        if (trouble) await limited.objects({ trouble });
        const began = Date.now();
        assert.equal(served(await limited.chats(30, "away")), 10);
        assert.ok(Date.now() - began < 2000, `${Date.now() - began} ms`);
        assert.equal((await limited.status("away")).state, state);
        const again = Date.now();
        assert.equal((await limited.chat("away")).status, 429);
        // Nobody waits for it a second time.
        assert.ok(Date.now() - again < 200, `${Date.now() - again} ms`);
      }));
  }
}
