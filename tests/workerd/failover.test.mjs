// A pool of targets: the next one gets the same request when the first is no use.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { chat, form, call } from "./client.mjs";
import { startUpstream } from "./upstream.mjs";
import { startWorker } from "./worker.mjs";

let upstream, worker;

before(async () => {
  upstream = await startUpstream();
  const provider = (name, key) => ({ kind: "openai", endpoint: `${upstream.origin}/${name}/v1`, key });
  const providers = {
    first: provider("first", "$FIRST_KEY"),
    second: provider("second", "$SECOND_KEY"),
    nobody: { kind: "openai", endpoint: "http://127.0.0.1:9/v1" },
  };
  const models = {
    broken: ["first/status-500", "second/m"],
    busy: ["first/status-429", "second/m"],
    away: ["nobody/m", "second/m"],
    wrong: ["first/status-400", "second/m"],
    hopeless: ["first/status-500", "second/status-503"],
  };
  const vars = {
    GATEWAY: JSON.stringify({ providers, models }),
    FIRST_KEY: "key-of-first",
    SECOND_KEY: "key-of-second",
    ALLOW_ANONYMOUS: "true",
  };
  worker = await startWorker({ vars });
});
after(async () => {
  await worker?.stop();
  await upstream?.stop();
});

for (const model of ["broken", "busy", "away"]) {
  for (const stream of [false, true]) {
    // Who was busy is left alone for a while.
    const attempts = model === "busy" && stream ? "1" : "2";
    test(`${model}: the second target answers${stream ? " with a stream" : ""}`, async () => {
      const answer = await chat(worker.url, { model, stream });
      assert.equal(answer.status, 200);
      assert.equal(answer.headers["x-isthmus-target"], "second/m");
      assert.equal(answer.headers["x-isthmus-attempts"], attempts);
      assert.equal(upstream.last.url, "/second/v1/chat/completions");
      assert.equal(upstream.last.headers.authorization, "Bearer key-of-second");
      assert.equal(upstream.last.model, "m");
    });
  }
}

test("a mistake of the client's is nobody else's to repeat", async () => {
  const before = upstream.requests.length;
  const answer = await chat(worker.url, { model: "wrong" });
  assert.equal(answer.status, 400);
  assert.equal(upstream.requests.length, before + 1);
});

test("when none does better, the last one's refusal is the answer", async () => {
  const answer = await chat(worker.url, { model: "hopeless" });
  assert.equal(answer.status, 503);
  assert.equal(answer.headers["x-isthmus-attempts"], "2");
});

test("a form that is all here is sent again whole", async () => {
  const parts = (model) => [{ name: "file", filename: "a.mp3", value: "sound" }, { name: "model", value: model }];
  const { body, headers } = form(parts("broken"));
  const answer = await call(`${worker.url}/v1/audio/transcriptions`, { body, headers });
  assert.equal(answer.status, 200);
  assert.ok(upstream.last.body.equals(form(parts("m")).body));
});
