// The messages Google takes, as data, and the check of a body against them: what a host does not know is an error,
// at any depth, in Google's words. Names may be camelCase or snake_case; which of them came as the latter is told.

const list = (of) => ({ list: of });
const map = (of) => ({ map: of });
const choice = (...names) => ({ names });
const at = (host, type) => ({ host, type });

const level = choice("MEDIA_RESOLUTION_LOW", "MEDIA_RESOLUTION_MEDIUM", "MEDIA_RESOLUTION_HIGH");
const threshold = choice("OFF", "BLOCK_NONE", "BLOCK_ONLY_HIGH", "BLOCK_MEDIUM_AND_ABOVE", "BLOCK_LOW_AND_ABOVE");
const harm = ["HARASSMENT", "HATE_SPEECH", "SEXUALLY_EXPLICIT", "DANGEROUS_CONTENT", "CIVIC_INTEGRITY"];
const taskType = choice(
  "RETRIEVAL_QUERY",
  "RETRIEVAL_DOCUMENT",
  "SEMANTIC_SIMILARITY",
  "CLASSIFICATION",
  "CLUSTERING",
  "QUESTION_ANSWERING",
  "FACT_VERIFICATION",
  "CODE_RETRIEVAL_QUERY",
);

const messages = {
  GenerateContentRequest: {
    contents: list("Content"),
    systemInstruction: "Content",
    tools: list("Tool"),
    toolConfig: "ToolConfig",
    safetySettings: list("SafetySetting"),
    generationConfig: "GenerationConfig",
    cachedContent: "string",
    serviceTier: at("studio", choice("standard", "flex", "priority")),
    labels: at("vertex", map("string")),
    modelArmorConfig: at("vertex", "struct"),
  },
  Content: { role: "string", parts: list("Part") },
  Part: {
    text: "string",
    inlineData: "Blob",
    fileData: "FileData",
    functionCall: "FunctionCall",
    functionResponse: "FunctionResponse",
    executableCode: "ExecutableCode",
    codeExecutionResult: "CodeExecutionResult",
    toolCall: at("studio", "struct"),
    toolResponse: at("studio", "struct"),
    thought: "bool",
    thoughtSignature: "bytes",
    videoMetadata: "VideoMetadata",
    mediaResolution: "MediaResolution",
    partMetadata: at("studio", "struct"),
  },
  Blob: { mimeType: "string", data: "bytes", displayName: at("vertex", "string") },
  FileData: { mimeType: "string", fileUri: "string", displayName: at("vertex", "string") },
  // The ids of AI Studio's; Vertex has none that could be relied on.
  FunctionCall: { id: at("studio", "string"), name: "string", args: "struct" },
  FunctionResponse: {
    id: at("studio", "string"),
    name: "string",
    response: "struct",
    parts: list("FunctionResponsePart"),
  },
  FunctionResponsePart: { inlineData: "Blob", fileData: at("vertex", "FileData") },
  ExecutableCode: { language: "string", code: "string" },
  CodeExecutionResult: { outcome: "string", output: "string" },
  VideoMetadata: { startOffset: "string", endOffset: "string", fps: "number" },
  MediaResolution: { level },
  Tool: {
    functionDeclarations: list("FunctionDeclaration"),
    googleSearch: "GoogleSearch",
    googleSearchRetrieval: "struct",
    codeExecution: "Empty",
    urlContext: "Empty",
    googleMaps: "struct",
    fileSearch: at("studio", "struct"),
    retrieval: at("vertex", "struct"),
    enterpriseWebSearch: at("vertex", "struct"),
    parallelAiSearch: at("vertex", "struct"),
    exaAiSearch: at("vertex", "struct"),
  },
  GoogleSearch: {
    timeRangeFilter: at("studio", "struct"),
    searchTypes: at("studio", "struct"),
    excludeDomains: at("vertex", list("string")),
    blockingConfidence: at("vertex", "string"),
  },
  Empty: {},
  FunctionDeclaration: {
    name: "string",
    description: "string",
    parameters: "Schema",
    parametersJsonSchema: "any",
    response: "Schema",
    responseJsonSchema: "any",
    behavior: at("studio", "string"),
  },
  Schema: {
    type: choice("STRING", "NUMBER", "INTEGER", "BOOLEAN", "ARRAY", "OBJECT", "NULL"),
    format: "string",
    title: "string",
    description: "string",
    nullable: "bool",
    enum: list("string"),
    items: "Schema",
    minItems: "int",
    maxItems: "int",
    properties: map("Schema"),
    required: list("string"),
    minProperties: "int",
    maxProperties: "int",
    minimum: "number",
    maximum: "number",
    minLength: "int",
    maxLength: "int",
    pattern: "string",
    example: "any",
    anyOf: list("Schema"),
    propertyOrdering: list("string"),
    default: "any",
    additionalProperties: at("vertex", "any"),
    ref: at("vertex", "string"),
    defs: at("vertex", map("Schema")),
  },
  ToolConfig: {
    functionCallingConfig: "FunctionCallingConfig",
    retrievalConfig: "struct",
    includeServerSideToolInvocations: at("studio", "bool"),
  },
  FunctionCallingConfig: {
    mode: choice("AUTO", "ANY", "NONE", "VALIDATED"),
    allowedFunctionNames: list("string"),
    streamFunctionCallArguments: at("vertex", "bool"),
  },
  SafetySetting: {
    category: choice(...harm.map((name) => `HARM_CATEGORY_${name}`)),
    threshold,
    method: at("vertex", choice("SEVERITY", "PROBABILITY")),
  },
  GenerationConfig: {
    candidateCount: "int",
    stopSequences: list("string"),
    maxOutputTokens: "int",
    temperature: "number",
    topP: "number",
    topK: "number",
    seed: "int",
    responseMimeType: "string",
    responseSchema: "Schema",
    responseJsonSchema: "any",
    presencePenalty: "number",
    frequencyPenalty: "number",
    responseLogprobs: "bool",
    logprobs: "int",
    responseModalities: list(choice("TEXT", "IMAGE", "AUDIO", "VIDEO")),
    speechConfig: "SpeechConfig",
    thinkingConfig: "ThinkingConfig",
    imageConfig: "ImageConfig",
    mediaResolution: level,
    audioTranscriptionConfig: "struct",
    enableEnhancedCivicAnswers: at("studio", "bool"),
    audioTimestamp: at("vertex", "bool"),
    routingConfig: at("vertex", "struct"),
    modelConfig: at("vertex", "struct"),
  },
  SpeechConfig: { voiceConfig: "VoiceConfig", multiSpeakerVoiceConfig: "struct", languageCode: "string" },
  VoiceConfig: { prebuiltVoiceConfig: "PrebuiltVoiceConfig" },
  PrebuiltVoiceConfig: { voiceName: "string" },
  ThinkingConfig: {
    includeThoughts: "bool",
    thinkingBudget: "int",
    thinkingLevel: choice("MINIMAL", "LOW", "MEDIUM", "HIGH"),
  },
  ImageConfig: {
    aspectRatio: "string",
    imageSize: "string",
    personGeneration: at("vertex", "string"),
    prominentPeople: at("vertex", "string"),
    imageOutputOptions: at("vertex", "struct"),
  },
  CountTokensRequest: {
    contents: list("Content"),
    generateContentRequest: at("studio", "struct"),
    systemInstruction: at("vertex", "Content"),
    tools: at("vertex", list("Tool")),
    generationConfig: at("vertex", "GenerationConfig"),
  },
  BatchEmbedContentsRequest: { requests: list("EmbedContentRequest") },
  EmbedContentRequest: {
    model: at("studio", "string"),
    content: "Content",
    taskType: at("studio", taskType),
    title: at("studio", "string"),
    outputDimensionality: at("studio", "int"),
    embedContentConfig: at("vertex", "EmbedContentConfig"),
  },
  EmbedContentConfig: { taskType, title: "string", outputDimensionality: "int", autoTruncate: "bool" },
};

const scalars = {
  string: { name: "TYPE_STRING", is: (value) => typeof value === "string" },
  bool: { name: "TYPE_BOOL", is: (value) => typeof value === "boolean" },
  int: { name: "TYPE_INT32", is: (value) => Number.isInteger(value) && Math.abs(value) < 2 ** 31 },
  number: { name: "TYPE_DOUBLE", is: (value) => typeof value === "number" },
  bytes: { name: "TYPE_BYTES", is: (value) => typeof value === "string" && isBase64(value) },
  struct: { name: "type.googleapis.com/google.protobuf.Struct", is: isObject },
  any: { name: "", is: () => true },
};

function isBase64(text) {
  const digits = /^([A-Za-z0-9+/_-]*)={0,2}$/.exec(text)?.[1];
  return digits !== undefined && digits.length % 4 !== 1;
}

function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const camel = (name) => name.replace(/_([a-z0-9])/g, (_, letter) => letter.toUpperCase());
export const snake = (name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/**
 * A body read as a message of a host: `{ value }` with its names in camelCase, `snaked` the names that were not, and
 * `violations` what Google would say.
 */
export function read(body, type, host) {
  const reading = { host, violations: [], snaked: [] };
  return { value: new Reader(reading).read(body, type, ""), ...reading };
}

class Reader {
  constructor(reading) {
    Object.assign(this, reading);
  }

  read(value, type, path) {
    if (type.names) return this.#choice(value, type.names, path);
    if (type.list) return this.#list(value, type.list, path);
    if (type.map) return this.#map(value, type.map, path);
    if (Object.hasOwn(scalars, type)) return this.#scalar(value, scalars[type], path);
    return this.#message(value, type, path);
  }

  #message(value, type, path) {
    if (!isObject(value)) return this.#invalid(path, `type.googleapis.com/google.ai.generativelanguage.${type}`, value);
    const fields = Object.entries(value).flatMap(([name, member]) => {
      const field = this.#field(messages[type], name);
      if (field === undefined) return this.#unknown(name, path, "Cannot find field.");
      if (member === null) return this.#unknown(name, path, "null is no value.");
      if (Array.isArray(member) && !field.type.list && field.type !== "any") {
        return this.#unknown(name, path, "Proto field is not repeating, cannot start list.");
      }
      return [[field.name, this.read(member, field.type, path === "" ? snake(name) : `${path}.${snake(name)}`)]];
    });
    return Object.fromEntries(fields);
  }

  #field(fields, written) {
    const name = camel(written);
    if (!Object.hasOwn(fields, name)) return undefined;
    const type = fields[name];
    if (type.host && type.host !== this.host) return undefined;
    if (name !== written) this.snaked.push(written);
    return { name, type: type.host ? type.type : type };
  }

  #list(value, of, path) {
    if (!Array.isArray(value)) return this.#invalid(path, "repeated", value);
    return value.map((item, i) => this.read(item, of, `${path}[${i}]`));
  }

  #map(value, of, path) {
    if (!isObject(value)) return this.#invalid(path, "Map", value);
    const entries = Object.entries(value);
    return Object.fromEntries(entries.map(([name, item], i) => [name, this.read(item, of, `${path}[${i}].value`)]));
  }

  #choice(value, names, path) {
    const name = typeof value === "string" && names.find((name) => name.toLowerCase() === value.toLowerCase());
    return name ? name : this.#invalid(path, "TYPE_ENUM", value);
  }

  #scalar(value, { name, is }, path) {
    return is(value) ? value : this.#invalid(path, name, value);
  }

  #invalid(path, type, value) {
    const why = type === "TYPE_BYTES" ? `Base64 decoding failed for ${JSON.stringify(value)}` : JSON.stringify(value);
    this.violations.push({ field: path, description: `Invalid value at '${path}' (${type}), ${why}` });
    return undefined;
  }

  #unknown(name, path, why) {
    const where = path === "" ? "" : ` at '${path}'`;
    const description = `Invalid JSON payload received. Unknown name "${name}"${where}: ${why}`;
    this.violations.push({ field: path, description });
    return [];
  }
}
