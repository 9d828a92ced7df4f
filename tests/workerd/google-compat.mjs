// Google's own endpoints of OpenAI's form, with their defects: AI Studio's refuses what it does not know and streams
// tool calls without an index; Vertex's serves the models of other makers, some without an id.
import { data } from "./answers.mjs";
import { greeting, order } from "./google-answers.mjs";
import { isSince, model } from "./google-models.mjs";
import { invalid, misshapen, noModel, refusals } from "./google-refusals.mjs";
import { parameters } from "./google-schema.mjs";
import { read } from "./google-shape.mjs";

const known = [
  "model",
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
  const strangers = Object.keys(body).filter((name) => !known.includes(name));
  const unknown = (name) => `Invalid JSON payload received. Unknown name "${name}": Cannot find field.`;
  if (strangers.length > 0)
    return listed(misshapen(strangers.map((name) => ({ field: "", description: unknown(name) }))));
  const name = String(body.model).replace(/^models\//, "");
  call.target = model(name, "studio");
  if (!call.target) return listed(noModel({ model: name, host: "studio", method: "generateContent" }));
  if ((body.n ?? 1) > 1 && isSince(call.target, 3))
    return listed(invalid("Multiple candidates is not enabled for this model"));
  const refused = (body.tools ?? []).map(ofTheTool).find(Boolean) ?? ordered(body);
  if (refused) return listed(refused);
  return body.stream ? streamed(call) : call.sendJson(200, whole(call));
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
  const { words = greeting } = order(contentsOf(messages));
  const deltas = tools
    ? [
        { role: "assistant", tool_calls: [calledOf(tools, "")] },
        { role: "assistant", content: "" },
      ]
    : words.split(/(?<= )/).map((content) => ({ content, role: "assistant" }));
  call.beginEvents({ "content-type": "text/event-stream" });
  // Tool calls end with `stop`, too.
  for (const [i, delta] of deltas.entries()) call.response.write(chunk(delta, i, i === deltas.length - 1 && "stop"));
  call.response.end("data: [DONE]\n\n");
}
