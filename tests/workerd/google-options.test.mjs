// What an owner can choose for a provider of Google's, by the document: each option changes what Google gets, or what
// the client is told.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import OpenAI from "openai";
import { sound } from "./answers.mjs";
import { thought } from "./google-answers.mjs";
import { sentinel } from "./google-rules.mjs";
import { clientKey, key, project, secondKey, startGoogle } from "./google.mjs";
import { startWorker } from "./worker.mjs";

let google, worker, openai;

before(async () => {
  google = await startGoogle();
  const studio = { kind: "google", endpoint: google.origin, key: "$GOOGLE_KEY" };
  const vertex = { kind: "vertex", endpoint: google.origin, project, credentials: "$GOOGLE_CREDENTIALS" };
  const providers = {
    studio,
    vertex,
    careful: { ...studio, safety: "block_low_and_above" },
    choosy: { ...vertex, safety: { harassment: "off", HARM_CATEGORY_HATE_SPEECH: "BLOCK_ONLY_HIGH" } },
    nameless: { ...studio, call_ids: false },
    named: { ...vertex, call_ids: true },
    strict: { ...studio, strict: true },
    "strict-vertex": { ...vertex, strict: true },
    restricted: { ...studio, tool_schemas: "restricted", include_thoughts: true },
    "restricted-vertex": { ...vertex, tool_schemas: "restricted", include_thoughts: true },
    signing: { ...studio, signatures_in_ids: true },
    "signing-vertex": { ...vertex, signatures_in_ids: true },
    renaming: { ...studio, models: { mine: "gemini-2.5-flash", "gpt-4o": "gemini-3.5-flash" } },
    plain: { ...studio, aliases: "none" },
    turns: { ...studio, key: "$GOOGLE_KEYS" },
  };
  const vars = {
    GATEWAY: JSON.stringify({ providers, default: "studio" }),
    GOOGLE_KEY: key,
    GOOGLE_KEYS: `${key},${secondKey}`,
    GOOGLE_CREDENTIALS: JSON.stringify(google.account),
    PROXY_API_KEYS: clientKey,
  };
  worker = await startWorker({ vars });
  openai = new OpenAI({ baseURL: `${worker.url}/v1`, apiKey: clientKey, maxRetries: 0 });
});
after(async () => {
  await worker?.stop();
  await google?.stop();
  assert.deepEqual(google.complaints, []);
});

const said = (content) => [{ role: "user", content }];
const chat = (model, more = {}) => openai.chat.completions.create({ model, messages: said("hello"), ...more });

/** A chat, whole or out of its stream. */
async function answered(asked, streamed) {
  if (streamed) return openai.chat.completions.stream(asked).finalMessage();
  return (await openai.chat.completions.create(asked)).choices[0].message;
}

const category = (name, threshold) => ({ category: `HARM_CATEGORY_${name}`, threshold });

test("safety: nothing, one threshold for all, one by category; what the client says wins", async () => {
  await chat("studio/gemini-3.8-flash");
  assert.equal(google.last.json.safetySettings, undefined);
  await chat("careful/gemini-3.8-flash");
  const { safetySettings } = google.last.json;
  assert.equal(safetySettings.length, 5);
  assert.ok(safetySettings.every(({ threshold }) => threshold === "BLOCK_LOW_AND_ABOVE"));
  await chat("choosy/gemini-3.8-flash");
  const chosen = [category("HARASSMENT", "OFF"), category("HATE_SPEECH", "BLOCK_ONLY_HIGH")];
  assert.deepEqual(google.last.json.safetySettings, chosen);
  const own = [category("HARASSMENT", "BLOCK_NONE")];
  await chat("careful/gemini-3.8-flash", { extra_body: { google: { safety_settings: own } } });
  const harassment = google.last.json.safetySettings.filter((it) => it.category === own[0].category);
  assert.deepEqual(harassment, own);
});

// Tools.

const city = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  type: "object",
  properties: {
    city: { $ref: "#/$defs/city" },
    degrees: { type: "integer", exclusiveMinimum: 0, multipleOf: 5 },
    when: { const: "now" },
    note: { anyOf: [{ type: "string", format: "uri" }, { type: "null" }], description: "a note" },
  },
  required: ["city"],
  additionalProperties: false,
  $defs: { city: { type: "string", minLength: 1 } },
};
const tools = [{ type: "function", function: { name: "weather", parameters: city } }];

/** As a client that knows OpenAI's members only keeps a message. */
function plain({ tool_calls }) {
  const known = tool_calls.map(({ id, type, function: { name, arguments: text } }) => {
    return { id, type, function: { name, arguments: text } };
  });
  return { role: "assistant", content: null, tool_calls: known };
}

/** Two parallel calls, and the second turn with their results: what Google got then. */
async function twoTurns(model, streamed) {
  const messages = said("weather in Paris and Rome");
  const message = await answered({ model, messages, tools }, streamed);
  assert.equal(message.tool_calls.length, 2);
  const results = message.tool_calls.map(({ id }) => ({ role: "tool", tool_call_id: id, content: "sunny" }));
  const history = [...messages, plain(message), ...results.reverse()];
  const second = await answered({ model, messages: history, tools }, streamed);
  assert.equal(second.content, 'weather said {"output":"sunny"}; weather said {"output":"sunny"}');
  return google.last.json;
}

const partsOf = ({ contents }) => contents.slice(1).flatMap(({ parts }) => parts);

for (const streamed of [false, true]) {
  const how = streamed ? ", streamed" : "";

  test(`call_ids: on AI Studio by default, on Vertex not, and neither if they are switched off${how}`, async () => {
    for (const [provider, expected] of [
      ["studio", true],
      ["nameless", false],
      ["vertex", false],
    ]) {
      const parts = partsOf(await twoTurns(`${provider}/gemini-3.8-flash`, streamed));
      const ids = parts.map((part) => (part.functionCall ?? part.functionResponse).id);
      assert.ok(
        ids.every((id) => Boolean(id) === expected),
        `${provider}: ${ids}`,
      );
    }
  });

  test(`signatures_in_ids: a client that drops what it does not know gives them back${how}`, async () => {
    for (const model of ["signing/gemini-3.8-flash", "signing-vertex/gemini-3.8-flash", "signing/gemini-2.5-flash"]) {
      const [first, second] = partsOf(await twoTurns(model, streamed));
      assert.ok(first.thoughtSignature && first.thoughtSignature !== sentinel, model);
      assert.equal(second.thoughtSignature, undefined);
    }
    assert.equal(partsOf(await twoTurns("studio/gemini-3.8-flash", streamed))[0].thoughtSignature, sentinel);
  });

  test(`tool_schemas: JSON Schema as it is, or what OpenAPI has of it${how}`, async () => {
    for (const [provider, expected] of [
      ["studio", "parametersJsonSchema"],
      ["vertex", "parametersJsonSchema"],
      ["restricted", "parameters"],
      ["restricted-vertex", "parameters"],
    ]) {
      const [{ functionDeclarations }] = (await twoTurns(`${provider}/gemini-3.8-flash`, streamed)).tools;
      assert.deepEqual(Object.keys(functionDeclarations[0]).sort(), ["name", expected].sort(), provider);
      const { properties } = functionDeclarations[0][expected];
      assert.deepEqual(Object.keys(properties), Object.keys(city.properties));
      if (expected === "parameters") assert.deepEqual(properties.when.enum, ["now"]);
    }
  });

  test(`include_thoughts: beside the text${how}`, async () => {
    for (const model of ["restricted/gemini-3.8-flash", "restricted-vertex/gemini-2.5-flash"]) {
      const { content, reasoning_content } = await answered({ model, messages: said("think Paris") }, streamed);
      assert.deepEqual([content, reasoning_content], ["Paris", thought], model);
    }
    const silent = await answered({ model: "studio/gemini-3.8-flash", messages: said("think Paris") }, streamed);
    assert.deepEqual([silent.content, silent.reasoning_content], ["Paris", undefined]);
  });
}

test("call_ids: on Vertex if the owner says so", async () => {
  // The mock is of the kind that does not know them.
  await assert.rejects(twoTurns("named/gemini-3.8-flash"), OpenAI.BadRequestError);
  const ids = partsOf(google.last.json).map((part) => (part.functionCall ?? part.functionResponse).id);
  assert.ok(ids.every(Boolean), `${ids}`);
});

// Strictness.

const speak = (model, response_format) => {
  return openai.audio.speech.create({ model, voice: "alloy", input: "hello", response_format });
};

const continued = [...said("hello"), { role: "assistant", content: "well, " }];
const heard = { modalities: ["text", "audio"], audio: { voice: "alloy", format: "mp3" } };
const cannot = {
  "a bias": (provider) => chat(`${provider}/gemini-3.8-flash`, { logit_bias: { 50256: -100 } }),
  "words to go on from": (provider) => chat(`${provider}/gemini-3.8-flash`, { messages: continued }),
  "a format there is no encoder for": (provider) => speak(`${provider}/gemini-3.1-flash-tts-preview`, "mp3"),
  "the same in a chat": (provider) => chat(`${provider}/gemini-3.1-flash-tts-preview`, heard),
};

for (const [what, something] of Object.entries(cannot)) {
  test(`strict: ${what} is refused, and elsewhere left out`, async () => {
    for (const host of ["studio", "vertex"]) {
      assert.ok(await something(host));
      const before = google.requests.length;
      const strict = host === "studio" ? "strict" : "strict-vertex";
      await assert.rejects(something(strict), (error) => {
        assert.ok(error instanceof OpenAI.BadRequestError, error.message);
        assert.ok(error.param && error.code, error.message);
        return true;
      });
      assert.equal(google.requests.length, before);
    }
  });
}

test("strict: what can be honoured is", async () => {
  assert.ok((await chat("strict/gemini-3.8-flash", { temperature: 0.5, n: 1 })).choices[0].message.content);
  const bytes = Buffer.from(await (await speak("strict/gemini-3.1-flash-tts-preview", "pcm")).arrayBuffer());
  assert.ok(bytes.equals(sound));
});

// Names and keys.

test("models and aliases: the owner's names, before the usual ones, or instead of them", async () => {
  for (const [asked, path] of [
    ["renaming/mine", "gemini-2.5-flash"],
    ["renaming/gpt-4o", "gemini-3.5-flash"],
    ["renaming/gpt-4.1", "gemini-3.8-flash"],
  ]) {
    await chat(asked);
    assert.equal(google.last.path, `/v1beta/models/${path}:generateContent`, asked);
  }
  await assert.rejects(chat("plain/gpt-4o"), OpenAI.NotFoundError);
  assert.equal(google.last.path, "/v1beta/models/gpt-4o:generateContent");
});

test("key: several take turns", async () => {
  const before = google.requests.length;
  for (let i = 0; i < 4; i += 1) await chat("turns/gemini-3.8-flash");
  const keys = google.requests.slice(before).map(({ headers }) => headers["x-goog-api-key"]);
  assert.deepEqual(new Set(keys), new Set([key, secondKey]));
});
