// What is asked and what is answered, known to both ends: so that every answer can be checked.

export const CLIENT_KEY = "bench-client";
// Of a client with limits that it never comes to.
export const LIMITED_KEY = "bench-limited";
export const UPSTREAM_KEY = "bench-upstream";

const usage = { prompt_tokens: 420, completion_tokens: 64, total_tokens: 484 };
const head = { id: "chatcmpl-bench", created: 1700000000, model: "bench" };

export const JSON_ANSWER = JSON.stringify({
  ...head,
  object: "chat.completion",
  choices: [{ index: 0, message: { role: "assistant", content: "lorem ipsum ".repeat(30) }, finish_reason: "stop" }],
  usage,
});

// The last event is `[DONE]`, as everywhere.
export function events(count) {
  const choice = (i) => ({ index: 0, delta: { content: `word ${i}` }, finish_reason: null });
  const event = (i) => JSON.stringify({ ...head, object: "chat.completion.chunk", choices: [choice(i)] });
  const texts = Array.from({ length: count - 1 }, (_, i) => event(i));
  return [...texts, "[DONE]"].map((text) => Buffer.from(`data: ${text}\n\n`));
}

const eventOf = (value) => Buffer.from(`data: ${typeof value === "string" ? value : JSON.stringify(value)}\n\n`);

// As Azure OpenAI sends it: a first event without a choice, then the words, each with what the content filter says of
// it; or, with the asynchronous filter, words alone and the filter's say in events of its own.
export function azureEvents(count, { asynchronous }) {
  const calm = { filtered: false, severity: "safe" };
  const filter = { hate: calm, self_harm: calm, sexual: calm, violence: calm };
  const named = { ...head, object: "chat.completion.chunk", system_fingerprint: "fp_bench" };
  const unnamed = { id: "", created: 0, model: "", object: "" };
  const prompt = { ...unnamed, choices: [], prompt_filter_results: [{ prompt_index: 0, content_filter_results: filter }] };
  const said = asynchronous ? {} : { content_filter_results: filter };
  const chunk = (delta, finish_reason, more) => ({ ...named, choices: [{ index: 0, delta, finish_reason, logprobs: null, ...more }] });
  const note = { ...unnamed, choices: [{ index: 0, finish_reason: null, content_filter_results: filter, content_filter_offsets: {} }] };
  const word = (i) => (asynchronous && i % 20 === 19 ? { extra: true, event: note } : { event: chunk({ content: `word ${i}` }, null, said) });
  const all = [
    { extra: true, event: prompt },
    { event: chunk({ role: "assistant", content: "", refusal: null }, null, { content_filter_results: {} }) },
    ...Array.from({ length: count - 4 }, (_, i) => word(i)),
    { event: chunk({}, "stop", { content_filter_results: {} }) },
  ];
  const bytes = (event) => Buffer.from(`data: ${JSON.stringify(event)}\n\n`);
  return [...all.map(({ event, extra }) => ({ extra, bytes: bytes(event) })), { bytes: Buffer.from("data: [DONE]\n\n") }];
}

// As AI Studio sends it: the words, each with what they cost so far, and a last event that says why it ends.
function geminiEvents(count) {
  const usage = (i) => ({ promptTokenCount: 420, candidatesTokenCount: i, totalTokenCount: 420 + i });
  const named = { modelVersion: "gemini-bench", responseId: "bench" };
  const event = (i) => ({
    candidates: [{ content: { parts: [{ text: `word ${i}` }], role: "model" }, index: 0, ...(i + 1 === count && { finishReason: "STOP" }) }],
    usageMetadata: usage(i),
    ...named,
  });
  return Array.from({ length: count }, (_, i) => Buffer.from(`data: ${JSON.stringify(event(i))}\r\n\r\n`));
}

export const GEMINI_ANSWER = JSON.stringify({
  candidates: [{ content: { parts: [{ text: "lorem ipsum ".repeat(30) }], role: "model" }, finishReason: "STOP", index: 0 }],
  usageMetadata: { promptTokenCount: 420, candidatesTokenCount: 64, totalTokenCount: 484 },
  modelVersion: "gemini-bench",
  responseId: "bench",
});

// As a router of many makers' models lists them, with what it knows of each.
const MODELS = Array.from({ length: 500 }, (_, i) => ({
  id: `maker-${i % 20}/model-${i}`,
  object: "model",
  created: 1700000000,
  owned_by: `maker-${i % 20}`,
  context_length: 128000,
  architecture: { input_modalities: ["text", "image"], output_modalities: ["text"] },
}));
export const LIST = JSON.stringify({ object: "list", data: MODELS });
// Of the other providers of the configuration, in every shape there is.
export const EMPTY_LIST = JSON.stringify({ object: "list", data: [], models: [] });

// What becomes of them: the same words, as events of OpenAI's, to be passed natively.
function translated(count) {
  const named = { id: "chatcmpl-bench", object: "chat.completion.chunk", created: 1700000000, model: "gemini-bench" };
  const event = (delta, finish_reason) =>
    Buffer.from(`data: ${JSON.stringify({ ...named, choices: [{ index: 0, delta, logprobs: null, finish_reason }] })}\n\n`);
  const words = Array.from({ length: count }, (_, i) => event({ content: `word ${i}` }, null));
  const first = event({ role: "assistant", content: "", refusal: null }, null);
  return [first, ...words, event({}, "stop"), Buffer.from("data: [DONE]\n\n")];
}

const AZURE = azureEvents(200, { asynchronous: false });
const ASYNCHRONOUS = azureEvents(200, { asynchronous: true });

// With the chunk of its usage, which only a client gets that asked for it.
const COUNTED = [...events(200).slice(0, -1), eventOf({ ...head, object: "chat.completion.chunk", choices: [], usage }), eventOf("[DONE]")];

// By the model's name. `azure-native` is the stream of `azure`, asked for where nothing is repaired; `azure-gateway` the
// same behind a gateway, where its end is watched.
export const STREAMS = {
  burst: events(200),
  paced: events(100),
  brief: events(10),
  azure: AZURE.map(({ bytes }) => bytes),
  "azure-native": AZURE.map(({ bytes }) => bytes),
  "azure-gateway": AZURE.map(({ bytes }) => bytes),
  "azure-async": ASYNCHRONOUS.map(({ bytes }) => bytes),
  "gemini-each": geminiEvents(200),
  "gemini-burst": [Buffer.concat(geminiEvents(200))],
  "gemini-brief": geminiEvents(10),
  "gemini-paced": geminiEvents(100),
  counted: COUNTED,
  "counted-limited-asked": COUNTED,
  "counted-limited-unasked": COUNTED,
  "as-gemini-each": translated(200),
  "as-gemini-burst": [Buffer.concat(translated(200))],
  "as-gemini-paced": translated(100),
};

const UNCOUNTED = COUNTED.map((bytes, i) => ({ extra: i === COUNTED.length - 2, bytes }));
const REPAIRED = { "counted-limited-unasked": UNCOUNTED, azure: AZURE, "azure-gateway": AZURE, "azure-async": ASYNCHRONOUS };

// `length`: of the body as it was sent; `repaired`: of what is left of it for a client of OpenAI's.
export const KINDS = {
  json: { stream: false, length: JSON_ANSWER.length, repaired: JSON_ANSWER.length },
  "limited-json": { stream: false, length: JSON_ANSWER.length, repaired: JSON_ANSWER.length },
  "gemini-json": { stream: false, least: 400 },
  // Isthmus adds what is configured, and what it knows.
  models: { least: LIST.length },
  ...Object.fromEntries(Object.entries(STREAMS).map(([kind, events]) => [kind, streamed(kind, events)])),
};

function streamed(kind, events) {
  // How a translator writes its events is its own affair: there is one for each of Google's, and more.
  if (kind.startsWith("gemini-")) return { stream: true, least: 130 * (Buffer.concat(events).toString().split("\r\n\r\n").length - 1) };
  const length = Buffer.concat(events).length;
  const kept = REPAIRED[kind]?.filter(({ extra }) => !extra).map(({ bytes }) => bytes);
  return { stream: true, length, repaired: kept ? Buffer.concat(kept).length : length };
}

// One request as an OpenAI SDK sends it. The upstream answers by the model's name, which stands first.
export function request(kind, bodyBytes) {
  if (kind === "models") return headOf("GET /v1/models", CLIENT_KEY, []);
  const { stream } = KINDS[kind];
  const key = kind.includes("limited") ? LIMITED_KEY : CLIENT_KEY;
  const asks = ["counted", "counted-limited-asked"].includes(kind) && { stream_options: { include_usage: true } };
  const call = (content) =>
    JSON.stringify({ model: kind, stream, ...asks, temperature: 0.7, messages: [{ role: "user", content }] });
  const body = call("a plain word ".repeat(bodyBytes).slice(0, bodyBytes - call("").length));
  const about = ["content-type: application/json", `content-length: ${Buffer.byteLength(body)}`];
  return Buffer.concat([headOf("POST /v1/chat/completions", key, about), Buffer.from(body)]);
}

function headOf(line, key, about) {
  const lines = [
    `${line} HTTP/1.1`,
    "host: 127.0.0.1",
    "connection: keep-alive",
    "accept: application/json",
    `authorization: Bearer ${key}`,
    "user-agent: OpenAI/JS 7.55.0",
    "accept-encoding: gzip, deflate",
    "accept-language: *",
    "x-stainless-lang: js",
    "x-stainless-package-version: 7.55.0",
    "x-stainless-os: Linux",
    "x-stainless-arch: x64",
    "x-stainless-runtime: node",
    "x-stainless-runtime-version: v22.0.0",
    "x-stainless-retry-count: 0",
    "x-stainless-timeout: 600",
    ...about,
  ];
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n`);
}
