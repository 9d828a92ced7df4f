// A second attempt beside a slow one, in the runtime: whose answer it is, and that the other one ends.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { behaviour, words } from "./answers.mjs";
import { chat, open } from "./client.mjs";
import { startUpstream } from "./upstream.mjs";
import { until } from "./until.mjs";
import { startWorker } from "./worker.mjs";

/** How soon the upstream must see that a call was given up. */
const soon = 1000;
/** The providers whose headers wait for the test. */
const held = new Set();

let upstream, worker;

const provider = (record) => record.path.split("/")[1];

before(async () => {
  const waits = async (call) => {
    await call.leave();
    return behaviour(call)(call);
  };
  upstream = await startUpstream({ behaviour: (call) => (held.has(provider(call)) ? waits : behaviour(call)) });
  const endpoint = (name) => ({ kind: "openai", endpoint: `${upstream.origin}/${name}/v1`, key: "$KEY" });
  const hedge = { percent: 100, after: 0.1 };
  const models = {
    m: { targets: ["first/m", "second/m"], hedge },
    steady: { targets: ["first/m", "second/steady"], hedge },
  };
  const providers = { first: endpoint("first"), second: endpoint("second") };
  const vars = { GATEWAY: JSON.stringify({ providers, models }), KEY: "key-of-ours", ALLOW_ANONYMOUS: "true" };
  worker = await startWorker({ vars });
});
after(async () => {
  await worker?.stop();
  await upstream?.stop();
});

/** How quick the first usually is; then it is as slow as the test says. */
async function usually() {
  held.clear();
  for (let i = 0; i < 20; i++) assert.equal((await chat(worker.url, { model: "m" })).status, 200);
}

const at = (name, from) => upstream.request((it) => upstream.requests.indexOf(it) >= from && provider(it) === name);
const closed = (record) => until(() => record.closed, "the upstream sees that the call was given up", soon);
const lastLine = async (lines) => {
  await until(() => worker.lines().length > lines, "the line of the call");
  return worker.lines().at(-1);
};

test("the rival's answer is the client's, and the slow attempt ends", async () => {
  await usually();
  held.add("first");
  const [from, lines] = [upstream.requests.length, worker.lines().length];
  const answer = await chat(worker.url, { model: "m" });
  assert.equal(answer.status, 200);
  assert.equal(answer.headers["x-isthmus-target"], "second/m");
  assert.equal(answer.headers["x-isthmus-attempts"], "2");
  assert.equal(answer.json.choices[0].message.role, "assistant");
  const [slow, rival] = [await at("first", from), await at("second", from)];
  assert.deepEqual(rival.json, { ...slow.json, model: "m" });
  await closed(slow);
  assert.equal(rival.closed, false);
  assert.deepEqual((await lastLine(lines)).outcomes, ["first/m cancelled", "second/m 200"]);
});

test("where the first is quicker after all, the rival ends", async () => {
  await usually();
  held.add("first").add("second");
  const from = upstream.requests.length;
  const answering = chat(worker.url, { model: "m" });
  const rival = await at("second", from);
  const slow = await at("first", from);
  slow.release();
  const answer = await answering;
  assert.equal(answer.headers["x-isthmus-target"], "first/m");
  assert.equal(answer.headers["x-isthmus-attempts"], "2");
  await closed(rival);
  assert.equal(slow.closed, false);
});

test("a stream of the rival's runs to its end", async () => {
  await usually();
  held.add("first");
  const from = upstream.requests.length;
  const answer = await chat(worker.url, { model: "m", stream: true });
  assert.equal(answer.headers["x-isthmus-target"], "second/m");
  assert.match(answer.text, new RegExp(`"content":"${words[0]}"[^]*data: \\[DONE\\]`));
  await closed(await at("first", from));
});

test("a client that leaves such a stream ends it", async () => {
  await usually();
  held.add("first");
  const from = upstream.requests.length;
  const json = { model: "steady", stream: true, messages: [] };
  const sending = open(`${worker.url}/v1/chat/completions`, { json }).end();
  const answer = await sending.answer();
  assert.equal(answer.headers["x-isthmus-target"], "second/steady");
  await answer.event();
  sending.reset();
  await closed(await at("second", from));
});

test("a client that leaves while both are awaited ends both", async () => {
  await usually();
  held.add("first").add("second");
  const [from, lines] = [upstream.requests.length, worker.lines().length];
  const sending = open(`${worker.url}/v1/chat/completions`, { json: { model: "m", messages: [] } }).end();
  const both = [await at("first", from), await at("second", from)];
  sending.reset();
  await Promise.all(both.map(closed));
  const line = await lastLine(lines);
  assert.deepEqual([line.status, line.error], [499, "client_closed"]);
  assert.equal(upstream.requests.length, from + 2);
});
