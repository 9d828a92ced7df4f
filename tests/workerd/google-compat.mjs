// Google's own endpoints of OpenAI's form, with their defects: AI Studio's refuses what it does not know and streams
// tool calls without an index; Vertex's serves the models of other makers, some without an id.
import { data } from "./answers.mjs";
import { greeting, order, pictures, vector } from "./google-answers.mjs";
import { send } from "./google-events.mjs";
import { isSince, model, names } from "./google-models.mjs";
import { invalid, misshapen, noModel, refusals } from "./google-refusals.mjs";
import { parameters } from "./google-schema.mjs";
import { read } from "./google-shape.mjs";

const ofAChat = [
  "messages",
  "max_tokens",
  "max_completion_tokens",
  "temperature",
  "top_p",
  "n",
  "stop",
  "stream",
  "stream_options",
  "tools",
  "tool_choice",
  "response_format",
  "reasoning_effort",
  "modalities",
  "audio",
  "service_tier",
  "extra_body",
  "parallel_tool_calls",
];

/** AI Studio's. */
export function ofStudio(call) {
  const body = call.json;
  const stray = enter(call, ofAChat, "generateContent");
  if (stray) return listed(stray);
  if ((body.n ?? 1) > 1 && isSince(call.target, 3))
    return listed(invalid("Multiple candidates is not enabled for this model"));
  const refused = (body.tools ?? []).map(ofTheTool).find(Boolean) ?? ordered(body);
  if (refused) return listed(refused);
  return body.stream ? streamed(call) : call.sendJson(200, whole(call));
}

/** Finds the model, and what the endpoint does not know. */
function enter(call, known, method) {
  const { model: asked, ...body } = call.json;
  const strangers = Object.keys(body).filter((name) => !known.includes(name));
  const unknown = (name) => `Invalid JSON payload received. Unknown name "${name}": Cannot find field.`;
  if (strangers.length > 0) return misshapen(strangers.map((name) => ({ field: "", description: unknown(name) })));
  const name = String(asked).replace(/^models\//, "");
  call.target = model(name, "studio");
  return call.target ? undefined : noModel({ model: name, host: "studio", method });
}

export function embedding(call) {
  const stray = enter(call, ["input", "dimensions", "encoding_format"], "embedContent");
  if (stray) return listed(stray);
  const { input, dimensions = 3072, encoding_format } = call.json;
  const packed = (values) => Buffer.from(new Float32Array(values).buffer).toString("base64");
  const written = encoding_format === "base64" ? packed : (values) => values;
  const all = [input].flat().map((text, index) => {
    return { object: "embedding", index, embedding: written(vector(text, dimensions, dimensions === 3072)) };
  });
  call.sendJson(200, { object: "list", data: all, model: call.json.model });
}

export function image(call) {
  const stray = enter(call, ["prompt", "n", "size", "response_format", "extra_body"], "generateContent");
  if (stray) return listed(stray);
  call.sendJson(200, { created: 1, data: [{ b64_json: pictures.jpeg.toString("base64") }] });
}

const listing = (name) => ({ id: `models/${name}`, object: "model", owned_by: "google", display_name: name });

export function list(call) {
  call.sendJson(200, { object: "list", data: names("studio").map(listing) });
}

export function describe(call) {
  const { model: name } = call.named;
  if (!model(name, "studio")) return listed(noModel({ model: name, host: "studio", method: "generateContent" }));
  call.sendJson(200, listing(name));
}

function ofTheTool({ function: { parameters: schema } }, i) {
  if (schema === undefined) return undefined;
  const { value, violations } = read(schema, "Schema", "studio");
  const path = `tools[0].function_declarations[${i}].parameters`;
  if (violations.length > 0) {
    return misshapen(
      violations.map(({ field, description }) => ({ field, description: description.replace("at '", `at '${path}.`) })),
    );
  }
  const complaint = parameters(value, path, "studio");
  return complaint && invalid(`* GenerateContentRequest.${complaint}\n`);
}

const makers = ["meta", "deepseek-ai", "openai", "qwen", "google"];

/** Vertex's. */
export function ofVertex(call) {
  const [maker, name] = String(call.json.model).split("/");
  const isThere = maker === "google" ? model(name, "vertex") : name?.endsWith("-maas");
  if (!makers.includes(maker) || !isThere) return listed(noModel({ ...call, host: "vertex" }));
  const refused = ordered(call.json);
  if (refused) return listed(refused);
  if (call.json.stream) return streamed(call);
  const { id, created, ...answer } = whole(call);
  call.sendJson(200, maker === "meta" ? answer : { id, created, ...answer });
}

const listed = ([status, body]) => [status, typeof body === "string" ? body : [body].flat()];

function ordered({ messages }) {
  const { words } = order(contentsOf(messages));
  return Object.hasOwn(refusals, words) ? refusals[words] : undefined;
}

function contentsOf(messages) {
  const { content } = messages.at(-1);
  const texts = typeof content === "string" ? [{ text: content }] : content;
  return [{ parts: texts }];
}

function whole(call) {
  const { model: name, messages, tools } = call.json;
  const { words } = order(contentsOf(messages));
  const isAnswered = messages.at(-1).role === "tool";
  const calls = tools && !isAnswered ? { tool_calls: [calledOf(tools, "call_1")] } : {};
  const content = isAnswered ? messages.at(-1).content : (words ?? greeting);
  const message = { role: "assistant", ...(calls.tool_calls ? calls : { content }) };
  const choices = [{ finish_reason: calls.tool_calls ? "tool_calls" : "stop", index: 0, message }];
  return { choices, ...about(call), object: "chat.completion", usage: usage(4), model: name };
}

function calledOf(
  [
    {
      function: { name },
    },
  ],
  id,
) {
  const extra_content = { google: { thought_signature: "c2lnbmF0dXJl" } };
  return { extra_content, function: { arguments: '{"city":"Paris"}', name }, id, type: "function" };
}

const usage = (tokens) => ({ completion_tokens: tokens, prompt_tokens: 3, total_tokens: 3 + tokens });

const about = ({ served }) => ({ created: 1700000000, id: `answer-${served}` });

function streamed(call) {
  const { model: name, messages, tools } = call.json;
  const chunk = (delta, i, finish_reason) => {
    const choices = [{ delta, index: 0, ...(finish_reason && { finish_reason }) }];
    return data({ choices, ...about(call), model: name, object: "chat.completion.chunk", usage: usage(i + 1) });
  };
  const { pace, words = greeting } = order(contentsOf(messages));
  const deltas = tools
    ? [
        { role: "assistant", tool_calls: [calledOf(tools, "")] },
        { role: "assistant", content: "" },
      ]
    : words.split(/(?<= )/).map((content) => ({ content, role: "assistant" }));
  // Tool calls end with `stop`, too.
  const chunks = deltas.map((delta, i) => chunk(delta, i, i === deltas.length - 1 && "stop"));
  return send(call, pace, [...chunks, "data: [DONE]\n\n"]);
}
