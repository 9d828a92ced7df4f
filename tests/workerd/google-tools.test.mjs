// Tools at Google: parallel calls over two turns, whatever the client keeps of them, and the schemas Google takes.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import OpenAI from "openai";
import { pictures } from "./google-answers.mjs";
import { sentinel } from "./google-rules.mjs";
import { clientKey, startGoogle, variables } from "./google.mjs";
import { startWorker } from "./worker.mjs";

let google, worker, openai;

before(async () => {
  google = await startGoogle();
  worker = await startWorker({ vars: variables(google) });
  openai = new OpenAI({ baseURL: `${worker.url}/v1`, apiKey: clientKey, maxRetries: 0 });
});
after(async () => {
  await worker?.stop();
  await google?.stop();
  assert.deepEqual(google.complaints, []);
});

const city = {
  type: "object",
  properties: { city: { type: "string" } },
  required: ["city"],
  additionalProperties: false,
};
const weather = { name: "weather", description: "The weather.", parameters: city };
const tools = [{ type: "function", function: weather }];
const messages = [{ role: "user", content: "weather in Paris and Rome" }];

/** As a client that knows OpenAI's members only keeps a message. */
function plain({ role, content, tool_calls }) {
  const known = tool_calls.map(({ id, type, function: { name, arguments: text } }) => {
    return { id, type, function: { name, arguments: text } };
  });
  return { role, content, tool_calls: known };
}

async function answered(asked, streamed) {
  if (streamed) return openai.chat.completions.stream(asked).finalMessage();
  const { choices } = await openai.chat.completions.create(asked);
  assert.equal(choices[0].finish_reason, choices[0].message.tool_calls ? "tool_calls" : "stop");
  return choices[0].message;
}

/** The results stand in another order than the calls. */
function results([paris, rome]) {
  return [
    { role: "tool", tool_call_id: rome.id, content: "rainy" },
    { role: "tool", tool_call_id: paris.id, content: '{"sun":1}' },
  ];
}

const repeated = 'weather said {"sun":1}; weather said {"output":"rainy"}';

const models = [
  "gemini-3.8-flash",
  "gemini-3.5-flash-lite",
  "gemini-3.1-pro-preview",
  "gemini-2.5-flash",
  "restricted/gemini-3.8-flash",
  "named/gemini-3.8-flash",
  "vertex/gemini-3.8-flash",
  "vertex/gemini-2.5-flash",
];

for (const model of models) {
  for (const streamed of [false, true]) {
    for (const keeps of [true, false]) {
      const title = `two calls, two turns: ${model}${streamed ? ", streamed" : ""}, ${keeps ? "all kept" : "signatures lost"}`;
      test(title, async () => {
        const message = await answered({ model, messages, tools }, streamed);
        const called = message.tool_calls.map((it) => [it.function.name, JSON.parse(it.function.arguments)]);
        assert.deepEqual(called, [
          ["weather", { city: "Paris" }],
          ["weather", { city: "Rome" }],
        ]);
        assert.notEqual(message.tool_calls[0].id, message.tool_calls[1].id);
        const history = [...messages, keeps ? message : plain(message), ...results(message.tool_calls)];
        const second = await answered({ model, messages: history, tools }, streamed);
        assert.equal(second.content, repeated);
        assertSigned(model, keeps);
      });
    }
  }
}

function assertSigned(model, keeps) {
  const [first, other] = google.last.json.contents[1].parts;
  assert.equal(other.thoughtSignature, undefined);
  const isKnown = keeps || model.startsWith("named/");
  if (isKnown) assert.ok(first.thoughtSignature && first.thoughtSignature !== sentinel);
  else assert.equal(first.thoughtSignature, model.includes("2.5") ? undefined : sentinel);
}

test("the SDK runs tools by itself, one after the other", async () => {
  const asked = [];
  const run = { ...weather, parse: JSON.parse, function: ({ city }) => (asked.push(city), `fine in ${city}`) };
  const before = google.requests.length;
  const runner = openai.chat.completions.runTools({
    model: "gemini-3.8-flash",
    messages: [{ role: "user", content: "weather one by one in Paris and Rome" }],
    tools: [{ type: "function", function: run }],
  });
  assert.equal(await runner.finalContent(), 'weather said {"output":"fine in Rome"}');
  assert.deepEqual(asked, ["Paris", "Rome"]);
  assert.equal(google.requests.length - before, 3);
});

test("signatures of another host are replaced when it says so", async () => {
  const message = await answered({ model: "gemini-3.8-flash", messages, tools });
  const before = google.requests.length;
  const history = [...messages, message, ...results(message.tool_calls)];
  assert.equal((await answered({ model: "vertex/gemini-3.8-flash", messages: history, tools })).content, repeated);
  const sent = google.requests.slice(before).filter(({ path }) => path !== "/token");
  assert.equal(sent.length, 2);
  assert.equal(sent[1].json.contents[1].parts[0].thoughtSignature, sentinel);
});

test("a conversation of another maker's models", async () => {
  const function_ = { name: "weather", arguments: '{"city":"Paris"}' };
  const calls = [{ id: "call_1", type: "function", function: function_ }];
  const history = [
    messages[0],
    { role: "assistant", content: null, tool_calls: calls },
    { role: "tool", tool_call_id: "call_1", content: "sunny" },
  ];
  for (const model of models) {
    const { content } = await answered({ model, messages: history.with(0, { role: "user", content: "w?" }), tools });
    assert.equal(content, 'weather said {"output":"sunny"}', model);
  }
});

test("functions as they were before tools", async () => {
  const asked = {
    model: "gemini-3.8-flash",
    messages: [{ role: "user", content: "weather in Paris" }],
    functions: [weather],
  };
  const { choices } = await openai.chat.completions.create(asked);
  assert.equal(choices[0].finish_reason, "function_call");
  const { function_call } = choices[0].message;
  assert.deepEqual(JSON.parse(function_call.arguments), { city: "Paris" });
  const history = [
    ...asked.messages,
    { role: "assistant", content: null, function_call },
    { role: "function", name: "weather", content: "sunny" },
  ];
  const second = await openai.chat.completions.create({ ...asked, messages: history });
  assert.equal(second.choices[0].message.content, 'weather said {"output":"sunny"}');
});

test("names Google does not take come back as they were", async () => {
  for (const name of ["get weather!", "wetter_für_heute", `${"a".repeat(90)}1`, "1st"]) {
    const called = await answered({
      model: "gemini-3.8-flash",
      messages,
      tools: [{ type: "function", function: { ...weather, name } }],
    });
    assert.equal(called.tool_calls[0].function.name, name);
    const history = [...messages, plain(called), ...results(called.tool_calls)];
    assert.match((await answered({ model: "gemini-3.8-flash", messages: history, tools })).content, /sun/);
  }
});

const choices = [
  ["auto", true],
  ["required", true],
  ["none", false],
  [{ type: "function", function: { name: "weather" } }, true],
];

for (const [tool_choice, calls] of choices) {
  test(`the choice ${JSON.stringify(tool_choice)}`, async () => {
    const other = { type: "function", function: { ...weather, name: "other" } };
    for (const model of ["gemini-3.8-flash", "gemini-2.5-flash", "vertex/gemini-3.8-flash"]) {
      const strict = { ...tools[0], function: { ...weather, strict: true } };
      const message = await answered({ model, messages, tools: [strict, other], tool_choice });
      assert.equal(Boolean(message.tool_calls), calls, model);
      if (calls) assert.equal(message.tool_calls[0].function.name, "weather");
    }
  });
}

test("a choice of no tools", async () => {
  const asked = { model: "gemini-3.8-flash", messages, tools: [], tool_choice: "auto" };
  assert.ok((await answered(asked)).content);
});

const schemas = {
  "nothing at all": undefined,
  "an empty object": { type: "object", properties: {} },
  "no type": { properties: { a: { type: "string" } } },
  everything: {
    $schema: "http://json-schema.org/draft-07/schema#",
    $id: "https://example.test/s",
    title: "All",
    type: "object",
    additionalProperties: false,
    properties: {
      type: { type: ["string", "null"], description: "a property called type" },
      fixed: { const: "x" },
      either: { anyOf: [{ type: "string" }, { type: "number" }, { type: "null" }], description: "either" },
      one: { oneOf: [{ type: "integer" }, { type: "boolean" }] },
      merged: { allOf: [{ type: "object", properties: { a: { type: "string" } } }], description: "merged" },
      referred: { $ref: "#/$defs/place", description: "a place", title: "place" },
      older: { $ref: "#/definitions/older", default: {} },
      cousin: { $ref: "#/properties/fixed" },
      positive: { type: "integer", exclusiveMinimum: 0, multipleOf: 5 },
      list: { type: "array" },
      pair: { type: "array", items: [{ type: "string" }, { type: "number" }] },
      anything: true,
      open: { type: "object" },
      id: { type: "string", format: "uuid", minLength: 36 },
      level: { enum: [1, 2, 3] },
      mixed: { enum: ["a", 1, null] },
      blank: { type: "string", enum: ["", "a"] },
      keyed: { type: "object", patternProperties: { "^x": { type: "string" } }, propertyNames: { pattern: "^x" } },
    },
    required: ["fixed", "missing"],
    $defs: { place: { type: "object", properties: { name: { type: "string" } } } },
    definitions: { older: { type: "object", properties: { a: { type: "string" } } } },
  },
  "one that holds itself": {
    type: "object",
    properties: { child: { $ref: "#/$defs/node" } },
    $defs: { node: { type: "object", properties: { name: { type: "string" }, child: { $ref: "#/$defs/node" } } } },
  },
};

for (const [name, parameters] of Object.entries(schemas)) {
  for (const model of [
    "gemini-3.8-flash",
    "restricted/gemini-3.8-flash",
    "vertex/gemini-3.8-flash",
    "gemini-2.5-flash",
    "gemma-4-31b-it",
  ]) {
    test(`a schema of ${name}: ${model}`, async () => {
      const message = await answered({
        model,
        messages,
        tools: [{ type: "function", function: { name: "f", parameters } }],
      });
      assert.equal(message.tool_calls[0].function.name, "f");
    });
  }
}

test("search, alone and beside functions", async () => {
  for (const model of ["gemini-3.8-flash", "gemini-2.5-flash", "vertex/gemini-3.8-flash"]) {
    const asked = { model, messages, web_search_options: {} };
    assert.ok((await answered(asked)).content, model);
    assert.equal((await answered({ ...asked, tools })).tool_calls.length, 2, model);
  }
});

test("a picture as a result", async () => {
  const url = `data:image/png;base64,${pictures.png.toString("base64")}`;
  const calls = [{ id: "call_1", type: "function", function: { name: "look", arguments: "{}" } }];
  const content = [
    { type: "text", text: "here" },
    { type: "image_url", image_url: { url } },
  ];
  const history = [
    { role: "user", content: "look" },
    { role: "assistant", content: null, tool_calls: calls },
    { role: "tool", tool_call_id: "call_1", content },
  ];
  for (const model of ["gemini-3.8-flash", "gemini-2.5-flash", "vertex/gemini-3.8-flash"]) {
    assert.ok((await answered({ model, messages: history, tools })).content, model);
    assert.ok(google.last.text.includes(pictures.png.toString("base64")), model);
  }
});

test("calls without results, and results without calls, are the client's fault", async () => {
  const message = await answered({ model: "gemini-3.8-flash", messages, tools });
  const before = google.requests.length;
  const [first] = results(message.tool_calls);
  for (const history of [
    [...messages, message, first],
    [...messages, message, first, first, ...results(message.tool_calls)],
    [...messages, first],
  ]) {
    const asked = { model: "gemini-3.8-flash", messages: history, tools };
    await assert.rejects(openai.chat.completions.create(asked), (error) => {
      assert.ok(error instanceof OpenAI.BadRequestError);
      assert.equal(error.param, "messages");
      return true;
    });
  }
  assert.equal(google.requests.length, before);
});
