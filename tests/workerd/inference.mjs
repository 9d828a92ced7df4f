// A mock of what stands behind Azure AI Model Inference: a server that speaks OpenAI's API in its own manner, and
// answers the members it is sent. A model's name may be an order, as in answers.mjs, or the kind of its streams:
//
//   noisy        comments, other fields, other line ends, a missing blank, JSON over two lines
//   no-done      no `[DONE]`
//   truncated    neither finish reason nor `[DONE]`
//   error-first  an error under a status of 200
//   error-later  an error after two pieces of text, and then silence
import { behaviour, data, embeddings, words } from "./answers.mjs";
import { startUpstream } from "./upstream.mjs";

export const clientKey = "key-of-a-client";
export const onlyModel = "TinyLlama/TinyLlama-1.1B";

export async function startServer() {
  return startUpstream({ behaviour: answerOf });
}

/** Of a Worker before it: no more than the one setting. */
export function variables(server) {
  return { UPSTREAM_HOST: server.origin, PROXY_API_KEYS: clientKey };
}

function answerOf(call) {
  if (/\/models$/.test(call.path)) return (call) => call.sendJson(200, { object: "list", data: [{ id: onlyModel }] });
  if (/\/embeddings$/.test(call.path)) return (call) => call.sendJson(200, { ...embeddings(call), asked: call.json });
  const kind = kinds[call.model];
  return kind && call.json.stream ? (call) => stream(call, kind(call)) : behaviour(call);
}

const failure = data({ error: { message: "It broke.", type: "server_error", param: null, code: "overloaded" } });

const kinds = {
  noisy: (call) => [": welcome\n\n", ...events(call).map(noisy), "data:[DONE]\r\n\r\n", ": bye\n\n"],
  "no-done": events,
  truncated: (call) => events(call).slice(0, 3),
  "error-first": () => [": wait\n\n", failure],
  "error-later": (call) => [...events(call).slice(0, 3), failure, undefined],
};

function noisy(event, i) {
  const manners = [
    (text) => `: ping\n\nevent: message\nid: ${i}\nretry: 5\n${text}`,
    (text) => text.replace("data: ", "data:").replaceAll("\n", "\r\n"),
    (text) => text.replace(',"object"', ',\ndata: "object"'),
  ];
  return manners[i % manners.length](event);
}

function events(call) {
  const usage = { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 };
  const chunk = (choices, more) =>
    data({ id: "chatcmpl-1", object: "chat.completion.chunk", created: 1, model: call.model, choices, ...more });
  const piece = (content) => chunk([{ index: 0, delta: { content }, finish_reason: null }]);
  const asksForUsage = call.json.stream_options?.include_usage;
  return [
    ...words.map(piece),
    chunk([{ index: 0, delta: {}, finish_reason: "stop" }]),
    ...(asksForUsage ? [chunk([], { usage })] : []),
  ];
}

async function stream(call, events) {
  call.beginEvents();
  for (const event of events) {
    // Who sends no more does not hang up either.
    if (event === undefined) return;
    call.response.write(event);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  call.response.end();
}
