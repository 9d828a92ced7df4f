// Lists of models as clients ask for them: OpenAI's own SDK, its client for Azure, and Open WebUI.
//
// Open WebUI (0.12.4, watched in front of the Worker) asks each of its connections for `{base}/models` when a page is
// opened and whenever its list is asked for, all at once: a GET with the connection's key as Bearer, mostly with
// `content-type: application/json`, given up after 10 s. All of its models wait for the slowest connection. It reads
// `data`, or the answer itself where that is an array; one with `error`, or none at all, only leaves that connection's
// models out. Of an item it wants `id`, and shows `name` where there is one. A chat names the model by that `id`; with
// `stream_options.include_usage` where usage is to be shown. What it asks in the background (titles, tags) are chats
// without a stream.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import OpenAI, { AzureOpenAI } from "openai";
import { auth, clientKey, named, provider, startLister, variables } from "./catalogue.mjs";
import { call, open } from "./client.mjs";
import { startWorker } from "./worker.mjs";

const slashed = "meta-llama/Llama-4-Scout";
const names = ["mine", ...named(3), slashed, "größe"];

let upstream, silent, worker, openai;

before(async () => {
  [upstream, silent] = await Promise.all([
    startLister([...named(3), slashed, "größe"]),
    startLister([], "is awaited in vain"),
  ]);
  const providers = { only: provider(upstream), silent: provider(silent) };
  worker = await startWorker({
    vars: variables(providers, { models: { mine: "only/model-1" } }, { MODELS_TIMEOUT: "1" }),
  });
  openai = new OpenAI({ baseURL: `${worker.url}/v1`, apiKey: clientKey, maxRetries: 0 });
});
after(async () => {
  await worker?.stop();
  await Promise.all([upstream?.stop(), silent?.stop()]);
});

test("openai: models.list, page by page and whole", async () => {
  const page = await openai.models.list();
  assert.deepEqual(
    page.data.map(({ id }) => id),
    names,
  );
  assert.equal(page.hasNextPage(), false);
  const all = [];
  for await (const model of openai.models.list()) all.push(model.id);
  assert.deepEqual(all, names);
  for (const model of page.data) {
    assert.equal(model.object, "model");
    assert.equal(typeof model.created, "number");
    assert.equal(typeof model.owned_by, "string");
  }
});

test("openai: models.retrieve, also of names with slashes", async () => {
  const { data } = await openai.models.list();
  for (const model of data) assert.deepEqual({ ...(await openai.models.retrieve(model.id)) }, model);
});

test("openai: a model that is not there is not found", async () => {
  await assert.rejects(openai.models.retrieve("not/there"), (error) => {
    assert.ok(error instanceof OpenAI.NotFoundError);
    assert.equal(error.code, "model_not_found");
    assert.equal(error.param, "model");
    return true;
  });
});

test("openai: a wrong key is told so", async () => {
  await assert.rejects(openai.withOptions({ apiKey: "wrong" }).models.list(), OpenAI.AuthenticationError);
});

test("openai's client for Azure", async () => {
  const azure = new AzureOpenAI({ endpoint: worker.url, apiKey: clientKey, apiVersion: "2024-10-21", maxRetries: 0 });
  const { data } = await azure.models.list();
  assert.deepEqual(
    data.map(({ id }) => id),
    names,
  );
  for (const id of names) assert.equal((await azure.models.retrieve(id)).id, id);
});

test("Azure's list, asked for plainly", async () => {
  const headers = { "api-key": clientKey };
  const answer = await call(`${worker.url}/openai/models?api-version=2024-10-21`, { headers });
  assert.equal(answer.status, 200, answer.text);
  assert.deepEqual(
    answer.json.data.map(({ id }) => id),
    names,
  );
  for (const item of answer.json.data) {
    assert.equal(item.object, "model");
    assert.equal(item.capabilities.inference, true, item.id);
    assert.equal(typeof item.lifecycle_status, "string");
    assert.equal(typeof item.status, "string");
    assert.equal(typeof item.created_at, "number");
  }
});

test("Google's list, asked for plainly, and one of it", async () => {
  const headers = { "x-goog-api-key": clientKey };
  const answer = await call(`${worker.url}/v1beta/models`, { headers });
  assert.equal(answer.status, 200, answer.text);
  assert.deepEqual(
    answer.json.models.map(({ name }) => name),
    names.map((name) => `models/${name}`),
  );
  assert.equal(answer.json.nextPageToken, undefined);
  const [{ name, ...about }] = answer.json.models;
  const one = await call(`${worker.url}/v1beta/${name}`, { headers });
  assert.deepEqual(one.json, { name, ...about });
  const missing = await call(`${worker.url}/v1beta/models/not-there`, { headers });
  assert.equal(missing.status, 404);
  assert.equal(missing.json.error.code, 404);
  assert.equal(missing.json.error.status, "NOT_FOUND");
});

test("Open WebUI: a list for every connection, then a chat with a model of it", async () => {
  const headers = {
    ...auth,
    "content-type": "application/json",
    accept: "*/*",
    "accept-encoding": "gzip, deflate, br",
  };
  const begun = Date.now();
  // One connection below /v1, one without; a page of another user's at the same time.
  const bases = [`${worker.url}/v1`, worker.url, `${worker.url}/v1`];
  const answers = await Promise.all(bases.map((base) => call(`${base}/models`, { headers })));
  assert.ok(Date.now() - begun < 10_000);
  for (const { status, json } of answers) {
    assert.equal(status, 200);
    assert.ok(Array.isArray(json.data) && !("error" in json));
    for (const { id, name } of json.data) {
      assert.ok(typeof id === "string" && id !== "");
      assert.ok(name === undefined || (typeof name === "string" && name !== ""), id);
    }
    assert.deepEqual(
      json.data.map(({ id }) => id),
      names,
    );
  }
  for (const model of names) {
    const json = {
      model,
      messages: [{ role: "user", content: "hello" }],
      stream: true,
      stream_options: { include_usage: true },
    };
    const answer = await open(`${worker.url}/v1/chat/completions`, { json, headers: auth }).end().answer();
    assert.equal(answer.status, 200);
    const events = (await answer.events()).map((event) => event.replace(/^data: /, ""));
    assert.equal(events.at(-1), "[DONE]");
    const chunks = events.slice(0, -1).map((event) => JSON.parse(event));
    assert.equal(chunks.map(({ choices: [choice] }) => choice?.delta.content ?? "").join(""), "Hello, world!");
    assert.equal(chunks.at(-1).usage.total_tokens, 7);
    const title = await call(`${worker.url}/v1/chat/completions`, {
      json: { ...json, stream: false, stream_options: undefined },
      headers,
    });
    assert.equal(title.json.choices[0].message.content, "Hello, world!");
  }
});

test("Open WebUI: a connection whose key is wrong says so in words it can show", async () => {
  const answer = await call(`${worker.url}/v1/models`, { headers: { authorization: "Bearer wrong" } });
  assert.equal(answer.status, 401);
  assert.equal(typeof answer.json.error.message, "string");
  assert.ok(!("data" in answer.json));
});
