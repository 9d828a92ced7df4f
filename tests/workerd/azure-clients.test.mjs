// OpenAI's own SDK for Azure, through the Worker, at every kind of upstream.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import OpenAI, { AzureOpenAI, toFile } from "openai";
import { sound } from "./answers.mjs";
import { behind, clientKey, startAll, stopAll, version } from "./azure-clients.mjs";

let all;
before(async () => {
  all = await startAll();
});
after(async () => {
  assert.deepEqual(await stopAll(all), []);
});

function client(kind, more = {}) {
  const endpoint = all[kind].worker.url;
  return new AzureOpenAI({ endpoint, apiKey: clientKey, apiVersion: version, maxRetries: 0, ...more });
}

const said = (content) => [{ role: "user", content }];
const messages = said("hello");
const parameters = { type: "object", properties: { city: { type: "string" } } };
const tools = [{ type: "function", function: { name: "weather", parameters } }];

/** The ways in which such a client can be set up: each asks at another path. */
const ways = {
  "by the model": (kind) => client(kind),
  "by a deployment": (kind) => client(kind, { deployment: all[kind].names.chat }),
  "below a prefix": (kind) => client(kind, { endpoint: `${all[kind].worker.url}/team/PTU` }),
  "by a base URL": (kind) => {
    const baseURL = `${all[kind].worker.url}/PTU/`;
    return client(kind, { endpoint: undefined, baseURL });
  },
};

for (const kind of behind) {
  for (const [way, connect] of Object.entries(ways)) {
    test(`${kind}, ${way}: chat, whole and streamed`, async () => {
      const { names, greeting } = all[kind];
      const openai = connect(kind);
      const { data: chat, response } = await openai.chat.completions
        .create({ model: names.chat, messages })
        .withResponse();
      assert.equal(chat.choices[0].message.content, greeting);
      assert.ok(chat._request_id && response.headers.get("apim-request-id"));
      const stream = await openai.chat.completions.create({ model: names.chat, messages, stream: true });
      const chunks = await Array.fromAsync(stream);
      assert.equal(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").join(""), greeting);
      const whole = await openai.chat.completions.stream({ model: names.chat, messages }).finalChatCompletion();
      assert.equal(whole.choices[0].message.content, greeting);
    });
  }

  test(`${kind}: tools, whole and streamed`, async () => {
    const asked = { model: all[kind].names.chat, messages: said("weather in Paris and Rome"), tools };
    const openai = client(kind);
    const chat = await openai.chat.completions.create(asked);
    assert.equal(chat.choices[0].finish_reason, "tool_calls");
    assert.equal(chat.choices[0].message.tool_calls[0].function.name, "weather");
    if (kind === "openai") return; // its stream has no tools
    const streamed = await openai.chat.completions.stream(asked).finalChatCompletion();
    assert.equal(streamed.choices[0].message.tool_calls[0].function.name, "weather");
  });

  test(`${kind}: embeddings`, async () => {
    const asked = { model: all[kind].names.embeddings, input: "x" };
    const packed = await client(kind).embeddings.create(asked);
    const plain = await client(kind).embeddings.create({ ...asked, encoding_format: "float" });
    assert.ok(plain.data[0].embedding.length >= 3);
    assert.deepEqual([...packed.data[0].embedding], plain.data[0].embedding.map(Math.fround));
  });

  test(`${kind}: images`, async () => {
    const { names, picture } = all[kind];
    const { data } = await client(kind).images.generate({ model: names.images, prompt: "a cat" });
    assert.ok(Buffer.from(data[0].b64_json, "base64").equals(picture));
  });

  test(`${kind}: audio`, async () => {
    const { names, upstream } = all[kind];
    const file = await toFile(sound, "speech.mp3", { type: "audio/mpeg" });
    const { text } = await client(kind).audio.transcriptions.create({ model: names.transcription, file });
    assert.match(text, /^heard/);
    if (kind === "openai") assert.ok(upstream.last.body.includes(sound));
    const voiced = { model: names.speech, voice: "alloy", input: "hello", response_format: "wav" };
    const speech = await client(kind).audio.speech.create(voiced);
    assert.ok((await speech.arrayBuffer()).byteLength > 0);
  });

  test(`${kind}: the list of models`, async () => {
    const list = await Array.fromAsync(await client(kind).models.list());
    assert.ok(list.length > 0 && list.every(({ id, object }) => id && object === "model"));
  });

  test(`${kind}: what is not there`, async () => {
    const asking = client(kind).chat.completions.create({ model: all[kind].names.missing, messages });
    await assert.rejects(asking, (error) => {
      assert.ok(error instanceof OpenAI.NotFoundError, `${error}`);
      assert.equal(error.code, "DeploymentNotFound");
      return true;
    });
    const stranger = client(kind, { apiKey: "key-of-a-stranger" });
    await assert.rejects(stranger.chat.completions.create({ model: "m", messages }), (error) => {
      assert.ok(error instanceof OpenAI.AuthenticationError);
      assert.equal(error.code, "invalid_api_key");
      return true;
    });
  });

  test(`${kind}: responses and files, where they are`, async () => {
    const { names, greeting, serves } = all[kind];
    const openai = client(kind);
    if (!serves) {
      await assert.rejects(openai.responses.create({ model: names.chat, input: "hello" }), OpenAI.BadRequestError);
      await assert.rejects(openai.files.list(), OpenAI.BadRequestError);
      return;
    }
    const file = await openai.files.create({ file: await toFile(sound, "a.bin"), purpose: "assistants" });
    const listed = await Array.fromAsync(await openai.files.list());
    assert.ok(listed.some(({ id }) => id === file.id));
    const content = await openai.files.content(file.id);
    assert.ok(Buffer.from(await content.arrayBuffer()).equals(sound));
    if (kind === "azure") return; // of this version there are no responses in the mock
    assert.equal((await openai.responses.create({ model: names.chat, input: "hello" })).output_text, greeting);
  });
}

test("Azure is asked with the client's own version, and every other upstream with none", async () => {
  for (const kind of behind) {
    const { names, upstream } = all[kind];
    await client(kind).chat.completions.create({ model: names.chat, messages });
    assert.deepEqual(upstream.last.query.getAll("api-version"), kind === "azure" ? [version] : []);
  }
  const { worker, upstream } = all.azure;
  for (const apiVersion of ["preview", "v1", "of-tomorrow"]) {
    const openai = client("azure", { endpoint: worker.url, apiVersion });
    await openai.chat.completions.create({ model: "gpt-4o", messages });
    assert.deepEqual(upstream.last.query.getAll("api-version"), ["2024-06-01"]);
  }
});

test("responses go where Azure has them", async () => {
  for (const apiVersion of ["2024-10-21", "v1"]) {
    const openai = client("azure", { apiVersion });
    const response = await openai.responses.create({ model: "gpt-5-codex", input: "hello" });
    assert.equal(response.output_text, "Hello, world!");
    assert.equal(all.azure.upstream.last.url, "/openai/v1/responses");
  }
});

test("what the filter found arrives in its own chunks, as Azure sends it", async () => {
  const asked = { model: "async", messages, stream: true };
  const chunks = await Array.fromAsync(await client("azure").chat.completions.create(asked));
  assert.ok(chunks[0].prompt_filter_results[0].content_filter_results.hate);
  assert.deepEqual(chunks[0].choices, []);
  assert.equal(chunks.filter(({ choices: [choice] }) => choice?.content_filter_offsets).length, 2);
  const plain = new OpenAI({ baseURL: `${all.azure.worker.url}/openai/v1`, apiKey: clientKey });
  const openais = await Array.fromAsync(await plain.chat.completions.create(asked));
  assert.ok(openais.every(({ choices: [choice] }) => choice && !choice.content_filter_offsets));
});

test("the filter's refusal keeps what it says", async () => {
  for (const stream of [false, true]) {
    const asking = client("azure").chat.completions.create({ model: "filtered", messages, stream });
    await assert.rejects(asking, (error) => {
      assert.ok(error instanceof OpenAI.BadRequestError);
      assert.deepEqual([error.code, error.param], ["content_filter", "prompt"]);
      assert.ok(error.error.innererror.content_filter_result.jailbreak.filtered);
      return true;
    });
  }
});

test("a stream that is cut is an error after what came", async () => {
  const stream = await client("azure").chat.completions.create({ model: "truncated", messages, stream: true });
  await assert.rejects(Array.fromAsync(stream), OpenAI.APIError);
});

test("a report tells of the client, the deployment and the provider", async () => {
  const { worker } = all.google;
  const headers = { "x-ms-client-request-id": "call-of-the-client" };
  const asking = client("google").chat.completions.create({ model: "gemini-3.8-flash", messages }, { headers });
  const { response } = await asking.withResponse();
  assert.equal(response.headers.get("x-ms-client-request-id"), "call-of-the-client");
  const line = await worker.report(({ model_asked }) => model_asked === "gemini-3.8-flash");
  assert.deepEqual([line.surface, line.operation, line.provider, line.status], ["azure", "chat", "studio", 200]);
  assert.equal(line.path, "/openai/deployments/gemini-3.8-flash/chat/completions");
});

test("a WebSocket is asked for by its deployment", async () => {
  const { worker, upstream } = all.azure;
  const query = `api-version=${version}&deployment=gpt-realtime&api-key=${clientKey}`;
  const socket = new WebSocket(`${worker.url.replace("http", "ws")}/openai/realtime?${query}`, "realtime");
  await new Promise((resolve, reject) => Object.assign(socket, { onopen: resolve, onerror: reject }));
  socket.close();
  const [{ url, headers }] = upstream.upgrades;
  assert.equal(url, `/openai/realtime?api-version=${version}&deployment=gpt-realtime`);
  assert.equal(headers["api-key"], "key-of-the-resource");
});
