// What the mock upstream answers. A model name (or `?as=` where a request has no body) may be an order:
//
//   status-404      that status with OpenAI's error body (429 with its headers)
//   html-502        a proxy's page
//   redirect        302
//   empty           204
//   not-modified    304
//   gzip            a compressed answer
//   gzip-503        a compressed refusal
//   gzip-events     a compressed event stream
//   early-401       a refusal before the body is here
//   held            the headers when the test releases them, then the usual answer
//   stalled         headers at once, the body when the test releases it
//   stalled-refusal 503 and half a body, for ever
//   steps           an event stream, each event after a release
//   breaks          an event stream whose first three events come at once; at a release its connection breaks
//   ends            the same, but the connection is closed, in the middle of the body
//   cut             a break again, with a body that is no event stream
//   steady          an event stream of 40 events, 10 ms apart
//
// Every other model gets what the path answers.

const orders = {
  "html-502": (call) => call.send(502, { "content-type": "text/html" }, page),
  redirect: (call) => call.send(302, { location: `http://${call.headers.host}/elsewhere` }, ""),
  empty: (call) => call.response.writeHead(204).end(),
  "not-modified": (call) => call.response.writeHead(304, { etag: '"1"' }).end(),
  gzip: (call) => call.sendGzip(200, "application/json", JSON.stringify(chat(call, "compressed"))),
  "gzip-503": (call) => call.sendGzip(503, "application/json", '{"error": {"message": "compressed"}}'),
  "gzip-events": (call) => call.sendGzip(200, "text/event-stream", events(call).join("")),
  "early-401": (call) => refuse(call, 401),
  held: async (call) => {
    await call.leave();
    return usual(call)(call);
  },
  stalled: async (call) => {
    call.response.writeHead(200, { "content-type": "application/json" });
    call.response.flushHeaders();
    await call.leave();
    call.response.end(JSON.stringify(chat(call, "at last")));
  },
  "stalled-refusal": (call) => {
    call.response.writeHead(503, { "content-type": "application/json" });
    call.response.write('{"error": ');
  },
  steps: async (call) => {
    call.beginEvents();
    for (const event of events(call)) {
      await call.leave();
      call.response.write(event);
    }
    call.response.end();
  },
  breaks: async (call) => {
    call.beginEvents();
    call.response.write(events(call).slice(0, 3).join(""));
    await call.leave();
    call.reset();
  },
  ends: async (call) => {
    call.beginEvents();
    call.response.write(events(call).slice(0, 3).join(""));
    await call.leave();
    call.socket.destroy();
  },
  cut: async (call) => {
    call.response.writeHead(200, { "content-type": "application/json" });
    call.response.write('{"object": "chat.completion", ');
    await call.leave();
    call.reset();
  },
  steady: async (call) => {
    call.beginEvents();
    for (const word of Array.from({ length: 40 }, (_, i) => `word${i} `)) {
      call.response.write(data(chunk(call, { content: word })));
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    call.response.end("data: [DONE]\n\n");
  },
};

const page = "<html><head><title>502 Bad Gateway</title></head><body>upstream-page</body></html>";

/** What a request gets. */
export function behaviour(call) {
  const order = call.model ?? "";
  const status = /^status-(\d+)$/.exec(order)?.[1];
  if (status !== undefined) return (call) => refuse(call, Number(status));
  return orders[order] ?? usual(call);
}

const paths = [
  ["POST", /\/chat\/completions$/, (call) => (call.json.stream ? stream(call) : call.sendJson(200, chat(call)))],
  ["POST", /\/embeddings$/, (call) => call.sendJson(200, embeddings(call))],
  ["POST", /\/responses$/, (call) => (call.json.stream ? stream(call) : call.sendJson(200, response(call)))],
  ["GET", /\/models$/, (call) => call.sendJson(200, { object: "list", data: [model("m-1"), model("m-2")] })],
  ["GET", /\/models\/[^/]+$/, (call) => call.sendJson(200, model(decodeURIComponent(call.path.split("/").at(-1))))],
  ["POST", /\/audio\/transcriptions$/, (call) => call.sendJson(200, { text: `heard ${call.received} bytes` })],
  ["POST", /\/audio\/speech$/, (call) => call.send(200, { "content-type": "audio/mpeg" }, sound)],
  ["POST", /\/images\/(generations|edits)$/, (call) => call.sendJson(200, { created: 1, data: [{ b64_json: "aW1n" }] })],
  ["POST", /\/files$/, (call) => call.sendJson(200, file("file-1", call.received))],
  ["GET", /\/files$/, (call) => call.sendJson(200, { object: "list", data: [file("file-1", 3)], has_more: false })],
  ["GET", /\/files\/[^/]+\/content$/, (call) => call.send(200, { "content-type": "application/octet-stream" }, sound)],
];

function usual(call) {
  const found = paths.find(([method, path]) => method === call.method && path.test(call.path));
  return found?.[2] ?? ((call) => call.sendJson(200, { object: "echo", method: call.method, url: call.url }));
}

/** Every byte value, so that nothing that treats it as text survives unnoticed. */
export const sound = Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 7 + (i >> 8)) % 256));

const refusals = {
  400: ["invalid_request_error", "invalid_value"],
  401: ["invalid_request_error", "invalid_api_key"],
  403: ["permission_error", "model_not_found"],
  404: ["invalid_request_error", "model_not_found"],
  429: ["requests", "rate_limit_exceeded"],
};

function refuse(call, status) {
  const [type, code] = refusals[status] ?? ["server_error", null];
  const message = `The upstream says ${status}.`;
  const headers =
    status === 429 ? { "retry-after": "7", "retry-after-ms": "7000", "x-ratelimit-remaining-requests": "0" } : {};
  call.sendJson(status, { error: { message, type, param: null, code } }, headers);
}

function stream(call) {
  call.beginEvents();
  call.response.end(events(call).join(""));
}

function events(call) {
  return call.path.endsWith("/responses") ? responseEvents(call) : chatEvents(call);
}

export const words = ["Hello", ", ", "world", "!"];

function chatEvents(call) {
  const usage = { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 };
  return [
    data(chunk(call, { role: "assistant", content: "" })),
    ...words.map((content) => data(chunk(call, { content }))),
    data({ ...chunk(call, {}, "stop"), usage }),
    "data: [DONE]\n\n",
  ];
}

function chunk(call, delta, finish_reason = null) {
  const choices = [{ index: 0, delta, finish_reason }];
  return { id: "chatcmpl-1", object: "chat.completion.chunk", created: 1, model: call.model, choices };
}

function chat(call, content = words.join("")) {
  const tool = call.json.tools?.[0];
  const tool_calls = [{ id: "call_1", type: "function", function: { name: tool?.function?.name, arguments: "{}" } }];
  const said = { role: "assistant", content, refusal: null };
  const message = tool ? { ...said, content: null, tool_calls } : said;
  return {
    id: "chatcmpl-1",
    object: "chat.completion",
    created: 1,
    model: call.model,
    choices: [{ index: 0, message, logprobs: null, finish_reason: tool ? "tool_calls" : "stop" }],
    usage: { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 },
  };
}

export function embeddings(call) {
  const numbers = [0.5, -0.25, 1];
  const embedding =
    call.json.encoding_format === "base64" ? Buffer.from(new Float32Array(numbers).buffer).toString("base64") : numbers;
  const data = [{ object: "embedding", index: 0, embedding }];
  return { object: "list", data, model: call.model, usage: { prompt_tokens: 1, total_tokens: 1 } };
}

export function response(call, status = "completed") {
  const content = [{ type: "output_text", text: words.join(""), annotations: [] }];
  const message = { id: "msg_1", type: "message", role: "assistant", status: "completed", content };
  const output = status === "completed" ? [message] : [];
  const usage = { input_tokens: 3, output_tokens: 4, total_tokens: 7 };
  return { id: "resp_1", object: "response", created_at: 1, status, model: call.model, output, usage, error: null };
}

export function responseEvents(call) {
  const place = { item_id: "msg_1", output_index: 0, content_index: 0 };
  const item = { id: "msg_1", type: "message", role: "assistant", status: "in_progress", content: [] };
  const steps = [
    { type: "response.created", response: response(call, "in_progress") },
    { type: "response.output_item.added", output_index: 0, item },
    { type: "response.content_part.added", ...place, part: { type: "output_text", text: "", annotations: [] } },
    ...words.map((delta) => ({ type: "response.output_text.delta", ...place, delta })),
    { type: "response.output_text.done", ...place, text: words.join("") },
    { type: "response.completed", response: response(call) },
  ];
  return steps.map((step, i) => `event: ${step.type}\n${data({ ...step, sequence_number: i })}`);
}

export function data(value) {
  return `data: ${JSON.stringify(value)}\n\n`;
}

function model(id) {
  return { id, object: "model", created: 1, owned_by: "upstream" };
}

function file(id, bytes) {
  return { id, object: "file", bytes, created_at: 1, filename: "a.jsonl", purpose: "batch", status: "processed" };
}
