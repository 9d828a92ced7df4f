// What a call reserved of its client's tokens, and what is left of that when the call is over, however it ends.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { data } from "./answers.mjs";
import { open } from "./client.mjs";
import { keyOf, startLimited } from "./limits.mjs";
import { until } from "./until.mjs";

const LIMIT = 100_000;
/** What a call asks for, and what is reserved with its question ("hello", in a message). */
const max_tokens = 1000;
const QUESTION = 6;
/** What the mock says a call took. */
const usage = { prompt_tokens: 30, completion_tokens: 40, total_tokens: 70 };
const words = ["Hello", ", ", "world", "!"];

const chunk = (choices, more) => data({ id: "c", object: "chat.completion.chunk", created: 1, choices, ...more });

/** A stream of four words, which ends at a release, with what it took if it is to say so. */
async function stream(call, saysUsage) {
  call.beginEvents();
  for (const content of words) call.response.write(chunk([{ index: 0, delta: { content } }]));
  await call.leave();
  if (saysUsage) call.response.write(chunk([], { usage }));
  call.response.end("data: [DONE]\n\n");
}

/** By model; each waits for a release. */
const answers = {
  whole: async (call) => {
    await call.leave();
    call.sendJson(200, { id: "c", object: "chat.completion", choices: [], usage });
  },
  refuses: async (call) => {
    await call.leave();
    call.sendJson(400, { error: { message: "No.", type: "invalid_request_error" } });
  },
  streams: (call) => stream(call, call.json.stream_options?.include_usage),
  // It has never heard of `stream_options`.
  mute: (call) => stream(call, false),
};

/** What a client does, and what it costs: what was said, else what was seen of it, else what was asked for. */
const cases = {
  "a whole answer": { model: "whole", costs: 70 },
  "a refusal": { model: "refuses", costs: 0 },
  "a stream to its end": { model: "streams", stream: true, events: 5, costs: 70 },
  "a stream whose client asks what it took": { model: "streams", stream: true, asks: true, events: 6, costs: 70 },
  "a stream that does not say what it took": { model: "mute", stream: true, events: 5, costs: QUESTION + words.length },
  "a client that leaves before the headers": { model: "whole", leaves: "early", costs: QUESTION + max_tokens },
  "a client that leaves in the stream": { model: "streams", stream: true, leaves: "late", costs: QUESTION + words.length },
};

for (const mode of ["exact", "leased"]) {
  describe(mode, () => {
    const names = Object.keys(cases).map((_, i) => `client-${i}`);
    let limited;
    before(async () => {
      const clients = Object.fromEntries(names.map((name) => [name, { tpm: LIMIT }]));
      const behaviour = (call) => answers[call.model] ?? ((call) => call.sendJson(200, { data: [] }));
      limited = await startLimited({ mode, clients, behaviour });
    });
    after(() => limited?.stop());

    const spent = async (client) => LIMIT - (await limited.remaining(client));

    for (const [i, [what, { model, stream, asks, leaves, events, costs }]] of Object.entries(cases).entries()) {
      const client = names[i];
      test(what, async () => {
        const stream_options = asks && { include_usage: true };
        const json = { model, stream, stream_options, max_tokens, messages: [{ role: "user", content: "hello" }] };
        const arriving = limited.upstream.next();
        const sending = open(`${limited.worker.url}/v1/chat/completions`, { json, headers: keyOf(client) }).end();
        const record = await arriving;
        await record.whole;
        assert.equal(await spent(client), QUESTION + max_tokens);
        if (leaves === "late") for (const _ of words) await (await sending.answer()).event();
        if (leaves) sending.reset();
        else record.release();
        if (events) assert.equal((await (await sending.answer()).events()).length, events);
        await until(async () => (await spent(client)) === costs, `it costs ${costs}`);
      });
    }

    test("each of them once", async () => {
      // Longer than anything waits that is told in the background.
      await new Promise((resolve) => setTimeout(resolve, 1500));
      const expected = Object.values(cases).map(({ costs }) => costs);
      assert.deepEqual(await Promise.all(names.map(spent)), expected);
    });
  });
}
