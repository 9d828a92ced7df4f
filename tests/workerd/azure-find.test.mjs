// What is found out once is not asked again: under which name a deployment is there, and what it does not take.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import OpenAI, { toFile } from "openai";
import { sound } from "./answers.mjs";
import { clientKey, startAzure, variables } from "./azure.mjs";
import { chat, open } from "./client.mjs";
import { startWorker } from "./worker.mjs";

let azure, worker, openai;

before(async () => {
  azure = await startAzure();
});
beforeEach(async () => {
  await worker?.stop();
  // A Worker that has learnt nothing yet.
  worker = await startWorker({ vars: variables(azure) });
  openai = new OpenAI({ baseURL: `${worker.url}/v1`, apiKey: clientKey, maxRetries: 0 });
});
after(async () => {
  await worker?.stop();
  await azure?.stop();
  assert.deepEqual(azure.complaints, []);
});

const messages = [{ role: "user", content: "hello" }];
const headers = { authorization: `Bearer ${clientKey}` };

/** What Azure is asked meanwhile. */
async function asked(work) {
  const before = azure.requests.length;
  await work();
  return azure.requests.slice(before);
}

const deployments = (records) => records.map((record) => decodeURIComponent(record.path.split("/")[3]));

test("a model is found under the name its deployment has, within the call, and then at once", async () => {
  const create = () => openai.chat.completions.create({ model: "gpt-3.5-turbo", messages });
  assert.deepEqual(deployments(await asked(create)), ["gpt-3.5-turbo", "gpt-35-turbo"]);
  assert.deepEqual(deployments(await asked(create)), ["gpt-35-turbo"]);
  const stream = () => openai.chat.completions.stream({ model: "gpt-3.5-turbo", messages }).finalChatCompletion();
  assert.deepEqual(deployments(await asked(stream)), ["gpt-35-turbo"]);
});

test("it is found by a model with a date", async () => {
  const create = () => openai.chat.completions.create({ model: "gpt-4o-2024-08-06", messages });
  const [first, ...others] = deployments(await asked(create));
  assert.equal(first, "gpt-4o-2024-08-06");
  assert.equal(others.at(-1), "gpt-4o");
  assert.deepEqual(deployments(await asked(create)), ["gpt-4o"]);
});

test("it is found for a stream", async () => {
  const stream = () => openai.chat.completions.stream({ model: "gpt-3.5-turbo", messages }).finalChatCompletion();
  assert.deepEqual(deployments(await asked(stream)), ["gpt-3.5-turbo", "gpt-35-turbo"]);
});

test("it is found for an upload, whose bytes arrive whole", async () => {
  const file = await toFile(sound, "speech.mp3");
  const hear = async () => {
    assert.equal((await openai.audio.transcriptions.create({ file, model: "whisper-1" })).text, "heard every byte");
  };
  assert.deepEqual(deployments(await asked(hear)), ["whisper-1", "whisper"]);
  assert.deepEqual(deployments(await asked(hear)), ["whisper"]);
});

test("it is found in the form without dates", async () => {
  const create = () => openai.chat.completions.create({ model: "v1/gpt-3.5-turbo", messages });
  assert.deepEqual(
    (await asked(create)).map((record) => record.json.model),
    ["gpt-3.5-turbo", "gpt-35-turbo"],
  );
  assert.deepEqual(
    (await asked(create)).map((record) => record.json.model),
    ["gpt-35-turbo"],
  );
});

test("what no name finds is found in the list of deployments, by its model", async () => {
  const create = () => openai.chat.completions.create({ model: "gpt-5", messages });
  const [first, list, found] = await asked(create);
  assert.equal(list.url, "/openai/deployments?api-version=2022-12-01");
  assert.deepEqual(deployments([first, found]), ["gpt-5", "prod"]);
  assert.deepEqual(deployments(await asked(create)), ["prod"]);
});

test("what is found nowhere is a 404 that says what was tried, and how to say it", async () => {
  const create = openai.chat.completions.create({ model: "gpt-3.5-turbo-0301", messages });
  await assert.rejects(create, (error) => {
    assert.ok(error instanceof OpenAI.NotFoundError);
    assert.equal(error.code, "model_not_found");
    assert.match(error.message, /gpt-3\.5-turbo-0301.*gpt-35-turbo-0301/s);
    assert.match(error.message, /map/i);
    return true;
  });
});

test("a name that is no path stays one segment", async () => {
  const answer = await chat(worker.url, { model: "a b/../gpt-4o" }, headers);
  assert.ok([400, 404].includes(answer.status));
  for (const model of ["../files", "..", "gpt-4o?x=1", "gpt-4o#", "gpt%2D4o"]) {
    const [status, records] = await refusedOrEscaped(model);
    assert.ok([400, 404].includes(status), model);
    const chats = records.filter((record) => record.method === "POST");
    for (const { path } of chats) assert.match(path, /^\/openai\/deployments\/[^/]+\/chat\/completions$/, model);
  }
});

async function refusedOrEscaped(model) {
  let status;
  const records = await asked(async () => {
    ({ status } = await chat(worker.url, { model }, headers));
  });
  return [status, records];
}

for (const [what, refused, kept] of [
  ["max_tokens", { max_tokens: 9 }, { max_completion_tokens: 9 }],
  ["temperature", { temperature: 0.2 }, {}],
  ["several parameters", { max_tokens: 9, temperature: 0.2, top_p: 0.5 }, { max_completion_tokens: 9 }],
]) {
  test(`a refusal of ${what} teaches, within the call, and for the next`, async () => {
    const create = () => openai.chat.completions.create({ model: "prod", messages, ...refused });
    const first = await asked(create);
    assert.equal(first.length, 1 + Object.keys(refused).length);
    const { model, messages: sent, ...rest } = first.at(-1).json;
    assert.deepEqual(rest, kept, `${model} ${sent}`);
    assert.equal((await asked(create)).length, 1);
  });
}

test("a family that is known by its name needs no lesson", async () => {
  const create = () => openai.chat.completions.create({ model: "gpt-5-mini", messages, max_tokens: 9, temperature: 1 });
  assert.equal((await asked(create)).length, 1);
});

test("a hint of the owner's spares the lesson", async () => {
  const hinted = { prod: { deployment: "prod", family: "gpt-5" } };
  const told = await startWorker({ vars: variables(azure, { deployments: hinted }) });
  try {
    const records = await asked(() => chat(told.url, { model: "prod", max_tokens: 9 }, headers));
    assert.equal(records.length, 1);
    assert.equal(records[0].json.max_completion_tokens, 9);
  } finally {
    await told.stop();
  }
});

test("an image of 2023 is asked for a stream again, without options", async () => {
  const stream = { model: "plain-minded", messages, stream_options: { include_usage: true }, user: "u" };
  const create = () => openai.chat.completions.stream(stream).finalChatCompletion();
  const first = await asked(create);
  assert.equal(first.length, 3);
  assert.equal(first.at(-1).json.stream, true);
  assert.equal((await asked(create)).length, 1);
});

test("nothing is sent again where the owner does not want it", async () => {
  const plain = await startWorker({ vars: variables(azure, { reactive_retry: false }) });
  try {
    const records = await asked(async () => {
      assert.equal((await chat(plain.url, { model: "prod", max_tokens: 9 }, headers)).status, 400);
    });
    assert.equal(records.length, 1);
  } finally {
    await plain.stop();
  }
});

test("calls that find out at the same time are all answered", async () => {
  const json = { model: "gpt-3.5-turbo", messages };
  const url = `${worker.url}/v1/chat/completions`;
  const sendings = Array.from({ length: 20 }, () => open(url, { json, headers }).end());
  const answers = await Promise.all(sendings.map((sending) => sending.answer()));
  assert.deepEqual(new Set(answers.map((answer) => answer.status)), new Set([200]));
});
