// Upstreams with lists of models, on 127.0.0.1, and the Worker's variables that name them.
import { once } from "node:events";
import { createServer } from "node:http";
import { startUpstream } from "./upstream.mjs";

export const ownersKey = "key-of-the-owner";
export const clientKey = "key-of-a-client";

/** So many names, none of which a gateway knows. */
export const named = (count, prefix = "model") => Array.from({ length: count }, (_, i) => `${prefix}-${i}`);

/** A model as a server with something to say describes it: some 300 bytes. */
export const described = (id) => ({
  id,
  object: "model",
  created: 1_700_000_000,
  owned_by: "upstream",
  context_length: 128_000,
  architecture: { input_modalities: ["text", "image"], output_modalities: ["text"] },
  description: "What its maker says of it, in a sentence or two, which nobody has to read.",
});

/**
 * A server that speaks OpenAI's API, and lists what it is told to: `models`, names or whole items. `manner` is how:
 *
 *   at-once       the whole list
 *   held          its headers when the test releases them; `half-held` the second half of its body
 *   drip          one byte at a time
 *   gzip          compressed
 *   never ends    a byte now and then, for ever
 *   is deep       one item nested a hundred thousand times
 *   is elsewhere  302
 *   is awaited in vain, is refused (401), breaks off (in the middle), is none (but a page)
 *
 * Whatever else it is asked it answers as the mock of OpenAI does.
 */
export async function startLister(models, manner = "at-once") {
  const lister = await startUpstream({ behaviour: (call) => behaviour(lister, call) });
  return Object.assign(lister, { models, manner });
}

const manners = {
  "at-once": (call, text) => call.send(200, json, text),
  held: (call, text) => call.leave().then(() => call.send(200, json, text)),
  "half-held": async (call, text) => {
    call.response.writeHead(200, json);
    call.response.write(text.slice(0, text.length / 2));
    await call.leave();
    call.response.end(text.slice(text.length / 2));
  },
  drip: async (call, text) => {
    call.response.writeHead(200, json);
    call.socket.setNoDelay(true);
    for (const byte of Buffer.from(text)) {
      call.response.write(Buffer.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
    call.response.end();
  },
  gzip: (call, text) => call.sendGzip(200, "application/json", text),
  "never ends": async (call) => {
    call.response.writeHead(200, json);
    while (!call.closed) {
      call.response.write(" ");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  },
  "is deep": (call, text) => {
    const item = `,{"id":"deep","x":${"[".repeat(1e5)}${"]".repeat(1e5)}}`;
    call.send(200, json, text.replace(/]}$/, `${item}]}`));
  },
  "is elsewhere": (call) => call.send(302, { location: `http://${call.headers.host}/v2/models` }, ""),
  "is awaited in vain": () => new Promise(() => {}),
  "is refused": (call) =>
    call.sendJson(401, { error: { message: "Incorrect API key provided: key-****wner.", code: "invalid_api_key" } }),
  "breaks off": (call, text) => {
    call.response.writeHead(200, { ...json, "content-length": text.length });
    call.response.write(text.slice(0, text.length / 2), () => call.reset());
  },
  "is none": (call) => call.send(200, { "content-type": "text/html" }, "<html><body>Welcome!</body></html>"),
};
const json = { "content-type": "application/json" };

function behaviour(lister, call) {
  if (call.path !== "/v1/models") return usual(lister, call);
  const data = lister.models.map((model) => (typeof model === "string" ? described(model) : model));
  return () => manners[lister.manner](call, JSON.stringify({ object: "list", data }));
}

function usual(lister, call) {
  if (call.path === "/v1/chat/completions") return answerTo;
  return () => call.sendJson(404, { error: { message: "there is no such thing" } });
}

/** A chat, whose last event says what it cost where that is asked for. */
function answerTo(call) {
  const { model, stream, stream_options: options } = call.json;
  const about = { id: "chatcmpl-1", created: 1, model };
  const usage = { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 };
  if (!stream) {
    const message = { role: "assistant", content: "Hello, world!" };
    const choices = [{ index: 0, message, finish_reason: "stop" }];
    return call.sendJson(200, { ...about, object: "chat.completion", choices, usage });
  }
  const event = (delta, finish_reason = null) => ({ choices: [{ index: 0, delta, finish_reason }] });
  const events = [event({ role: "assistant", content: "Hello, " }), event({ content: "world!" }), event({}, "stop")];
  if (options?.include_usage) events.push({ choices: [], usage });
  call.beginEvents();
  const chunk = { ...about, object: "chat.completion.chunk" };
  for (const event of events) call.response.write(`data: ${JSON.stringify({ ...chunk, ...event })}\n\n`);
  return call.response.end("data: [DONE]\n\n");
}

/** A provider of the document at such a server. */
export const provider = (lister, changes = {}) => ({
  kind: "openai",
  endpoint: lister.url,
  key: "$OWNERS_KEY",
  ...changes,
});

/** Of a Worker before some; the first is the default one. */
export function variables(providers, more = {}, vars = {}) {
  const GATEWAY = JSON.stringify({ providers, default: Object.keys(providers)[0], ...more });
  return { GATEWAY, OWNERS_KEY: ownersKey, PROXY_API_KEYS: clientKey, ...vars };
}

/** A port where nobody listens. */
export async function deadPort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return `http://127.0.0.1:${port}/v1`;
}

export const auth = { authorization: `Bearer ${clientKey}` };

export const ids = (answer) => answer.json.data.map(({ id }) => id);

/** The requests for a list that a server had. */
export const lists = (upstream) =>
  upstream.requests.filter(({ method, path }) => method === "GET" && /models|deployments/.test(path));
