// What the deployments of the mock Azure answer. A deployment's name says how it behaves:
//
//   gpt-4o, gpt-35-turbo, gpt-5-mini, text-embedding-3-small, whisper, tts, gpt-image-1, dall-e-3 ...
//                        as their names say
//   prod                 a reasoning model nobody would guess by its name
//   plain-minded         an image of 2023: refuses `stream_options`, `user` and `max_completion_tokens`
//   <kind>               a chat whose stream is of that kind (azure-events.mjs)
//   steps-<kind>         each event after a release
//   held-<kind>          the headers when the test releases them
//   breaks-<kind>        three events and a half at once; at a release the connection breaks
//   json                 one piece of JSON, whether a stream was asked for or not
//   filtered, throttled, throttled-in-front, overloaded-page, slow ...
//                        refusals (`refusals` below)
import { embeddings, response, responseEvents, sound, words } from "./answers.mjs";
import { events, harmless, isKind, promptFilter } from "./azure-events.mjs";

const chatModel = "gpt-4o-2024-08-06";

const deployments = {
  "gpt-4o": { model: chatModel },
  "gpt-35-turbo": { model: "gpt-35-turbo" },
  "gpt-5-mini": { model: "gpt-5-mini-2025-08-07", reasons: true },
  prod: { model: "gpt-5-2025-08-07", reasons: true },
  "plain-minded": { model: "gpt-4", unheardOf: ["stream_options", "user", "max_completion_tokens"] },
  json: { model: chatModel, unstreamed: true },
  "gpt-4o-batch": { model: chatModel, only: "batches" },
  "gpt-5-codex": { model: "gpt-5-codex", only: "responses" },
  "text-embedding-3-small": { model: "text-embedding-3-small", only: "embeddings" },
  whisper: { model: "whisper", only: "audio" },
  tts: { model: "tts", only: "audio" },
  "gpt-image-1": { model: "gpt-image-1", only: "images" },
  "dall-e-3": { model: "dall-e-3", only: "images" },
  "gpt-realtime": { model: "gpt-realtime", only: "realtime" },
  "Mistral-large": { model: "mistral-large-2407" },
};

/** The deployment of that name, as Azure finds it: only under exactly this name. */
export function deployment(name) {
  if (Object.hasOwn(deployments, name)) return { name, ...deployments[name] };
  if (Object.hasOwn(refusals, name)) return { name, model: chatModel, refuses: refusals[name] };
  const [, pace, kind] = /^(?:(steps|held|breaks)-)?(.+)$/.exec(name) ?? [];
  return isKind(kind) ? { name, model: chatModel, pace, kind } : undefined;
}

/** All of them, as the versions before 2023-05-15 tell them. */
export function listed() {
  const about = {
    object: "deployment",
    owner: "organization-owner",
    status: "succeeded",
    created_at: 1,
    updated_at: 1,
  };
  return Object.entries(deployments).map(([id, { model }]) => ({ id, model, ...about, scale_settings: {} }));
}

const seconds = "Please retry after 45 seconds.";
const page = "<html><body><h1>502 Bad Gateway</h1></body></html>";
const blocked = { filtered: true, detected: true };

const refusals = {
  filtered: (call) => {
    const message = "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.";
    const content_filter_result = { ...harmless, jailbreak: blocked };
    const innererror = { code: "ResponsibleAIPolicyViolation", content_filter_result };
    const error = { message, type: null, param: "prompt", code: "content_filter", status: 400, innererror };
    call.sendJson(400, { error });
  },
  throttled: (call) => {
    const message = `Requests to the ChatCompletions_Create Operation have exceeded token rate limit. ${seconds}`;
    call.sendJson(429, { error: { code: "429", message } });
  },
  "throttled-in-front": (call) => {
    call.sendJson(429, { statusCode: 429, message: "Rate limit is exceeded. Try again in 12 seconds." });
  },
  "overloaded-page": (call) => call.send(502, { "content-type": "text/html" }, page),
  slow: (call) => call.sendJson(408, { error: { code: "Timeout", message: "The operation was timeout." } }),
  "too-long": (call) => {
    const message = "This model's maximum context length is 8192 tokens.";
    const about = { type: "invalid_request_error", param: "messages", code: "context_length_exceeded" };
    call.sendJson(400, { error: { message, ...about } });
  },
};

/** An address where nothing is. */
export const missing = [404, { error: { code: "404", message: "Resource not found" } }];

// Parameters.

const everyChat = [
  "model",
  "messages",
  "temperature",
  "top_p",
  "n",
  "stream",
  "stop",
  "max_tokens",
  "presence_penalty",
  "frequency_penalty",
  "logit_bias",
  "user",
  "logprobs",
  "top_logprobs",
  "response_format",
  "seed",
  "tools",
  "tool_choice",
  "functions",
  "function_call",
  "data_sources",
];
const since = [
  ["2024-09-01", ["stream_options", "max_completion_tokens", "parallel_tool_calls"]],
  ["2024-12-01", ["reasoning_effort", "store", "metadata", "user_security_context"]],
  ["2025-01-01", ["prediction", "modalities", "audio"]],
  ["v1", ["verbosity", "service_tier", "safety_identifier", "prompt_cache_key", "web_search_options"]],
];
const notForReasoning = [
  "top_p",
  "presence_penalty",
  "frequency_penalty",
  "logprobs",
  "top_logprobs",
  "logit_bias",
  "stop",
];

/** What is wrong with a chat, as Azure says it; undefined if nothing is. */
export function objection(body, { reasons = false, unheardOf = [] }, version) {
  const known = [...everyChat, ...since.filter(([date]) => date <= version).flatMap(([, names]) => names)];
  const names = Object.keys(body);
  const unknown = names.find((name) => !known.includes(name) || unheardOf.includes(name));
  if (unknown) return invalid(`Unrecognized request argument supplied: ${unknown}`, null, null);
  if (body.tools?.length === 0) return invalid("[] is too short - 'tools'", null, null);
  const i = body.tools?.findIndex((tool) => tool.type === "function" && !tool.function.parameters) ?? -1;
  if (i >= 0) return invalid(`'parameters' is a required property - 'tools.${i}.function'`, null, null);
  if (body.stream_options && !body.stream) {
    return invalid("The 'stream_options' parameter is only allowed when 'stream' is enabled.", "stream_options", null);
  }
  return reasons ? ofReasoning(body) : undefined;
}

function ofReasoning(body) {
  if ("max_tokens" in body) {
    const advice = "Use 'max_completion_tokens' instead.";
    return unsupported(`'max_tokens' is not supported with this model. ${advice}`, "max_tokens");
  }
  if ((body.temperature ?? 1) !== 1) {
    const only = "Only the default (1) value is supported.";
    const message = `Unsupported value: 'temperature' does not support ${body.temperature} with this model. ${only}`;
    return invalid(message, "temperature", "unsupported_value");
  }
  const name = notForReasoning.find((name) => name in body);
  return name && unsupported(`'${name}' is not supported with this model.`, name);
}

const unsupported = (text, param) => invalid(`Unsupported parameter: ${text}`, param, "unsupported_parameter");

function invalid(message, param, code) {
  return { message, type: "invalid_request_error", param, code };
}

// Answers.

export function chat(call) {
  const { refuses, unstreamed, pace, kind = "sync" } = call.deployment;
  if (refuses) return refuses(call);
  if (!call.json.stream || unstreamed) return paced(call, pace === "held" ? "held" : undefined, () => whole(call));
  return paced(call, pace, () => events(call, kind));
}

async function paced(call, pace, made) {
  if (pace === "held") await call.leave();
  const answer = made();
  if (!Array.isArray(answer)) return call.sendJson(200, answer);
  call.beginEvents();
  if (pace === "breaks") return breakOff(call, answer);
  for (const event of answer) {
    if (pace === "steps") await call.leave();
    call.response.write(event);
  }
  call.response.end();
}

async function breakOff(call, events) {
  const [next] = events.slice(3);
  call.response.write(events.slice(0, 3).join("") + next.slice(0, next.length / 2));
  await call.leave();
  call.reset();
}

function whole(call) {
  const tool = call.json.tools?.[0];
  const tool_calls = [{ id: "call_1", type: "function", function: { name: tool?.function.name, arguments: "{}" } }];
  const message = tool
    ? { role: "assistant", content: null, tool_calls }
    : { role: "assistant", content: words.join("") };
  const finish_reason = tool ? "tool_calls" : "stop";
  return {
    choices: [{ content_filter_results: harmless, finish_reason, index: 0, logprobs: null, message }],
    created: 1700000000,
    id: "chatcmpl-az-1",
    model: call.deployment.model,
    object: "chat.completion",
    prompt_filter_results: promptFilter,
    system_fingerprint: "fp_az",
    usage: { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 },
  };
}

export function embed(call) {
  call.sendJson(200, { ...embeddings(call), model: call.deployment.model });
}

export function respond(call) {
  const hasNulls = Object.values(call.json).includes(null);
  if (hasNulls) return call.sendJson(400, { error: invalid("Unknown parameter: ''.", "", "unknown_parameter") });
  const content_filters = [{ blocked: false, source_type: "prompt", content_filter_results: harmless }];
  if (!call.json.stream) return call.sendJson(200, { ...response(call), content_filters });
  call.beginEvents();
  call.response.end([...responseEvents(call), "data: [DONE]\n\n"].join(""));
}

export function image(call) {
  const data = [
    { b64_json: sound.toString("base64"), content_filter_results: harmless, prompt_filter_results: harmless },
  ];
  call.sendJson(200, { created: 1700000000, data });
}

export async function transcribe(call) {
  const form = await formOf(call);
  const bytes = Buffer.from(await form.get("file").arrayBuffer());
  if (!/\.\w+$/.test(form.get("file").name))
    return call.sendJson(400, { error: invalid("Invalid file format.", null, null) });
  const text = bytes.equals(sound) ? "heard every byte" : `heard ${bytes.length} other bytes`;
  if (form.get("response_format") === "text") return call.send(200, { "content-type": "text/plain" }, `${text}\n`);
  call.sendJson(200, { text });
}

export function speak(call) {
  call.send(200, { "content-type": "audio/mpeg" }, sound);
}

export function formOf(call) {
  return new Response(call.body, { headers: { "content-type": call.headers["content-type"] } }).formData();
}
