// Limits under load, with the real Durable Object: never more than the limit, and all of it.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { served, startLimited } from "./limits.mjs";
import { until } from "./until.mjs";

const RPM = 20;
const TPM = 2000;
/** What a call reserves, its question included, and what it takes. */
const RESERVED = 96;
const max_tokens = 90;
const USED = 7;

for (const [mode, isolates] of [["exact", 1], ["exact", 2], ["leased", 1], ["leased", 2]]) {
  // An isolate that holds nothing lets one call go on before it asks.
  const unasked = mode === "leased" && isolates > 1 ? isolates : 0;

  describe(`${mode}, in ${isolates === 1 ? "one isolate" : "two isolates"}`, () => {
    let limited;
    before(async () => {
      const clients = { requests: { rpm: RPM }, tokens: { tpm: TPM } };
      limited = await startLimited({ mode, isolates, clients });
    });
    after(() => limited?.stop());

    const isWithin = (count, limit) => {
      assert.ok(count >= limit && count <= limit + unasked, `${count}, and the limit is ${limit}`);
    };

    test("of the calls of a minute so many pass as may", async () => {
      let passed = 0;
      const more = async () => {
        const answers = await limited.chats(50, "requests");
        answers.filter(({ status }) => status !== 200).forEach(assertRefused);
        passed += served(answers);
        return passed >= RPM;
      };
      // One isolate may hold a lease of what the other wants.
      await until(more, "all of the limit");
      await more();
      isWithin(passed, RPM);
      assert.equal((await limited.status("requests")).state, "shared");
    });

    test("tokens are taken before anybody knows what is used, and come back", async () => {
      const { upstream } = limited;
      const held = upstream.requests.length;
      let ended = 0;
      const calls = Array.from({ length: 50 }, async (_, i) => {
        const answer = await limited.chat("tokens", { model: "held", max_tokens }, i % isolates);
        ended += 1;
        return answer;
      });
      await until(() => upstream.requests.length - held + ended === calls.length, "each is let in or refused");
      const most = Math.floor(TPM / RESERVED);
      isWithin(upstream.requests.length - held, most);
      upstream.requests.slice(held).forEach((record) => record.release());
      const passed = served(await Promise.all(calls));
      isWithin(passed, most);
      const left = TPM - passed * USED;
      await until(async () => (await limited.remaining("tokens")) === left, `${left} tokens are left`);
    });
  });
}

function assertRefused({ status, headers, json }) {
  assert.equal(status, 429);
  assert.equal(json.error.code, "rate_limit_exceeded");
  const wait = Number(headers["retry-after"]);
  assert.ok(wait >= 1 && wait <= 61, headers["retry-after"]);
}
