// What the models of the mock Google answer. The last words of a user are an order:
//
//   say X                      X
//   think X                    X, after a thought (which is shown where thoughts are asked for)
//   ... in Paris and Rome      with tools: the first function, once for each city, at once; "one by one": in turns
//   do <kind>                  an answer of that kind (`kinds`), or a refusal (google-refusals.mjs)
//   <pace>: ...                how its stream is sent (google-events.mjs)
//
// Everything else is greeted; what a tool has answered is repeated; what is heard or seen is described.
import { sound } from "./answers.mjs";
import { isSince } from "./google-models.mjs";
import { sample } from "./google-schema.mjs";

export const greeting = "Grüße, 世界! 🌍";
export const thought = "Let me think.";
export const transcript = "heard every byte";

/** The smallest pictures that programs open: of one pixel. */
export const pictures = {
  png: Buffer.from(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
    "base64",
  ),
  jpeg: Buffer.from(
    "ffd8ffdb004300030202020202030202020303030304060404040404080606050609080a0a090809090a0c0f0c0a0b0e0b09090d110d0e0f101011100a0c12131210130f101010ffc9000b080001000101011100ffcc000600101005ffda0008010100003f00d2cf20ffd9",
    "hex",
  ),
};

/** Signatures: each belongs to the part it came with. */
export class Signatures {
  #issued = new Map();

  issue(part) {
    const signature = Buffer.from(`signature ${this.#issued.size + 1}: ${"x".repeat(64)}`).toString("base64");
    this.#issued.set(signature, told(part));
    return { ...part, thoughtSignature: signature };
  }

  fits(signature, part) {
    return this.#issued.get(signature) === told(part);
  }
}

/** Where a text is cut into pieces its last may carry the signature of the whole. */
function told({ functionCall }) {
  return functionCall ? `${functionCall.name} ${JSON.stringify(functionCall.args ?? {})}` : "text";
}

/** What a user said last, and what it orders. */
export function order(contents = []) {
  const texts = contents.at(-1)?.parts?.flatMap(({ text }) => text ?? []) ?? [];
  const [, pace, said] = /^(?:(steps|bytes|held|burst|breaks): )?([^]*)$/.exec(texts.join("\n"));
  const [, verb, words] = /^(say|think|do) ([^]+)$/.exec(said) ?? [];
  return { pace, said, verb, words };
}

/** A whole answer: `{ candidates, usageMetadata, ... }`. */
export function answer(call) {
  const { contents, generationConfig: config = {} } = call.request;
  const { verb, words } = order(contents);
  const kind = verb === "do" && Object.hasOwn(kinds, words) ? kinds[words] : undefined;
  if (kind) return { ...kind(call), ...about(call) };
  const candidates = Array.from({ length: config.candidateCount ?? 1 }, (_, index) => {
    const parts = partsOf(call);
    const log = config.responseLogprobs ? logprobs(parts, config.logprobs) : {};
    return { content: { role: "model", parts }, finishReason: "STOP", ...log, ...(index > 0 && { index }) };
  });
  return { candidates, ...about(call) };
}

const text = (said, finishReason = "STOP") => ({
  candidates: [{ content: { role: "model", parts: [{ text: said }] }, finishReason, index: 0 }],
});

/** Answers that are not simply what was asked for. */
const kinds = {
  blocked: () => ({ promptFeedback: { blockReason: "PROHIBITED_CONTENT" } }),
  safety: () => text("Well, ", "SAFETY"),
  "safety-silent": () => ({ candidates: [{ finishReason: "SAFETY", index: 0 }] }),
  "max-tokens": () => ({ candidates: [{ content: { role: "model" }, finishReason: "MAX_TOKENS", index: 0 }] }),
  malformed: () => ({ candidates: [{ content: {}, finishReason: "MALFORMED_FUNCTION_CALL", index: 0 }] }),
  "image-safety": () => ({
    candidates: [{ finishReason: "IMAGE_SAFETY", finishMessage: "Unable to show it.", index: 0 }],
  }),
  nothing: () => ({}),
};

function about({ request, target: model, served }) {
  const prompt = count(JSON.stringify(request.contents));
  const { thinks } = thinking(request, model);
  const counts = { promptTokenCount: prompt, candidatesTokenCount: 7, ...(thinks && { thoughtsTokenCount: 5 }) };
  const usageMetadata = { ...counts, totalTokenCount: prompt + 7 + (thinks ? 5 : 0) };
  return { usageMetadata, modelVersion: model.name, responseId: `response-${served}` };
}

/** About four letters a token. */
export const count = (said) => Math.ceil(said.length / 4);

function thinking({ contents, generationConfig: { thinkingConfig = {} } = {} }, model) {
  const { verb } = order(contents);
  const thinks = Boolean(model.levels || model.budget) && verb === "think";
  return { thinks, shows: thinks && thinkingConfig.includeThoughts === true };
}

function partsOf(call) {
  const { request, target: model, signatures } = call;
  if (model.speaks)
    return [{ inlineData: { mimeType: "audio/L16;codec=pcm;rate=24000", data: sound.toString("base64") } }];
  if (model.image) return drawn(call);
  const calls = callsOf(request, model, signatures);
  if (calls.length > 0) return calls;
  const thoughts = thinking(request, model).shows ? [{ text: thought, thought: true }] : [];
  const said = { text: saidTo(request) };
  return [...thoughts, isSince(model, 3) ? signatures.issue(said) : said];
}

function drawn({ request, target: model, signatures }) {
  const data = (picture) => ({ inlineData: { mimeType: `image/${model.image}`, data: picture.toString("base64") } });
  const { words, verb, said } = order(request.contents);
  if (!request.generationConfig?.responseModalities?.includes("IMAGE") || verb === "say")
    return [{ text: words ?? said }];
  const picture = data(pictures[model.image]);
  if (model.image === "png") return [{ text: "Here it is." }, picture];
  const sketch = { ...data(Buffer.from("a sketch, not the picture")), thought: true };
  return [sketch, signatures.issue(picture)];
}

// Tools.

const cities = /\b(?:Paris|Rome|Zürich|Oslo)\b/g;

/** The calls a turn still needs: none once their results are here. */
function callsOf({ contents, tools = [], toolConfig = {} }, model, signatures) {
  const { mode = "AUTO", allowedFunctionNames } = toolConfig.functionCallingConfig ?? {};
  const names = tools.flatMap(({ functionDeclarations = [] }) => functionDeclarations.map(({ name }) => name));
  const name = allowedFunctionNames?.[0] ?? names[0];
  const wanted = contents.findLast(({ role, parts }) => role === "user" && parts.some((part) => part.text));
  const said = wanted?.parts.map(({ text }) => text).join(" ") ?? "";
  const named = [...new Set(said.match(cities))];
  const had = contents
    .slice(contents.indexOf(wanted))
    .flatMap(({ parts }) => parts.filter((part) => part.functionResponse));
  const isNeeded = named.length > had.length || (mode === "ANY" && had.length === 0);
  if (!name || mode === "NONE" || !isNeeded || /^(say|do) /.test(said)) return [];
  const all = named.length === 0 ? [undefined] : named.map((city) => ({ city }));
  const next = said.includes("one by one") ? [all[had.length]] : all;
  return next.map((args, i) => {
    const functionCall = { ...(isSince(model, 3.5) && { id: `fc-${(ids += 1)}` }), name, ...(args && { args }) };
    return i === 0 && isSince(model, 2.5) ? signatures.issue({ functionCall }) : { functionCall };
  });
}

let ids = 0;

// Texts.

function saidTo({ contents, systemInstruction, generationConfig: config = {} }) {
  const { parts } = contents.at(-1);
  const { verb, words, said } = order(contents);
  if (config.responseMimeType === "text/x.enum") return String(config.responseSchema.enum[0]);
  if (config.responseMimeType === "application/json") return JSON.stringify(sample(schemaOf(config) ?? anything));
  const results = parts.flatMap(({ functionResponse }) => functionResponse ?? []);
  if (results.length > 0)
    return results.map(({ name, response }) => `${name} said ${JSON.stringify(response)}`).join("; ");
  const media = parts.flatMap(({ inlineData }) => inlineData ?? []);
  if (media.length > 0) return media.map((it) => perceived(it)).join("; ");
  if (verb === "say" || verb === "think") return words;
  if (said === "who am I?")
    return systemInstruction ? systemInstruction.parts.map((part) => part.text).join("|") : "nobody";
  return greeting;
}

const anything = { type: "object", properties: { answer: { type: "string" } } };
const schemaOf = ({ responseJsonSchema, responseSchema }) => responseJsonSchema ?? responseSchema;

function perceived({ mimeType, data }) {
  const bytes = Buffer.from(data, "base64");
  if (mimeType.startsWith("audio/") && bytes.equals(sound)) return transcript;
  return `${bytes.length} bytes of ${mimeType}`;
}

function logprobs(parts, most = 0) {
  const tokens = parts
    .flatMap((part) => part.text ?? [])
    .join("")
    .split(/(?<= )/);
  const chosenCandidates = tokens.map((token) => ({ token, tokenId: 1, logProbability: -0.25 }));
  const topCandidates = tokens.map((token) => ({
    candidates: [
      { token, logProbability: -0.25 },
      { token: "other", logProbability: -2 },
    ].slice(0, most),
  }));
  return { avgLogprobs: -0.25, logprobsResult: { chosenCandidates, ...(most > 0 && { topCandidates }) } };
}

/** A vector of a text: always the same, different for each, and of length 1 only where Google's is. */
export function vector(said, dimensions, isUnit) {
  let state = [...said].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)) % 65521, 7);
  const values = Array.from({ length: dimensions }, () => {
    state = (state * 75 + 74) % 65537;
    return Math.fround(state / 65537 - 0.5);
  });
  const length = isUnit ? Math.hypot(...values) : 1;
  return values.map((value) => value / length);
}
