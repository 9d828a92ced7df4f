// Claude on Azure AI Foundry, asked by OpenAI's SDK.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import OpenAI from "openai";
import { startUpstream } from "./upstream.mjs";
import { startWorker } from "./worker.mjs";

const usage = { input_tokens: 5, output_tokens: 7 };
const text = { type: "text", text: "Hello there" };
const call = { type: "tool_use", id: "toolu_1", name: "weather", input: { city: "Rome" } };

let upstream, worker, openai;

before(async () => {
  upstream = await startUpstream({ behaviour: () => answer });
  const provider = { kind: "azure", form: "anthropic", endpoint: upstream.origin, key: "$CLAUDE_KEY" };
  const vars = { GATEWAY: JSON.stringify({ providers: { claude: provider } }), CLAUDE_KEY: "key-of-claude", PROXY_API_KEYS: "key-of-a-client" };
  worker = await startWorker({ vars });
  openai = new OpenAI({ baseURL: `${worker.url}/v1`, apiKey: "key-of-a-client", maxRetries: 0 });
});
after(async () => {
  await worker?.stop();
  await upstream?.stop();
});

/** A deployment by the model's name: `overloaded` before or in a stream, `breaks` in the middle of an event. */
async function answer(record) {
  const { model, stream, tools } = record.json;
  const said = tools ? call : text;
  const message = { id: "msg_1", type: "message", role: "assistant", model, content: [], stop_reason: null, usage };
  const overloaded = { type: "error", error: { type: "overloaded_error", message: "Overloaded" } };
  if (!stream) {
    if (model === "overloaded") return record.sendJson(529, overloaded);
    return record.sendJson(200, { ...message, content: [said], stop_reason: tools ? "tool_use" : "end_turn" });
  }
  record.beginEvents();
  const event = (data) => record.response.write(`event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`);
  if (model === "overloaded") return void record.response.end(`event: error\ndata: ${JSON.stringify(overloaded)}\n\n`);
  event({ type: "message_start", message });
  event({ type: "ping" });
  event({ type: "content_block_start", index: 0, content_block: tools ? { ...call, input: {} } : { type: "text", text: "" } });
  const pieces = tools ? ['{"city":', '"Rome"}'] : ["Hello", " there"];
  for (const piece of pieces) {
    event({
      type: "content_block_delta",
      index: 0,
      delta: tools ? { type: "input_json_delta", partial_json: piece } : { type: "text_delta", text: piece },
    });
  }
  if (model === "breaks") {
    record.response.write('event: content_block_delta\ndata: {"type":"content_bl');
    await record.leave();
    return record.reset();
  }
  event({ type: "content_block_stop", index: 0 });
  event({ type: "message_delta", delta: { stop_reason: tools ? "tool_use" : "end_turn" }, usage: { output_tokens: 7 } });
  event({ type: "message_stop" });
  record.response.end();
}

const messages = [
  { role: "system", content: "Be brief." },
  { role: "user", content: "hello" },
];
const tools = [{ type: "function", function: { name: "weather", parameters: { type: "object", properties: {} } } }];

test("a chat", async () => {
  const answer = await openai.chat.completions.create({ model: "claude-sonnet-4-5", messages, max_tokens: 50 });
  assert.equal(answer.choices[0].message.content, "Hello there");
  assert.equal(answer.choices[0].finish_reason, "stop");
  assert.deepEqual([answer.usage.prompt_tokens, answer.usage.completion_tokens], [5, 7]);
  const { last } = upstream;
  assert.equal(last.path, "/anthropic/v1/messages");
  assert.equal(last.headers["x-api-key"], "key-of-claude");
  assert.equal(last.headers["anthropic-version"], "2023-06-01");
  assert.equal(last.headers.authorization, undefined);
  assert.equal(last.json.max_tokens, 50);
  assert.equal(last.json.messages.length, 1);
});

test("a stream, and its usage", async () => {
  const request = { model: "claude-sonnet-4-5", messages, stream_options: { include_usage: true } };
  const whole = await openai.chat.completions.stream(request).finalChatCompletion();
  assert.equal(whole.choices[0].message.content, "Hello there");
  assert.equal(whole.usage.completion_tokens, 7);
});

test("a tool is called, at once and piece by piece", async () => {
  const calls = [
    await openai.chat.completions.create({ model: "claude-sonnet-4-5", messages, tools }),
    await openai.chat.completions.stream({ model: "claude-sonnet-4-5", messages, tools }).finalChatCompletion(),
  ].map((answer) => answer.choices[0].message.tool_calls[0]);
  for (const { id, function: called } of calls) {
    assert.equal(id, "toolu_1");
    assert.deepEqual([called.name, JSON.parse(called.arguments)], ["weather", { city: "Rome" }]);
  }
});

test("overloaded is a 529, also as the first event of a stream", async () => {
  for (const stream of [false, true]) {
    const asking = openai.chat.completions.create({ model: "overloaded", messages, stream });
    await assert.rejects(asking, (error) => error.status === 529 && /Overloaded/.test(error.message));
  }
});

test("a break in mid-event is an error the SDK understands", async () => {
  const arriving = upstream.next();
  const stream = await openai.chat.completions.create({ model: "breaks", messages, stream: true });
  const record = await arriving;
  let said = "";
  const reading = (async () => {
    for await (const chunk of stream) {
      said += chunk.choices[0]?.delta.content ?? "";
      if (said === "Hello there") record.release();
    }
  })();
  await assert.rejects(reading, (error) => error.code === "upstream_stream_broken");
  assert.equal(said, "Hello there");
});
