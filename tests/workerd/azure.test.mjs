// OpenAI's own SDK, through the Worker, at Azure: the operations.
import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, test } from "node:test";
import OpenAI, { toFile } from "openai";
import { sound } from "./answers.mjs";
import { clientKey, key, startAzure, variables } from "./azure.mjs";
import { call, chat, form } from "./client.mjs";
import { startWorker } from "./worker.mjs";

let azure, worker, openai;

before(async () => {
  azure = await startAzure();
  worker = await startWorker({ vars: variables(azure, { deployments: { "gpt-4o-for-batches": "gpt-4o-batch" } }) });
  openai = new OpenAI({ baseURL: `${worker.url}/v1`, apiKey: clientKey, maxRetries: 0 });
});
after(async () => {
  await worker?.stop();
  await azure?.stop();
  assert.deepEqual(azure.complaints, []);
});

const messages = [{ role: "user", content: "hello" }];
const weather = { name: "weather", parameters: { type: "object", properties: { city: { type: "string" } } } };
const tools = [{ type: "function", function: weather }];
const headers = { authorization: `Bearer ${clientKey}` };

const names = { classic: "gpt-4o", v1: "v1/gpt-4o", foundry: "foundry/Mistral-large", serverless: "single/gpt-4o" };

for (const [form, model] of Object.entries(names)) {
  test(`chat, ${form}`, async () => {
    const chat = await openai.chat.completions.create({ model, messages });
    assert.equal(chat.choices[0].message.content, "Hello, world!");
    assert.equal(chat.object, "chat.completion");
    assert.match(chat._request_id, /^req_/);
  });

  test(`a tool call, ${form}`, async () => {
    const chat = await openai.chat.completions.create({ model, messages, tools });
    assert.equal(chat.choices[0].finish_reason, "tool_calls");
    assert.equal(chat.choices[0].message.tool_calls[0].function.name, "weather");
  });

  test(`a tool call, streamed, ${form}`, async () => {
    const chat = await openai.chat.completions.stream({ model, messages, tools }).finalChatCompletion();
    const [called] = chat.choices[0].message.tool_calls;
    assert.equal(called.function.name, "weather");
    assert.deepEqual(JSON.parse(called.function.arguments), { city: "Paris" });
  });
}

test("the classic form is addressed by its deployment, with the key in its own header", async () => {
  await chat(worker.url, { model: "gpt-4o" }, { ...headers, "openai-organization": "org", "x-stainless-lang": "js" });
  assert.equal(azure.last.url, "/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21");
  assert.equal(azure.last.headers["api-key"], key);
});

test("an api-version the client brings is not added to ours", async () => {
  const url = `${worker.url}/v1/chat/completions?api-version=2023-05-15`;
  assert.equal((await call(url, { json: { model: "gpt-4o", messages }, headers })).status, 200);
  assert.deepEqual(azure.last.query.getAll("api-version"), ["2024-10-21"]);
});

test("what tells of the resource stays behind, what tells of the call arrives", async () => {
  const answer = await chat(worker.url, { model: "gpt-4o" }, headers);
  for (const name of [
    "x-ms-region",
    "x-ms-deployment-name",
    "azureml-model-session",
    "set-cookie",
    "strict-transport-security",
  ]) {
    assert.equal(answer.headers[name], undefined, name);
  }
  assert.match(answer.headers["x-request-id"], /^req_/);
  assert.equal(answer.headers["x-ratelimit-remaining-tokens"], "49993");
});

test("what a strict server would refuse is made good on the way", async () => {
  const functions = [{ type: "function", function: { name: "now" } }];
  const odd = { model: "gpt-4o", messages, stream_options: { include_usage: true }, tools: functions };
  assert.equal((await chat(worker.url, odd, headers)).status, 200);
  assert.equal((await chat(worker.url, { model: "gpt-4o", messages, tools: [] }, headers)).status, 200);
});

test("a strict server of Foundry's gets no more than it knows", async () => {
  const developer = [{ role: "developer", content: "be brief" }, ...messages];
  for (const model of [names.foundry, names.serverless]) {
    const asked = {
      model,
      messages: developer,
      user: "u",
      n: 1,
      logit_bias: {},
      metadata: { a: "b" },
      max_completion_tokens: 9,
    };
    const chat = await openai.chat.completions.create(asked);
    assert.equal(chat.choices[0].message.content, "Hello, world!", model);
  }
});

test("responses go to the form without dates", async () => {
  const response = await openai.responses.create({ model: "gpt-5-codex", input: "hello", instructions: null });
  assert.equal(response.output_text, "Hello, world!");
  assert.equal(azure.last.url, "/openai/v1/responses");
});

test("responses, streamed", async () => {
  const stream = await openai.responses.create({ model: "gpt-4o", input: "hello", stream: true });
  const events = [];
  for await (const event of stream) events.push(event);
  const deltas = events.filter((event) => event.type === "response.output_text.delta");
  assert.equal(deltas.map((event) => event.delta).join(""), "Hello, world!");
  assert.equal(events.at(-1).type, "response.completed");
});

for (const model of ["text-embedding-3-small", "v1/text-embedding-3-small", "foundry/text-embedding-3-small"]) {
  test(`embeddings of ${model}, in the form the SDK prefers and as numbers`, async () => {
    const packed = await openai.embeddings.create({ model, input: "x" });
    const plain = await openai.embeddings.create({ model, input: "x", encoding_format: "float" });
    assert.deepEqual([...packed.data[0].embedding], [0.5, -0.25, 1]);
    assert.deepEqual(plain.data[0].embedding, [0.5, -0.25, 1]);
  });
}

for (const prefix of ["", "v1/"]) {
  const form = prefix === "" ? "classic" : "v1";

  test(`images, made, ${form}`, async () => {
    const made = await openai.images.generate({
      model: `${prefix}gpt-image-1`,
      prompt: "a cat",
      response_format: "b64_json",
    });
    assert.ok(Buffer.from(made.data[0].b64_json, "base64").equals(sound));
    const older = await openai.images.generate({
      model: `${prefix}dall-e-3`,
      prompt: "a cat",
      response_format: "b64_json",
    });
    assert.ok(Buffer.from(older.data[0].b64_json, "base64").equals(sound));
  });

  test(`images, edited, ${form}`, async () => {
    const image = await toFile(sound, "cat.png", { type: "image/png" });
    const edited = await openai.images.edit({ image, model: `${prefix}gpt-image-1`, prompt: "a dog" });
    assert.ok(Buffer.from(edited.data[0].b64_json, "base64").equals(sound));
    assert.ok(azure.last.picture.equals(sound));
  });

  test(`speech to text, the model after the file, ${form}`, async () => {
    const file = await toFile(sound, "speech.mp3", { type: "audio/mpeg" });
    const model = `${prefix}whisper`;
    assert.equal((await openai.audio.transcriptions.create({ file, model })).text, "heard every byte");
    const text = await openai.audio.transcriptions.create({ file, response_format: "text", model });
    assert.equal(text, "heard every byte\n");
    assert.equal((await openai.audio.translations.create({ file, model })).text, "heard every byte");
  });

  test(`text to speech, ${form}`, async () => {
    const speech = await openai.audio.speech.create({ model: `${prefix}tts`, voice: "alloy", input: "hello" });
    assert.ok(Buffer.from(await speech.arrayBuffer()).equals(sound));
  });
}

test("voices, which Azure does not list", async () => {
  const { json } = await call(`${worker.url}/v1/audio/voices`, { headers });
  assert.ok(
    json.voices.some((voice) => voice.id === "alloy"),
    JSON.stringify(json),
  );
});

test("images of 2023's previews, asked for until they are there", async () => {
  const old = await startWorker({ vars: variables(azure, { api_version: "2023-06-01-preview" }) });
  try {
    const before = azure.requests.length;
    const sdk = new OpenAI({ baseURL: `${old.url}/v1`, apiKey: clientKey, maxRetries: 0 });
    const made = await sdk.images.generate({ model: "dall-e-2", prompt: "a cat" });
    assert.equal(made.data[0].url, "https://example.test/cat.png");
    assert.deepEqual(
      azure.requests.slice(before).map((record) => record.method),
      ["POST", "GET", "GET"],
    );
    const elsewhere = await startAzure();
    await sdk.images.generate({ model: "dall-e-2", prompt: elsewhere.origin }).catch(() => {});
    assert.equal(elsewhere.requests.length, 0, "the key went to another server");
    await elsewhere.stop();
  } finally {
    await old.stop();
  }
});

test("files: up, listed, down, gone", async () => {
  const file = await toFile(sound, "a.bin");
  const created = await call(`${worker.url}/v1/files`, formFor("assistants", sound));
  assert.equal(created.status, 200);
  assert.equal(created.headers.location, undefined);
  const { id } = await openai.files.create({ file, purpose: "assistants" });
  const ids = [];
  for await (const file of await openai.files.list()) ids.push(file.id);
  assert.ok(ids.includes(id) && ids.includes(created.json.id));
  assert.ok(Buffer.from(await (await openai.files.content(id)).arrayBuffer()).equals(sound));
  assert.deepEqual({ ...(await openai.files.delete(id)) }, { id, object: "file", deleted: true });
});

function formFor(purpose, value) {
  const parts = form([
    { name: "purpose", value: purpose },
    { name: "file", filename: "a.bin", value },
  ]);
  return { ...parts, method: "POST", headers: { ...parts.headers, ...headers } };
}

test("a batch of OpenAI's becomes one of Azure's", async () => {
  const line = (id, model) => {
    return JSON.stringify({ custom_id: id, method: "POST", url: "/v1/chat/completions", body: { model, messages } });
  };
  const lines = `\ufeff${line("1", "gpt-4o-for-batches")}\n${line("2", "gpt-4o-for-batches")}\n`;
  const file = await openai.files.create({ file: await toFile(Buffer.from(lines), "a.jsonl"), purpose: "batch" });
  const asked = { input_file_id: file.id, endpoint: "/v1/chat/completions", completion_window: "24h" };
  const batch = await openai.batches.create(asked);
  assert.equal(batch.status, "validating", JSON.stringify(batch.errors));
  assert.equal((await openai.batches.retrieve(batch.id)).id, batch.id);
  assert.equal(azure.files.get(file.id).bytes.toString().split("\n").length, 3);
});

test("fine-tuning, in OpenAI's states, under both its names", async () => {
  const job = await openai.fineTuning.jobs.create({ model: "gpt-4o-mini", training_file: "file-1" });
  assert.equal(job.status, "queued");
  assert.equal((await openai.fineTuning.jobs.retrieve("ftjob-2")).status, "queued");
  const states = [];
  for await (const job of await openai.fineTuning.jobs.list()) states.push(job.status);
  assert.deepEqual(states, ["running", "queued"]);
  for (const path of ["fine_tunes", "fine-tunes"]) {
    assert.equal((await call(`${worker.url}/v1/${path}/ftjob-1`, { headers })).json.status, "queued", path);
    const cancelled = await call(`${worker.url}/v1/${path}/ftjob-1/cancel`, { method: "POST", headers });
    assert.equal(cancelled.json.status, "cancelled", path);
  }
});

for (const [mode, expected] of [
  ["azure_models", "gpt-4o-2024-08-06"],
  ["deployments", "gpt-35-turbo"],
]) {
  test(`models, as list_mode ${mode} has them`, async () => {
    const lists = await startWorker({ vars: variables(azure, { list_mode: mode }) });
    try {
      const sdk = new OpenAI({ baseURL: `${lists.url}/v1`, apiKey: clientKey, maxRetries: 0 });
      const models = [];
      for await (const model of await sdk.models.list()) models.push(model);
      const found = models.find((model) => model.id === expected);
      assert.equal(found?.object, "model", JSON.stringify(models));
      assert.ok(Number.isInteger(found.created) && found.owned_by);
    } finally {
      await lists.stop();
    }
  });
}

for (const [form, model] of [
  ["classic", "gpt-realtime"],
  ["v1", "v1/gpt-realtime"],
]) {
  test(`a realtime WebSocket, ${form}`, async () => {
    const url = `${worker.url.replace("http", "ws")}/v1/realtime?model=${model}`;
    const socket = new WebSocket(url, ["realtime", `openai-insecure-api-key.${clientKey}`]);
    await once(socket, "open");
    socket.send("hello");
    const [{ data }] = await once(socket, "message");
    assert.equal(data, "hello, too");
    socket.close();
    await once(socket, "close");
    const { headers } = azure.upgrades.at(-1);
    assert.equal(headers.authorization, undefined);
    assert.equal(headers["sec-websocket-protocol"], "realtime");
  });
}

test("one resource by flat settings, one model of its own host beside it", async () => {
  const vars = {
    AZURE_OPENAI_ENDPOINT: azure.origin,
    AZURE_OPENAI_API_KEY: key,
    AZURE_OPENAI_APIVERSION: "2024-12-01-preview",
    AZURE_OPENAI_MODEL_MAPPER: "gpt-4 = gpt-4o , gpt-3.5-turbo=gpt-35-turbo",
    AZURE_AI_STUDIO_DEPLOYMENTS: `mistral=${azure.origin}/serverless`,
    AZURE_OPENAI_KEY_MISTRAL: key,
    PROXY_API_KEYS: clientKey,
  };
  const flat = await startWorker({ vars });
  try {
    for (const [model, url] of [
      ["GPT-4", "/openai/deployments/gpt-4o/chat/completions?api-version=2024-12-01-preview"],
      ["gpt-3.5-turbo", "/openai/deployments/gpt-35-turbo/chat/completions?api-version=2024-12-01-preview"],
      ["gpt-4o", "/openai/deployments/gpt-4o/chat/completions?api-version=2024-12-01-preview"],
      ["mistral", "/serverless/v1/chat/completions"],
    ]) {
      assert.equal((await chat(flat.url, { model }, headers)).status, 200, model);
      assert.equal(azure.last.url, url);
    }
  } finally {
    await flat.stop();
  }
});
