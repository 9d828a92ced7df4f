// What is asked and what is answered, known to both ends: so that every answer can be checked.

export const CLIENT_KEY = "bench-client";
export const UPSTREAM_KEY = "bench-upstream";

const usage = { prompt_tokens: 420, completion_tokens: 64, total_tokens: 484 };
const head = { id: "chatcmpl-bench", created: 1700000000, model: "bench" };

export const JSON_ANSWER = JSON.stringify({
  ...head,
  object: "chat.completion",
  choices: [{ index: 0, message: { role: "assistant", content: "lorem ipsum ".repeat(30) }, finish_reason: "stop" }],
  usage,
});

// The last event is `[DONE]`, as everywhere.
export function events(count) {
  const choice = (i) => ({ index: 0, delta: { content: `word ${i}` }, finish_reason: null });
  const event = (i) => JSON.stringify({ ...head, object: "chat.completion.chunk", choices: [choice(i)] });
  const texts = Array.from({ length: count - 1 }, (_, i) => event(i));
  return [...texts, "[DONE]"].map((text) => Buffer.from(`data: ${text}\n\n`));
}

export const KINDS = {
  json: { stream: false, chunks: 0, length: JSON_ANSWER.length },
  burst: streamed(200),
  paced: streamed(100),
  brief: streamed(10),
};

function streamed(chunks) {
  return { stream: true, chunks, length: Buffer.concat(events(chunks)).length };
}

// One request as an OpenAI SDK sends it. The upstream answers by the model's name, which stands first.
export function request(kind, bodyBytes) {
  const { stream } = KINDS[kind];
  const call = (content) => JSON.stringify({ model: kind, stream, temperature: 0.7, messages: [{ role: "user", content }] });
  const body = call("a plain word ".repeat(bodyBytes).slice(0, bodyBytes - call("").length));
  const lines = [
    "POST /v1/chat/completions HTTP/1.1",
    "host: 127.0.0.1",
    "connection: keep-alive",
    "accept: application/json",
    "content-type: application/json",
    `authorization: Bearer ${CLIENT_KEY}`,
    "user-agent: OpenAI/JS 7.55.0",
    "accept-encoding: gzip, deflate",
    "accept-language: *",
    "x-stainless-lang: js",
    "x-stainless-package-version: 7.55.0",
    "x-stainless-os: Linux",
    "x-stainless-arch: x64",
    "x-stainless-runtime: node",
    "x-stainless-runtime-version: v22.0.0",
    "x-stainless-retry-count: 0",
    "x-stainless-timeout: 600",
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n${body}`);
}
