// Provider files of fast-openai-api-proxy, kept in KV: OpenAI's own SDK at a server that they name, and what becomes of
// a call when they change.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, beforeEach, test } from "node:test";
import OpenAI, { toFile } from "openai";
import { behaviour as usual, sound } from "./answers.mjs";
import { call, chat } from "./client.mjs";
import { until } from "./until.mjs";
import { startUpstream } from "./upstream.mjs";
import { startWorker } from "./worker.mjs";

const base = "https://gateway.example";
const auth = { authorization: "Bearer key-of-a-client" };
const messages = [{ role: "user", content: "hello" }];
let upstream, store, worker, openai;

/** A KV namespace as workerd asks one, with the list of its keys. */
class Files {
  entries = new Map();
  calls = [];
  manner = "usual";
  #server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url, "http://store");
    const name = decodeURIComponent(pathname.slice(1));
    this.calls.push(name === "" ? `list ${searchParams.get("prefix")}` : name);
    if (this.manner === "failing") return response.writeHead(500).end();
    if (name === "") return response.end(JSON.stringify(this.#list(searchParams.get("prefix") ?? "")));
    const text = this.entries.get(name);
    return text === undefined ? response.writeHead(404).end() : response.end(text);
  });

  #list(prefix) {
    const names = [...this.entries.keys()].filter((name) => name.startsWith(prefix)).sort();
    return { keys: names.map((name) => ({ name })), list_complete: true };
  }

  async start() {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    this.address = `127.0.0.1:${this.#server.address().port}`;
  }

  async stop() {
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }
}

/** A server that keeps the pictures it draws. */
function drawing(call) {
  if (call.method === "POST" && call.path === "/v1/images/generations") {
    const data = [{ url: `${base}/v1/images/data/12` }, { url: null }, { b64_json: "aW1n" }];
    return (call) => call.sendJson(200, { created: 1, data });
  }
  if (call.path === "/v1/images/data/12") {
    return (call) => call.send(200, { "content-type": "image/png" }, sound);
  }
  return usual(call);
}

function lab(model, name = "chat") {
  const paths = ["v1/chat/completions", "v1/audio/transcriptions", "v1/images/generations", "v1/images/data"];
  const endpoints = paths.map((path) => ({ path, target_model_name: model }));
  const provider = {
    api_key_variable: "LAB_TOKEN",
    prefix: "lab/",
    target_base_url: upstream.origin,
    models: { [name]: { endpoints } },
  };
  return `# a file as people write it\n${JSON.stringify({ lab: provider }).slice(0, -1)}, } // the end`;
}

function start() {
  const vars = {
    FOAP_CONFIG: "kv",
    LAB_TOKEN: "key-of-the-lab",
    PROXY_API_KEYS: "key-of-a-client",
    BASE_URL: base,
  };
  return startWorker({ vars, wrapper: "probe", store: store.address });
}

before(async () => {
  upstream = await startUpstream({ behaviour: drawing });
  store = new Files();
  await store.start();
});
beforeEach(async () => {
  await worker?.stop();
  store.entries = new Map([
    ["foap/lab.json", lab("m")],
    ["foap/notes.txt", "no file"],
    ["other/x.json", "{"],
  ]);
  store.manner = "usual";
  store.calls = [];
  worker = await start();
  openai = new OpenAI({ baseURL: `${worker.url}/v1`, apiKey: "key-of-a-client", maxRetries: 0 });
});
after(async () => {
  await worker?.stop();
  await store?.stop();
  await upstream?.stop();
});

/** Whom the lab is asked for. */
async function asked(name = "lab/chat") {
  const answer = await chat(worker.url, { model: name }, auth);
  return answer.status === 200 ? upstream.last.json.model : answer.json.error.code;
}

const forward = (millis) => call(`${worker.url}/__forward?millis=${millis}`);

test("chat, whole and streamed", async () => {
  const answer = await openai.chat.completions.create({ model: "lab/chat", messages });
  assert.equal(answer.choices[0].message.content, "Hello, world!");
  assert.equal(upstream.last.headers.authorization, "Bearer key-of-the-lab");
  assert.deepEqual(upstream.last.json, { model: "m", messages });
  const stream = await openai.chat.completions.create({ model: "lab/chat", messages, stream: true });
  const words = [];
  for await (const chunk of stream) words.push(chunk.choices[0].delta.content ?? "");
  assert.equal(words.join(""), "Hello, world!");
  assert.deepEqual(store.calls, ["list foap/", "foap/lab.json"]);
});

test("speech to text, with every part of the form", async () => {
  const file = await toFile(sound, "speech.mp3", { type: "audio/mpeg" });
  const timestamp_granularities = ["word", "segment"];
  const asking = { model: "lab/chat", file, timestamp_granularities, response_format: "verbose_json" };
  const { text } = await openai.audio.transcriptions.create(asking);
  assert.match(text, /^heard \d+ bytes$/);
  assert.ok(upstream.last.body.includes(sound));
  const form = upstream.last.body.toString("latin1");
  assert.equal(form.match(/name="timestamp_granularities\[\]"/g).length, 2);
  assert.match(form, /name="model"\r\n\r\nm\r\n/);
});

test("pictures are told, and fetched, at the gateway's address", async () => {
  const { data } = await openai.images.generate({ model: "lab/chat", prompt: "a cat" });
  assert.deepEqual(data, [{ url: `${base}/v1/images/data/lab%2Fchat/12` }, { url: null }, { b64_json: "aW1n" }]);
  const { status, headers, body } = await call(data[0].url.replace(base, worker.url), { headers: auth });
  assert.deepEqual([status, headers["content-type"]], [200, "image/png"]);
  assert.ok(body.equals(sound));
  assert.equal(upstream.last.url, "/v1/images/data/12");
  assert.equal(upstream.last.headers.authorization, "Bearer key-of-the-lab");
});

test("models, and what is none", async () => {
  const models = [];
  for await (const model of await openai.models.list()) models.push(model);
  assert.deepEqual(models, [{ id: "lab/chat", object: "model", created: 1714780800, owned_by: "lab" }]);
  await assert.rejects(openai.embeddings.create({ model: "lab/chat", input: "x" }), (error) => {
    assert.ok(error instanceof OpenAI.NotFoundError);
    assert.match(error.message, /API path v1\/embeddings not supported for model lab\/chat/);
    return true;
  });
  assert.equal(await asked("m"), "model_not_found");
});

test("the state of a model is its server's", async () => {
  const { status, json } = await call(`${worker.url}/health/lab/chat`, { headers: auth });
  assert.deepEqual([status, json.status], [200, "ok"]);
});

test("what changes in a file counts after a minute, a new file after five", async () => {
  assert.equal(await asked(), "m");
  store.entries.set("foap/lab.json", lab("changed"));
  store.entries.set("foap/new.json", lab("new", "more"));
  assert.equal(await asked(), "m");
  await forward(61_000);
  await until(async () => (await asked()) === "changed", "the changed file");
  assert.equal(await asked("lab/more"), "model_not_found");
  await forward(300_000);
  await until(async () => (await asked("lab/more")) === "new", "the new file");
  assert.equal(store.calls.filter((name) => name.startsWith("list")).length, 2);
});

test("files that are out of reach, or gone, stay in force", async () => {
  assert.equal(await asked(), "m");
  store.manner = "failing";
  await forward(400_000);
  const before = store.calls.length;
  assert.equal(await asked(), "m");
  await until(() => store.calls.length > before, "another look");
  assert.equal(await asked(), "m");
  store.manner = "usual";
  store.entries.clear();
  await forward(400_000);
  assert.equal(await asked(), "m");
  await until(() => store.calls.length > before + 1, "another look");
  assert.equal(await asked(), "m");
});

test("without files nobody is served, and then again", async () => {
  await worker.stop();
  store.manner = "failing";
  worker = await start();
  assert.equal(await asked(), "configuration_error");
  store.manner = "usual";
  await forward(1_500);
  await until(async () => (await asked()) === "m", "the files");
});
