// What Google asks of a `generateContent` beyond its shape: of the conversation, the tools and the configuration, by
// model and host. Each check gives a complaint in Google's words, or undefined.
import { isSince } from "./google-models.mjs";
import { first, hasTooManyStates, json, jsonParameters, parameters, restricted } from "./google-schema.mjs";

export const sentinel = "skip_thought_signature_validator";

/** The first thing that is wrong. `signatures`: those the host has issued. */
export function objection(request, model, host, signatures) {
  const asked = { ...request, contents: request.contents ?? [], model, host, signatures };
  return first([
    () => ofTheInstruction(asked),
    () => ofTheContents(asked),
    () => ofTheOrder(asked),
    () => ofTheCalls(asked),
    () => ofTheSignatures(asked),
    () => ofTheTools(asked),
    () => ofTheChoice(asked),
    () => ofTheConfiguration(asked),
    () => ofTheThinking(asked),
    () => ofTheOutput(asked),
  ]);
}

const called = ({ name }) => `models/${name}`;
const at = (path, text) => `* GenerateContentRequest.${path}: ${text}\n`;

// The conversation.

function ofTheInstruction({ systemInstruction, model }) {
  if (!systemInstruction) return undefined;
  if (model.noInstruction || model.speaks) return `Developer instruction is not enabled for ${called(model)}`;
  const { parts = [] } = systemInstruction;
  if (parts.length === 0) return at("system_instruction.parts", "contents.parts must not be empty.");
  return parts.every(({ text }) => text) ? undefined : "System instruction must be text.";
}

const dataOf = ({ thought: _, thoughtSignature: __, videoMetadata: ___, mediaResolution: ____, ...data }) => data;

function ofTheContents(asked) {
  const { contents } = asked;
  if (contents.length === 0) return at("contents", "contents is not specified");
  return first(contents.map((content, i) => () => ofTheContent(content, i, asked)));
}

function ofTheContent({ role, parts = [] }, i, { model, host }) {
  const roles = ["user", "model", ...(host === "studio" ? [undefined, "function"] : [])];
  if (!roles.includes(role)) return "Please use a valid role: user, model.";
  if (role === "function" && isSince(model, 3.6))
    return "Role 'function' is not supported. Please use a valid role: user, model.";
  if (parts.length === 0) return at(`contents[${i}].parts`, "contents.parts must not be empty.");
  const odd = parts.findIndex((part) => Object.keys(dataOf(part)).length !== 1);
  if (odd >= 0)
    return at(`contents[${i}].parts[${odd}].data`, "required oneof field 'data' must have one initialized field");
  return first([() => ofTheTexts(role, parts), () => first(parts.map((part) => () => ofTheMedia(part, host, model)))]);
}

function ofTheTexts(role, parts) {
  if (parts.some(({ text, thoughtSignature }) => text === "" && !thoughtSignature)) {
    return "Unable to submit request because it has an empty text parameter. Add a value to the parameter and try again.";
  }
  const hasMedia = parts.some((part) => part.inlineData || part.fileData);
  if (role === "user" && hasMedia && !parts.some(({ text }) => text)) {
    return "Unable to submit request because it must have a text parameter. Add a text parameter and try again.";
  }
  return undefined;
}

const media = /^(image\/(png|jpeg|webp|heic|heif)|audio\/[\w.-]+|video\/[\w.-]+|application\/pdf|text\/[\w.-]+)$/;

function ofTheMedia({ inlineData, fileData, functionResponse }, host, model) {
  if (inlineData && !media.test(inlineData.mimeType)) return `Unsupported MIME type: ${inlineData.mimeType}`;
  if (inlineData && !inlineData.data)
    return "Unable to process input image. Please retry or report in https://developers.generativeai.google/guide/troubleshooting";
  if (fileData && !fileData.fileUri) return "Unsupported file uri: ";
  if (fileData && host === "vertex" && !fileData.mimeType)
    return "Unable to submit request because it has an empty mimeType parameter in fileData.";
  if (fileData?.fileUri.startsWith("gs://") && host === "studio") return `Unsupported file uri: ${fileData.fileUri}`;
  if (functionResponse?.parts && !isSince(model, 3))
    return "Multimodal function response is not supported for this model.";
  return undefined;
}

const unprompted = "Requests ending with a model turn are not supported";
const afterAUser =
  "Please ensure that function call turn comes immediately after a user turn or after a function response turn.";
const afterACall = "Please ensure that function response turn comes immediately after a function call turn.";
const asManyAsCalls =
  "Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.";

const callsOf = ({ parts = [] } = {}) => parts.flatMap(({ functionCall }) => functionCall ?? []);
const resultsOf = ({ parts = [] } = {}) => parts.flatMap(({ functionResponse }) => functionResponse ?? []);

function ofTheOrder({ contents, model, host }) {
  if (contents[0].role === "model") return "Please ensure that multiturn requests begin with a user turn.";
  if (contents.at(-1).role === "model" && isSince(model, 3.6)) return unprompted;
  return first(contents.map((content, i) => () => ofTheTurn(content, contents[i - 1], contents[i + 1], host)));
}

function ofTheTurn(content, before, after, host) {
  const [calls, results] = [callsOf(content), resultsOf(content)];
  if (results.length > 0 && content.role === "model") return afterACall;
  if (results.length > 0 && results.length < content.parts.length)
    return host === "vertex" ? unprompted : asManyAsCalls;
  if (calls.length > 0 && content.role !== "model") return afterAUser;
  if (calls.length > 0 && before?.role === "model") return afterAUser;
  if (calls.length > 0 && resultsOf(after).length !== calls.length) return asManyAsCalls;
  if (results.length > 0 && callsOf(before).length === 0) return afterACall;
  return undefined;
}

function ofTheCalls({ contents, host }) {
  return first(contents.map((content, i) => () => ofTheStep(content, contents[i + 1], host)));
}

function ofTheStep(content, after, host) {
  const [calls, results] = [callsOf(content), resultsOf(after)];
  const odd = calls.find(({ name }) => !isName(name));
  if (odd) return badName(`contents.parts.function_call.name`);
  if (calls.some(({ name }, i) => results[i].name !== name)) {
    return "Please ensure that function responses come in the order of the function calls and have their names.";
  }
  if (results.some(({ response }) => response === undefined))
    return at("contents.parts.function_response.response", "must be set");
  if (host === "vertex") return undefined;
  const ids = calls.map(({ id }) => id);
  const given = ids.filter((id) => id !== undefined);
  if (new Set(given).size < given.length || given.includes(""))
    return "Function calls of one turn must have ids of their own.";
  // Where none has an id (there were none before Gemini 3.5) the results belong to the calls by their order.
  return results.every(({ id }, i) => id === ids[i])
    ? undefined
    : "Function response id does not match any function call id.";
}

function ofTheSignatures({ contents, model, host, signatures }) {
  const turn = contents.findLastIndex(
    ({ role, parts }) => role === "user" && !parts.some((part) => part.functionResponse),
  );
  return first(
    contents.map((content, i) => () => {
      if (content.role !== "model") return undefined;
      return (
        ofTheSigned(content, isSince(model, 3), signatures) ??
        (i > turn ? unsigned(content, i, model, host) : undefined)
      );
    }),
  );
}

function ofTheSigned({ parts }, allowsSentinel, signatures) {
  const calls = parts.filter((part) => part.functionCall);
  const isWrong = parts.some((part) => {
    const { thoughtSignature } = part;
    if (thoughtSignature === undefined) return false;
    if (thoughtSignature === sentinel) return !allowsSentinel || part !== calls[0];
    return !signatures.fits(thoughtSignature, part);
  });
  return isWrong ? "Invalid thought signature." : undefined;
}

function unsigned({ parts }, i, model, host) {
  const first = parts.find((part) => part.functionCall);
  if (!isSince(model, 3) || model.image || !first || first.thoughtSignature) return undefined;
  const { name } = first.functionCall;
  if (host === "vertex") {
    const more = "Learn more: https://cloud.google.com/vertex-ai/generative-ai/docs/thought-signatures";
    return `Unable to submit request because function call \`${name}\` in the ${i + 1}. content block is missing a \`thought_signature\`. ${more}`;
  }
  const why =
    "This is required for tools to work correctly, and missing thought_signature may lead to degraded model performance.";
  return `Function call is missing a thought_signature in functionCall parts. ${why} Additional data, function call \`default_api:${name}\` , position ${i + 1}. Please refer to https://ai.google.dev/gemini-api/docs/thought-signatures for more details.`;
}

// The tools.

const isName = (name) => /^[A-Za-z_][A-Za-z0-9_.:-]{0,63}$/.test(name ?? "");
const badName = (path) =>
  at(
    path,
    "[Invalid function name. Must start with a letter or an underscore. Must be alphanumeric (a-z, A-Z, 0-9), underscores (_), dots (.), colons (:), or dashes (-), with a maximum length of 64.]",
  );

const declarationsOf = (tools = []) => tools.flatMap(({ functionDeclarations = [] }) => functionDeclarations);

function ofTheTools({ tools = [], toolConfig = {}, model, host }) {
  const declarations = declarationsOf(tools);
  if (tools.length > 0 && model.noTools) return `Function calling is not enabled for ${called(model)}`;
  const odd = tools.findIndex((tool) => Object.keys(tool).length !== 1);
  if (odd >= 0) return at(`tools[${odd}].tool_type`, "required one_of 'tool_type' must have one initialized field");
  if (tools.some((tool) => tool.functionDeclarations?.length === 0))
    return at("tools[0].function_declarations", "should be non-empty");
  if (declarations.length > 512) return "The number of function declarations must not exceed 512.";
  const isMixed = declarations.length > 0 && tools.some((tool) => !tool.functionDeclarations);
  if (isMixed && !isSince(model, 3)) return "Multiple tools are supported only when they are all search tools.";
  if (isMixed && host === "studio" && !toolConfig.includeServerSideToolInvocations) {
    return "Please enable tool_config.include_server_side_tool_invocations to use Built-in tools with Function calling.";
  }
  return first([
    () => duplicate(declarations),
    ...declarations.map((it, i) => () => ofTheDeclaration(it, `tools[0].function_declarations[${i}]`, host)),
  ]);
}

function duplicate(declarations) {
  const names = declarations.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  return twice && `Duplicate function declaration found: ${twice}`;
}

function ofTheDeclaration(declaration, path, host) {
  const { name, parameters: subset, parametersJsonSchema: schema } = declaration;
  if (!isName(name) || (host === "vertex" && name.includes(":"))) return badName(`${path}.name`);
  if (subset && schema) return at(path, "only one of parameters and parameters_json_schema can be set");
  const complaint = subset
    ? parameters(subset, `${path}.parameters`, host)
    : schema !== undefined && jsonParameters(schema, `${path}.parameters_json_schema`);
  return complaint ? `* GenerateContentRequest.${complaint}\n` : undefined;
}

function ofTheChoice({ tools, toolConfig }) {
  const { mode, allowedFunctionNames } = toolConfig?.functionCallingConfig ?? {};
  if (mode === undefined && allowedFunctionNames === undefined) return undefined;
  const names = declarationsOf(tools).map(({ name }) => name);
  if (names.length === 0) return "Function calling config is set without function_declarations.";
  if (!allowedFunctionNames) return undefined;
  if (!["ANY", "VALIDATED"].includes(mode))
    return "allowed_function_names should be set only when function calling mode is ANY or VALIDATED.";
  const stranger = allowedFunctionNames.find((name) => !names.includes(name));
  return (
    stranger &&
    `tool_config.function_calling_config.allowed_function_names contains ${stranger}, which is not declared.`
  );
}

// The configuration.

const isIn = (value, least, most) => value === undefined || (value >= least && value <= most);

function ofTheConfiguration({ generationConfig: config = {}, model, host }) {
  const sampling = ["temperature", "topP", "topK"].find((name) => name in config);
  if (sampling && isSince(model, 3.6)) return `${sampling} is not supported for ${called(model)}.`;
  const hasPenalty = "presencePenalty" in config || "frequencyPenalty" in config;
  if (hasPenalty && isSince(model, host === "studio" ? 2.5 : 3)) return `Penalty is not enabled for ${called(model)}`;
  const wantsLogprobs = "responseLogprobs" in config || "logprobs" in config;
  if (wantsLogprobs && host === "studio") return "Logprobs is not enabled for this model";
  if ("logprobs" in config && !config.responseLogprobs) return "logprobs requires response_logprobs to be true";
  const candidates = config.candidateCount ?? 1;
  if (candidates !== 1 && (isSince(model, 3) || model.image || model.speaks))
    return "Multiple candidates is not enabled for this model";
  if (config.stopSequences?.length === 0 || config.stopSequences?.includes(""))
    return at("generation_config.stop_sequences", "cannot be empty");
  const range = [
    ["temperature", 0, 2],
    ["topP", 0, 1],
    ["topK", 1, Infinity],
    ["maxOutputTokens", 1, Infinity],
    ["candidateCount", 1, 8],
    ["logprobs", 0, 20],
  ].find(([name, least, most]) => !isIn(config[name], least, most));
  if (range) return at(`generation_config.${range[0]}`, `${range[0]} must be in the range [${range[1]}, ${range[2]}].`);
  return config.stopSequences?.length > 5
    ? at("generation_config.stop_sequences", "at most 5 stop sequences are allowed.")
    : undefined;
}

function ofTheThinking({ generationConfig: { thinkingConfig: config } = {}, model }) {
  if (!config) return undefined;
  const { thinkingLevel, thinkingBudget } = config;
  if (!model.levels && !model.budget) return "Thinking is not enabled for this model";
  if (thinkingLevel && thinkingBudget !== undefined)
    return "You can only set only one of thinking budget and thinking level.";
  if (thinkingLevel && !model.levels) return "Thinking level is not supported for this model.";
  if (thinkingLevel && !model.levels.includes(thinkingLevel.toLowerCase())) {
    return `Thinking level ${thinkingLevel} is not supported for this model. Please retry with other thinking level.`;
  }
  if (thinkingBudget === undefined || thinkingBudget === -1) return undefined;
  if (!model.budget) return isSince(model, 3.6) ? "Thinking budget is not supported for this model." : undefined;
  const { least, most, mayBeNone } = model.budget;
  if (mayBeNone && thinkingBudget === 0) return undefined;
  if (thinkingBudget === 0 && least > 0) return "Budget 0 is invalid. This model only works in thinking mode.";
  return isIn(thinkingBudget, least, most)
    ? undefined
    : `The thinking budget ${thinkingBudget} is invalid. Please choose a value between ${least} and ${most}.`;
}

const ratios = ["1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9", "1:4", "4:1", "1:8", "8:1"];

function ofTheOutput({ generationConfig: config = {}, tools = [], contents, model, host }) {
  return (
    ofTheModalities(config, model) ??
    ofTheFormat(config, tools, model, host) ??
    ofTheImages(config, model) ??
    (model.speaks ? ofTheSpeech(contents, tools, model) : undefined)
  );
}

function ofTheModalities({ responseModalities = ["TEXT"], speechConfig }, model) {
  const wants = (modality) => responseModalities.includes(modality);
  const isFine = model.speaks
    ? wants("AUDIO") && responseModalities.length === 1
    : !wants("AUDIO") && (!wants("IMAGE") || model.image);
  if (!isFine) {
    const asked = responseModalities.join(", ");
    return `The requested combination of response modalities (${asked}) is not supported by the model. ${called(model)}`;
  }
  return speechConfig && !model.speaks ? `Speech config is not enabled for ${called(model)}` : undefined;
}

function ofTheFormat(config, tools, model, host) {
  const { responseMimeType: type = "text/plain", responseSchema: subset, responseJsonSchema: schema } = config;
  if (!["text/plain", "application/json", "text/x.enum"].includes(type)) {
    return at(
      "generation_config.response_mime_type",
      `allowed mimetypes are \`text/plain\`, \`application/json\`, \`application/xml\`, \`application/yaml\` and \`text/x.enum\`.`,
    );
  }
  if (type !== "text/plain" && (model.noJson || model.speaks)) return `JSON mode is not enabled for ${called(model)}`;
  if (type !== "text/plain" && tools.length > 0 && !isSince(model, 3)) {
    return `Function calling with a response mime type: '${type}' is unsupported`;
  }
  if (subset && schema !== undefined)
    return at("generation_config", "only one of response_schema and response_json_schema can be set");
  if (!subset && schema === undefined) return undefined;
  if (type === "text/plain") return "Response_schema with a response mime type 'text/plain' is unsupported";
  if (hasTooManyStates(subset ?? schema))
    return "The specified schema produces a constraint that has too many states for serving.";
  const path = `generation_config.response_${subset ? "schema" : "json_schema"}`;
  const complaint = subset ? restricted(subset, path, host) : json(schema, path);
  return complaint && `* GenerateContentRequest.${complaint}\n`;
}

function ofTheImages({ imageConfig }, model) {
  if (!imageConfig) return undefined;
  const { aspectRatio, imageSize } = imageConfig;
  if (!model.image) return `Image config is not enabled for ${called(model)}`;
  if (aspectRatio && !ratios.includes(aspectRatio))
    return at("generation_config.image_config.aspect_ratio", `unknown ratio ${aspectRatio}`);
  const sizes = isSince(model, 3) ? ["512", "1K", "2K", "4K"] : [];
  return imageSize && !sizes.includes(imageSize)
    ? at("generation_config.image_config.image_size", `unknown size ${imageSize}`)
    : undefined;
}

function ofTheSpeech(contents, tools, model) {
  if (tools.length > 0) return `Function calling is not enabled for ${called(model)}`;
  if (contents.length > 1) return `Multiturn chat is not enabled for ${called(model)}`;
  const [{ parts }] = contents;
  if (parts.length > 1 || parts[0].text === undefined) return "Only a single text input is supported.";
  const isAQuestion = /\?\s*$/.test(parts[0].text) && !/^(read|say)\b/i.test(parts[0].text);
  return isAQuestion ? "Model tried to generate text, but it should only be used for TTS." : undefined;
}
