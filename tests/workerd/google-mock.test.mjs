// The mock Google itself: that it refuses what Google refuses, in its words, and takes what Google takes. Else the
// tests that ask it would prove nothing.
import assert from "node:assert/strict";
import { createSign } from "node:crypto";
import { after, before, test } from "node:test";
import { call } from "./client.mjs";
import { greeting, transcript } from "./google-answers.mjs";
import { sentinel } from "./google-rules.mjs";
import { expressKey, key, project, startGoogle } from "./google.mjs";
import { sound } from "./answers.mjs";

let google;

before(async () => {
  google = await startGoogle();
});
after(async () => {
  await google?.stop();
});

const headers = { "x-goog-api-key": key };
const user = (...parts) => ({
  role: "user",
  parts: parts.map((part) => (typeof part === "string" ? { text: part } : part)),
});
const spoken = (...parts) => ({ ...user(...parts), role: "model" });
const contents = [user("hello")];

function post(path, json, more = headers) {
  return call(`${google.origin}${path}`, { json, headers: more });
}

function generate(json, model = "gemini-3.8-flash") {
  return post(`/v1beta/models/${model}:generateContent`, { contents, ...json });
}

let token;

async function onVertex(json, model = "gemini-3.8-flash") {
  token ??= await mint();
  const path = `/v1beta1/projects/${project}/locations/global/publishers/google/models/${model}:generateContent`;
  return post(path, { contents, ...json }, { authorization: `Bearer ${token}` });
}

async function mint(changes = {}, account = google.account) {
  const { status, json } = await ask(assertion(changes, account));
  assert.equal(status, 200, JSON.stringify(json));
  return json.access_token;
}

function assertion(changes, { client_email, private_key, token_uri }) {
  const iat = Math.floor(Date.now() / 1000) - 10;
  const scope = "https://www.googleapis.com/auth/cloud-platform";
  const claims = { iss: client_email, scope, aud: token_uri, iat, exp: iat + 3600, ...changes };
  const encoded = [{ alg: "RS256", typ: "JWT" }, claims].map((it) =>
    Buffer.from(JSON.stringify(it)).toString("base64url"),
  );
  const signature = createSign("RSA-SHA256").update(encoded.join(".")).sign(private_key, "base64url");
  return [...encoded, signature].join(".");
}

function ask(assertion) {
  const grant_type = "urn:ietf:params:oauth:grant-type:jwt-bearer";
  const type = { "content-type": "application/x-www-form-urlencoded" };
  const body = new URLSearchParams({ grant_type, assertion }).toString();
  return call(`${google.origin}/token`, { body, headers: type });
}

function refused({ status, json }, words, expected = 400) {
  assert.equal(status, expected, JSON.stringify(json));
  assert.match(json.error.message, words);
}

const declared = (...declarations) => ({ tools: [{ functionDeclarations: declarations }] });
const weather = { name: "weather", parametersJsonSchema: { type: "object", properties: { city: { type: "string" } } } };
const configured = (generationConfig) => ({ generationConfig });
const functionCall = { id: "1", name: "weather", args: { city: "Paris" } };
const functionResponse = { id: "1", name: "weather", response: { output: "sunny" } };
const called = (more = { thoughtSignature: sentinel }) => [user("w?"), spoken({ functionCall, ...more })];
const subset = (parameters) => declared({ name: "f", parameters });
const property = (schema) => subset({ type: "object", properties: { a: schema } });

const wrong = {
  "an unknown name": [{ x: 1 }, /^Invalid JSON payload received\. Unknown name "x": Cannot find field\.$/],
  "an unknown name below": [configured({ x: 1 }), /Unknown name "x" at 'generation_config': Cannot find field\./],
  "an unknown name, snake_case": [{ generation_config: { top_x: 1 } }, /Unknown name "top_x" at 'generation_config'/],
  "an unknown name in a part": [
    { contents: [user({ txt: "a" })] },
    /Unknown name "txt" at 'contents\[0\]\.parts\[0\]'/,
  ],
  "a value of another type": [
    configured({ seed: "a" }),
    /Invalid value at 'generation_config\.seed' \(TYPE_INT32\), "a"/,
  ],
  "no base64": [
    { contents: [user("a", { inlineData: { mimeType: "image/png", data: "data:x" } })] },
    /Base64 decoding failed/,
  ],
  "what Vertex knows": [{ labels: {} }, /Unknown name "labels"/],
  "no contents": [{ contents: [] }, /contents is not specified/],
  "no parts": [{ contents: [user()] }, /parts must not be empty/],
  "an empty text": [{ contents: [user("")] }, /empty text parameter/],
  "a picture without a text": [
    { contents: [user({ inlineData: { mimeType: "image/png", data: "AAAA" } })] },
    /must have a text/,
  ],
  "two things in a part": [{ contents: [user({ text: "a", functionCall })] }, /oneof field 'data'/],
  "an unknown role": [{ contents: [{ ...contents[0], role: "assistant" }] }, /Please use a valid role: user, model\./],
  "the role of functions": [{ contents: [{ ...contents[0], role: "function" }] }, /Role 'function' is not supported/],
  "a model's turn at the beginning": [{ contents: [spoken("a"), ...contents] }, /begin with a user turn/],
  "a model's turn at the end": [
    { contents: [...contents, spoken("a")] },
    /Requests ending with a model turn are not supported/,
  ],
  "fewer results than calls": [{ contents: [...called(), user("and?")] }, /number of function response parts is equal/],
  "a result among other parts": [
    { contents: [...called(), user({ functionResponse }, "b")] },
    /function response parts/,
  ],
  "a result without a call": [
    { contents: [user("a"), user({ functionResponse })] },
    /immediately after a function call turn/,
  ],
  "a call behind a model": [
    { contents: [user("a"), spoken("b"), ...called().slice(1), user({ functionResponse })] },
    /function call turn comes immediately after a user turn/,
  ],
  "an id that is no call's": [
    { contents: [...called(), user({ functionResponse: { ...functionResponse, id: "2" } })] },
    /id does not match/,
  ],
  "an id of the call alone": [
    {
      contents: [...called(), user({ functionResponse: { name: "weather", response: {} } })],
    },
    /id does not match/,
  ],
  "no signature": [
    { contents: [...called({}), user({ functionResponse })] },
    /missing a thought_signature in functionCall parts.*`default_api:weather`/,
  ],
  "a signature of another's": [
    { contents: [...called({ thoughtSignature: "AAAA" }), user({ functionResponse })] },
    /^Invalid thought signature\.$/,
  ],
  "a sentinel in base64": [
    { contents: [...called({ thoughtSignature: btoa(sentinel) }), user({ functionResponse })] },
    /^Invalid thought signature\.$/,
  ],
  "a bad name": [declared({ name: "a b" }), /Invalid function name\./],
  "a long name": [declared({ name: "a".repeat(65) }), /maximum length of 64/],
  "a name declared twice": [declared(weather, weather), /Duplicate function declaration found: weather/],
  "both schemas": [
    declared({ ...weather, parameters: { type: "object", properties: { a: { type: "string" } } } }),
    /only one of parameters/,
  ],
  "a keyword the subset has not": [
    property({ type: "string", const: "a" }),
    /Unknown name "const" at 'tools\[0\]\.function_declarations\[0\]\.parameters\.properties\[0\]\.value': Cannot find field\./,
  ],
  "a list of types": [property({ type: ["string", "null"] }), /Proto field is not repeating, cannot start list\./],
  "an unknown format": [property({ type: "string", format: "uuid" }), /only 'enum' and 'date-time' are supported/],
  "an enum of numbers": [property({ type: "integer", enum: ["1"] }), /enum: only allowed for STRING type/],
  "an array of nothing": [property({ type: "array" }), /items: missing field/],
  "a required stranger": [
    subset({ type: "object", properties: { a: { type: "string" } }, required: ["b"] }),
    /required\[0\]: property is not defined/,
  ],
  "no properties": [subset({ type: "object" }), /should be non-empty for OBJECT type/],
  "a reference with company": [
    declared({
      name: "f",
      parametersJsonSchema: {
        type: "object",
        properties: { a: { $ref: "#/$defs/a", type: "string" } },
        $defs: { a: {} },
      },
    }),
    /\$ref '#\/\$defs\/a' was set alongside unsupported fields/,
  ],
  "a choice without tools": [
    { toolConfig: { functionCallingConfig: { mode: "ANY" } } },
    /without function_declarations/,
  ],
  "names with AUTO": [
    {
      ...declared(weather),
      toolConfig: { functionCallingConfig: { mode: "AUTO", allowedFunctionNames: ["weather"] } },
    },
    /ANY or VALIDATED/,
  ],
  "search beside functions": [
    { tools: [{ googleSearch: {} }, { functionDeclarations: [weather] }] },
    /include_server_side_tool_invocations/,
  ],
  temperature: [configured({ temperature: 1 }), /temperature is not supported/],
  "several candidates": [configured({ candidateCount: 2 }), /Multiple candidates is not enabled for this model/],
  penalties: [configured({ presencePenalty: 1 }), /Penalty is not enabled for models\/gemini-3\.8-flash/],
  logprobs: [configured({ responseLogprobs: true }), /Logprobs is not enabled for this model/],
  "six stops": [configured({ stopSequences: [..."abcdef"] }), /at most 5/],
  "a level it has not": [configured({ thinkingConfig: { thinkingLevel: "minimal" } }), /not supported for this model/],
  "a level and a budget": [configured({ thinkingConfig: { thinkingLevel: "low", thinkingBudget: 1 } }), /only one of/],
  "a schema without its type": [
    configured({ responseJsonSchema: { type: "object" } }),
    /mime type 'text\/plain' is unsupported/,
  ],
  "speech of a writing model": [configured({ responseModalities: ["AUDIO"] }), /response modalities/],
};

for (const [name, [json, words]] of Object.entries(wrong)) {
  test(`refused: ${name}`, async () => {
    refused(await generate(json), words);
  });
}

const wrongThere = {
  "JSON and functions before 3": [
    "gemini-2.5-flash",
    { ...declared(weather), ...configured({ responseMimeType: "application/json" }) },
    /Function calling with a response mime type/,
  ],
  "a level of 2.5": [
    "gemini-2.5-flash",
    configured({ thinkingConfig: { thinkingLevel: "low" } }),
    /Thinking level is not supported for this model\./,
  ],
  "no thinking of 2.5 Pro": [
    "gemini-2.5-pro",
    configured({ thinkingConfig: { thinkingBudget: 0 } }),
    /Budget 0 is invalid/,
  ],
  "instructions for Gemma": [
    "gemma-4-31b-it",
    { systemInstruction: { parts: [{ text: "a" }] } },
    /Developer instruction is not enabled for models\/gemma-4-31b-it/,
  ],
  "search beside functions before 3": [
    "gemini-2.5-flash",
    { tools: [{ googleSearch: {} }, { functionDeclarations: [weather] }] },
    /only when they are all search tools/,
  ],
  "a conversation with a voice": [
    "gemini-2.5-flash-preview-tts",
    { contents: [...contents, spoken("a"), ...contents], ...configured({ responseModalities: ["AUDIO"] }) },
    /Multiturn chat is not enabled/,
  ],
  "a question to a voice": [
    "gemini-2.5-flash-preview-tts",
    { contents: [user("Who?")], ...configured({ responseModalities: ["AUDIO"] }) },
    /tried to generate text/,
  ],
};

for (const [name, [model, json, words]] of Object.entries(wrongThere)) {
  test(`refused: ${name}`, async () => {
    refused(await generate(json, model), words);
  });
}

const wrongOnVertex = {
  "a missing role": [{ contents: [{ parts: [{ text: "a" }] }] }, /valid role/],
  "the id of a call": [
    { contents: [...called(), user({ functionResponse })] },
    /Unknown name "id" at 'contents\[1\]\.parts\[0\]\.function_call'/,
  ],
  "what AI Studio knows": [{ serviceTier: "flex" }, /Unknown name "serviceTier"/],
  "a file without its type": [{ contents: [user("a", { fileData: { fileUri: "gs://a/b" } })] }, /mimeType/],
  "anyOf with company": [
    property({ anyOf: [{ type: "string" }], description: "a" }),
    /any_of, it must be the only field set/,
  ],
};

for (const [name, [json, words]] of Object.entries(wrongOnVertex)) {
  test(`refused by Vertex: ${name}`, async () => {
    refused(await onVertex(json), words);
  });
}

/** What the subset of OpenAPI has not: `Schema` of the Gemini API. */
const foreign = {
  exclusiveMinimum: 1,
  exclusiveMaximum: 1,
  const: "a",
  $ref: "#/$defs/a",
  $defs: {},
  definitions: {},
  $schema: "a",
  $id: "a",
  additionalProperties: false,
  propertyNames: {},
  patternProperties: {},
  oneOf: [],
  allOf: [],
  not: {},
  if: {},
  then: {},
  else: {},
  multipleOf: 2,
  uniqueItems: true,
  examples: [],
  readOnly: true,
  writeOnly: true,
  deprecated: true,
  contentEncoding: "base64",
  dependentRequired: {},
  prefixItems: [],
  strict: true,
};

test("refused: every keyword the subset has not, in tools and in answers", async () => {
  for (const [keyword, value] of Object.entries(foreign)) {
    const schema = { type: "string", [keyword]: value };
    const words = new RegExp(`Unknown name "${keyword.replace("$", "\\$")}" at '[^']+value': Cannot find field`);
    refused(await generate(property(schema)), words);
    const responseSchema = { type: "object", properties: { a: schema } };
    refused(await generate(configured({ responseMimeType: "application/json", responseSchema })), words);
  }
});

/** What one of the hosts knows and the other refuses. */
const oneSided = {
  studio: [
    { serviceTier: "flex" },
    configured({ enableEnhancedCivicAnswers: true }),
    { ...declared(weather), toolConfig: { includeServerSideToolInvocations: true } },
    { tools: [{ fileSearch: {} }] },
    { tools: [{ googleSearch: { timeRangeFilter: {} } }] },
  ],
  vertex: [
    { labels: { a: "b" } },
    { modelArmorConfig: {} },
    configured({ audioTimestamp: true }),
    configured({ routingConfig: {} }),
    configured({ modelConfig: {} }),
    { safetySettings: [{ category: "HARM_CATEGORY_HARASSMENT", threshold: "OFF", method: "SEVERITY" }] },
    {
      ...declared(weather),
      toolConfig: { functionCallingConfig: { mode: "AUTO", streamFunctionCallArguments: true } },
    },
    { tools: [{ enterpriseWebSearch: {} }] },
    { tools: [{ googleSearch: { excludeDomains: ["a.test"] } }] },
    { contents: [user("a", { inlineData: { mimeType: "image/png", data: "AAAA", displayName: "a" } })] },
    property({ type: "object", properties: { b: { type: "string" } }, additionalProperties: true }),
  ],
};

test("what one host knows the other refuses", async () => {
  for (const [host, requests] of Object.entries(oneSided)) {
    const [here, there] = host === "studio" ? [generate, onVertex] : [onVertex, generate];
    for (const request of requests) {
      const answer = await here(request);
      assert.equal(answer.status, 200, `${host}: ${answer.text}`);
      refused(await there(request), /^Invalid JSON payload received\. Unknown name "/);
    }
  }
});

test("missing signatures are refused by Vertex in its own words, and of finished turns not at all", async () => {
  const [unsigned, result] = [{ functionCall: { name: "weather" } }, { name: "weather", response: {} }];
  const turn = [user("w?"), spoken(unsigned), user({ functionResponse: result })];
  const words = /function call `weather` in the 2\. content block is missing a `thought_signature`/;
  refused(await onVertex({ contents: turn, ...declared(weather) }), words);
  refused(await generate({ contents: turn, ...declared(weather) }), /missing a thought_signature/);
  for (const ask of [generate, onVertex]) {
    const { status, text } = await ask({ contents: [...turn, spoken("fine"), ...contents], ...declared(weather) });
    assert.equal(status, 200, text);
    assert.equal((await ask({ contents: turn, ...declared(weather) }, "gemini-2.5-flash")).status, 200);
  }
});

test("what is right is answered", async () => {
  const { status, json } = await generate({});
  assert.equal(status, 200, JSON.stringify(json));
  assert.equal(json.candidates[0].content.parts[0].text, greeting);
  assert.equal((await onVertex({})).status, 200);
  const heard = { inlineData: { mimeType: "audio/mp3", data: sound.toString("base64") } };
  const audio = await generate({ contents: [user("What is said?", heard)] });
  assert.equal(audio.json.candidates[0].content.parts[0].text, transcript);
});

test("calls come at once or one by one, and what was called for is repeated", async () => {
  const first = await generate({ contents: [user("weather in Paris and Rome")], ...declared(weather) });
  const { parts } = first.json.candidates[0].content;
  assert.deepEqual(
    parts.map((part) => part.functionCall.args.city),
    ["Paris", "Rome"],
  );
  assert.ok(parts[0].thoughtSignature && !parts[1].thoughtSignature);
  const results = parts.map(({ functionCall: { id, name } }) => ({
    functionResponse: { id, name, response: { sun: 1 } },
  }));
  const history = [user("weather in Paris and Rome"), { role: "model", parts }, user(...results)];
  const second = await generate({ contents: history, ...declared(weather) });
  assert.equal(second.json.candidates[0].content.parts[0].text, 'weather said {"sun":1}; weather said {"sun":1}');
  const changed = { ...parts[0], functionCall: { ...parts[0].functionCall, args: { city: "Oslo" } } };
  const other = history.with(1, { role: "model", parts: [changed, parts[1]] });
  refused(await generate({ contents: other, ...declared(weather) }), /Invalid thought signature/);
});

test("doors: no key, a wrong one, a spent one, a wrong address, a wrong model", async () => {
  const path = "/v1beta/models/gemini-3.8-flash:generateContent";
  refused(await post(path, { contents }, {}), /unregistered callers/, 403);
  const bad = await post(path, { contents }, { "x-goog-api-key": "of nobody" });
  refused(bad, /API key not valid/);
  assert.equal(bad.json.error.details[0].reason, "API_KEY_INVALID");
  refused(await generate({ contents: [user("do throttled")] }), /quota/, 429);
  refused(
    await generate({}, "gemini-1.5-flash"),
    /^models\/gemini-1\.5-flash is not found for API version v1beta/,
    404,
  );
  assert.match((await post("/v1/chat/completions", {})).text, /^<!DOCTYPE html>/);
  refused(
    await post(
      "/v1beta1/projects/other/locations/global/publishers/google/models/gemini-3.8-flash:generateContent",
      { contents },
      { authorization: "Bearer x" },
    ),
    /OAuth 2 access token/,
    401,
  );
  token ??= await mint();
  const single = `/v1beta1/projects/${project}/locations/us-central1/publishers/google/models/gemini-3.8-flash:generateContent`;
  refused(await post(single, { contents }, { authorization: `Bearer ${token}` }), /was not found or your project/, 404);
  const express = "/v1/publishers/google/models/gemini-3.8-flash:generateContent";
  assert.equal((await post(express, { contents }, { "x-goog-api-key": expressKey })).status, 200);
});

test("a credential in a URL is a complaint", async () => {
  const before = google.complaints.length;
  await call(`${google.origin}/v1beta/models?key=${key}`);
  assert.match(google.complaints.slice(before).join(), /a credential in the URL/);
});

test("the account's assertions: only those that Google would take", async () => {
  await mint();
  const now = Math.floor(Date.now() / 1000);
  for (const changes of [
    { iss: "other" },
    { scope: "email" },
    { aud: "https://example.test" },
    { exp: now + 7200 },
    { iat: now - 7200, exp: now - 3600 },
    { iat: now + 600, exp: now + 1200 },
    { target: "x" },
  ]) {
    const { status, json } = await ask(assertion(changes, google.account));
    assert.equal(status, 400, JSON.stringify(changes));
    assert.equal(json.error, "invalid_grant");
  }
  const [header, claims] = assertion({}, google.account).split(".");
  assert.equal((await ask(`${header}.${claims}.${Buffer.alloc(256).toString("base64url")}`)).status, 400);
});

async function streamed(text, model = "gemini-3.8-flash", more = {}) {
  const path = `/v1beta/models/${model}:streamGenerateContent?alt=sse`;
  const { text: body } = await post(path, { contents: [user(text)], ...more });
  return body;
}

const parsed = (body) =>
  body
    .split("\r\n\r\n")
    .filter(Boolean)
    .map((event) => JSON.parse(event.replace(/^data: /, "")));

test("streams: events with CRLF, the end behind what it ends, whole whatever the pace", async () => {
  const chunks = parsed(await streamed("hello"));
  assert.equal(chunks.map(({ candidates }) => candidates[0].content.parts[0].text).join(""), greeting);
  assert.deepEqual(chunks.map(({ candidates }) => candidates[0].finishReason).filter(Boolean), ["STOP"]);
  assert.ok(chunks.at(-1).candidates[0].content.parts[0].thoughtSignature);
  for (const pace of ["bytes", "burst"]) assert.equal(parsed(await streamed(`${pace}: hello`)).length, chunks.length);
  const calls = parsed(await streamed("weather in Paris and Rome", "gemini-3.8-flash", declared(weather)));
  assert.deepEqual(
    calls.map(({ candidates }) => Object.keys(candidates[0].content.parts[0])[0]),
    ["functionCall", "functionCall", "text"],
  );
  const older = parsed(await streamed("weather in Paris and Rome", "gemini-2.5-flash", declared(weather)));
  assert.equal(older.length, 1);
  assert.match(await streamed("do error-later"), /"UNAVAILABLE"\D+\r\n\r\n$/);
});

test("embeddings: at most a hundred, of one model; one instance where Vertex wants it", async () => {
  const path = "/v1beta/models/gemini-embedding-001:batchEmbedContents";
  const request = { model: "models/gemini-embedding-001", content: { parts: [{ text: "a" }] } };
  const { json } = await post(path, { requests: [request] });
  assert.equal(json.embeddings[0].values.length, 3072);
  refused(await post(path, { requests: Array(101).fill(request) }), /at most 100 requests can be in one batch/);
  refused(await post(path, { requests: [{ ...request, model: "gemini-embedding-001" }] }), /is not that of the batch/);
  token ??= await mint();
  const vertex = `/v1beta1/projects/${project}/locations/us-central1/publishers/google/models`;
  const both = { instances: [{ content: "a" }, { content: "b" }] };
  const bearer = { authorization: `Bearer ${token}` };
  refused(await post(`${vertex}/gemini-embedding-001:predict`, both, bearer), /per prediction/);
  assert.equal((await post(`${vertex}/text-embedding-005:predict`, both, bearer)).json.predictions.length, 2);
  refused(await post(`${vertex}/gemini-embedding-2:predict`, both, bearer), /embedContent/);
});

test("AI Studio's OpenAI form refuses in a list what it does not know", async () => {
  const body = { model: "gemini-3.8-flash", messages: [{ role: "user", content: "a" }], seed: 1 };
  const answer = await post("/v1beta/openai/chat/completions", body, { authorization: `Bearer ${key}` });
  assert.equal(answer.status, 400);
  assert.match(answer.json[0].error.message, /Unknown name "seed"/);
  const parameters = { type: "object", properties: { a: { const: 1 } } };
  const tools = [{ type: "function", function: { name: "f", parameters } }];
  const { seed: _, ...asked } = body;
  const bearer = { authorization: `Bearer ${key}` };
  const schema = await post("/v1beta/openai/chat/completions", { ...asked, tools }, bearer);
  assert.match(schema.json[0].error.message, /Unknown name "const" at 'tools\[0\]/);
  const several = await post("/v1beta/openai/chat/completions", { ...asked, n: 2 }, bearer);
  assert.match(several.json[0].error.message, /Multiple candidates is not enabled/);
  const embedded = { model: "gemini-embedding-001", input: "a" };
  const user = await post("/v1beta/openai/embeddings", { ...embedded, user: "u" }, bearer);
  assert.match(user.json[0].error.message, /Unknown name "user"/);
  assert.equal((await post("/v1beta/openai/embeddings", embedded, bearer)).status, 200);
});
