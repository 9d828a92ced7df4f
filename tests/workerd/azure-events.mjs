// The chat streams of Azure's that are not as OpenAI's: each kind was seen, and broke somebody's client.
import { data, words } from "./answers.mjs";

const done = "data: [DONE]\n\n";

/** Found in the prompt and in every piece of an answer, as the filter's default mode says it. */
export const harmless = Object.fromEntries(
  ["hate", "self_harm", "sexual", "violence"].map((name) => [name, { filtered: false, severity: "safe" }]),
);
export const promptFilter = [{ prompt_index: 0, content_filter_results: harmless }];

/**
 *   sync         the filter's default: its findings beside every piece of text
 *   async        the asynchronous filter: text without, annotations between and after
 *   blocked      the asynchronous filter ends the answer
 *   plain        no filter at all
 *   no-done      no `[DONE]`
 *   truncated    neither finish reason nor `[DONE]`
 *   half         the body ends cleanly in the middle of an event
 *   error-first  an error under a status of 200
 *   error-later  an error after two pieces of text
 *   crlf         other line ends, and comments
 *   nulls        a model of another maker: nulls wherever there is nothing, a bare id, reasoning
 *   nameless     ids and models are empty, throughout
 *   own-data     answers from the customer's documents
 *   late         pieces after the end
 */
const kinds = {
  sync: (call) => [prompt(), role(call), ...words.map((word) => piece(call, word)), finish(call), ...usage(call), done],
  async: (call) => {
    const texts = words.flatMap((word, i) =>
      i === 1 ? [unfiltered(call, word), annotation()] : [unfiltered(call, word)],
    );
    return [prompt(), role(call), ...texts, finish(call), annotation(), ...usage(call), done];
  },
  blocked: (call) => {
    const texts = words.slice(0, 2).map((word) => unfiltered(call, word));
    return [prompt(), role(call), ...texts, annotation("content_filter"), done];
  },
  plain: (call) => [role(call), ...words.map((word) => unfiltered(call, word)), finish(call), ...usage(call), done],
  "no-done": (call) => kinds.sync(call).slice(0, -1),
  truncated: (call) => kinds.sync(call).slice(0, 4),
  half: (call) => [...kinds.sync(call).slice(0, 4), piece(call, "lost").slice(0, 40)],
  "error-first": () => [failure()],
  "error-later": (call) => [...kinds.sync(call).slice(0, 4), failure()],
  crlf: (call) => [
    ": welcome\r\n\r\n",
    ...kinds.sync(call).map((event) => event.replaceAll("\n", "\r\n") + ": ping\r\n\r\n"),
  ],
  nulls: (call) => [
    foreign(call, { role: "assistant", content: null, reasoning_content: "Well", tool_calls: null }),
    ...words.map((content) => foreign(call, { role: null, content, reasoning_content: null, tool_calls: null })),
    foreign(call, { role: null, content: null, reasoning_content: null, tool_calls: null }, "stop"),
    done,
  ],
  nameless: (call) => {
    const empty = (event) => event.replace('"id":"chatcmpl-az-1"', '"id":""').replace(/"model":"[^"]+"/, '"model":""');
    return kinds.async(call).map(empty);
  },
  "own-data": (call) => [
    data(
      chunk(call, {
        delta: { role: "assistant", context: { citations: [{ content: "of a document" }], intent: "[]" } },
      }),
    ),
    ...words.map((content) => unfiltered(call, content)),
    data(chunk(call, { delta: { end_turn: true }, finish_reason: "stop" })),
    done,
  ],
  late: (call) => [...kinds.plain(call).slice(0, -1), annotation(), late(call), done],
};

/** The events of a chat stream. */
export function events(call, kind) {
  return (call.json.tools ? toolEvents : kinds[kind])(call);
}

export function isKind(kind) {
  return Object.hasOwn(kinds, kind);
}

function chunk(call, choice) {
  const whole = { index: 0, delta: {}, finish_reason: null, logprobs: null, ...choice };
  const usage = call.json.stream_options?.include_usage ? { usage: null } : {};
  return { choices: [whole], ...stamp(call), system_fingerprint: "fp_az", ...usage };
}

function stamp(call) {
  return { created: 1700000000, id: "chatcmpl-az-1", model: call.deployment.model, object: "chat.completion.chunk" };
}

function prompt() {
  return data({ choices: [], created: 0, id: "", model: "", object: "", prompt_filter_results: promptFilter });
}

function role(call) {
  const delta = { role: "assistant", content: "", refusal: null };
  return data(chunk(call, { delta, content_filter_results: {} }));
}

function piece(call, content) {
  return data(chunk(call, { delta: { content }, content_filter_results: harmless }));
}

function unfiltered(call, content) {
  return data(chunk(call, { delta: { content } }));
}

function finish(call, finish_reason = "stop") {
  return data(chunk(call, { finish_reason, content_filter_results: {} }));
}

/** Of the asynchronous filter: a choice without a delta. */
function annotation(finish_reason = null) {
  const content_filter_offsets = { check_offset: 44, start_offset: 44, end_offset: 198 };
  const choice = { index: 0, finish_reason, content_filter_results: harmless, content_filter_offsets };
  return data({ id: "", object: "", created: 0, model: "", choices: [choice], usage: null });
}

function usage(call) {
  if (!call.json.stream_options?.include_usage) return [];
  const usage = { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 };
  return [data({ ...chunk(call, {}), choices: [], usage })];
}

function late(call) {
  return data(chunk(call, { content_filter_results: harmless }));
}

function foreign(call, delta, finish_reason = null) {
  const choices = [{ index: 0, delta, finish_reason, logprobs: null, matched_stop: null }];
  return data({ ...stamp(call), id: "0f6c2a7d", choices, usage: null });
}

function failure() {
  const message = "That model is currently overloaded with other requests. You can retry your request.";
  return data({ error: { message, type: "server_error", param: null, code: null } });
}

function toolEvents(call) {
  const [
    {
      function: { name },
    },
  ] = call.json.tools;
  const begun = { index: 0, id: "call_1", type: "function", function: { name, arguments: "" } };
  const filled = (text) => ({ tool_calls: [{ index: 0, function: { arguments: text } }] });
  return [
    prompt(),
    data(chunk(call, { delta: { role: "assistant", content: null, tool_calls: [begun] }, content_filter_results: {} })),
    ...['{"city"', ':"Paris"}'].map((text) => data(chunk(call, { delta: filled(text), content_filter_results: {} }))),
    finish(call, "tool_calls"),
    ...usage(call),
    done,
  ];
}
