// The streams of the mock Google: an answer in pieces, as `alt=sse` has them, sent as the prompt wishes:
//
//   (nothing)  one write for each event
//   burst:     all of them in one write
//   bytes:     a few bytes at a time, so that letters and line ends are cut
//   held:      the headers when the test releases them
//   steps:     each event after a release
//   breaks:    an event and a half; at a release the connection breaks
//
// `do <kind>` makes a stream that is not as it should be:
//
//   cut          ends cleanly, without a finish reason
//   half         ends cleanly, in the middle of an event
//   error-first  an error under a status of 200
//   error-later  the same, behind some text
//   error-bare   the same, as a line of JSON that is no event
//   other-lines  other line ends, comments, and events of several lines
//   usage-behind the usage in an event of its own, behind the end
import { data } from "./answers.mjs";
import { answer, order } from "./google-answers.mjs";
import { isSince } from "./google-models.mjs";
import { refusals } from "./google-refusals.mjs";

export async function stream(call) {
  const { verb, words } = order(call.request.contents);
  if (call.pace === "held") await call.leave();
  const kind = verb === "do" && Object.hasOwn(kinds, words) ? kinds[words] : undefined;
  await send(call, call.pace, kind ? kind(call) : chunks(call).map(event));
}

/** Events, each a text, as the prompt wishes. */
export async function send(call, pace, events) {
  call.beginEvents({ "content-type": "text/event-stream" });
  await (paces[pace] ?? paces.usual)(call, events);
}

const event = (chunk) => data(chunk).replace(/\n\n$/, "\r\n\r\n");
const failure = () => {
  const [, body] = refusals.overloaded;
  return body;
};

const kinds = {
  cut: (call) => chunks(call).slice(0, 2).map(event),
  half: (call) => {
    const [first, second] = chunks(call).map(event);
    return [first, second.slice(0, second.length / 2)];
  },
  "error-first": () => [event(failure())],
  "error-later": (call) => [...chunks(call).slice(0, 2).map(event), event(failure())],
  "error-bare": (call) => [...chunks(call).slice(0, 2).map(event), `${JSON.stringify(failure(), null, 2)}\n`],
  "other-lines": (call) => {
    const lines = (chunk) => JSON.stringify(chunk, null, 1).split("\n");
    return [
      ": welcome\n\n",
      ...chunks(call).map(
        (chunk) =>
          `${lines(chunk)
            .map((line) => `data: ${line}`)
            .join("\n")}\n\n`,
      ),
    ];
  },
  "usage-behind": (call) => {
    const all = chunks(call);
    const { usageMetadata, ...about } = all.at(-1);
    const { candidates: _, ...rest } = about;
    return [...all.slice(0, -1), about, { ...rest, usageMetadata }].map(event);
  },
};

const paces = {
  usual: async (call, events) => {
    for (const event of events) call.response.write(event);
    call.response.end();
  },
  burst: async (call, events) => void call.response.end(events.join("")),
  held: (call, events) => paces.usual(call, events),
  bytes: async (call, events) => {
    const bytes = Buffer.from(events.join(""));
    for (let at = 0, size = 1; at < bytes.length; at += size, size = (size % 7) + 1) {
      await new Promise((resolve) => call.response.write(bytes.subarray(at, at + size), resolve));
    }
    call.response.end();
  },
  steps: async (call, events) => {
    for (const event of events) {
      await call.leave();
      call.response.write(event);
    }
    call.response.end();
  },
  breaks: async (call, [first, second]) => {
    call.response.write(first + second.slice(0, second.length / 2));
    await call.leave();
    call.reset();
  },
};

/** An answer in pieces; the counts are of all that came so far. */
export function chunks(call) {
  const { candidates = [], usageMetadata, ...about } = answer(call);
  const { promptFeedback, ...rest } = about;
  if (candidates.length === 0) return [{ ...about, usageMetadata }];
  const apart = candidates.map((candidate) => pieces(candidate, call.target));
  const longest = Math.max(...apart.map((pieces) => pieces.length));
  const all = Array.from({ length: longest }, (_, i) => apart.flatMap((pieces) => pieces[i] ?? [])).flat();
  return all.map((piece, i) => {
    const usage = i === all.length - 1 ? usageMetadata : soFar(usageMetadata, i, call.host);
    return { candidates: [piece], usageMetadata: usage, ...rest };
  });
}

function soFar({ promptTokenCount }, i, host) {
  if (host === "vertex") return { trafficType: "ON_DEMAND" };
  return { promptTokenCount, candidatesTokenCount: i + 1, totalTokenCount: promptTokenCount + i + 1 };
}

function pieces({ content, finishReason, index = 0, ...log }, model) {
  const { parts = [], role } = content ?? {};
  const piece = (parts, more = {}) => ({ content: { parts, role }, index, ...more });
  const calls = parts.filter((part) => part.functionCall);
  const end = { finishReason, ...log };
  if (calls.length > 0 && !isSince(model, 3.5)) return [piece(calls, end)];
  const split = parts.flatMap(inPieces);
  if (split.length === 0) return [{ ...(content && { content }), index, ...end }];
  const isCut = calls.length === 0 && split.at(-1).text !== "";
  if (isCut) return split.map((part, i) => piece([part], i === split.length - 1 ? end : {}));
  // The end comes behind what it ends.
  const last = calls.length > 0 ? { text: "" } : split.pop();
  return [...split.map((part) => piece([part])), piece([last], end)];
}

/** A part as the parts of several events; a signature of a text comes at its end, with no text. */
function inPieces(part) {
  const { text, inlineData, thoughtSignature } = part;
  if (text && !part.thought) {
    const signed = thoughtSignature ? [{ text: "", thoughtSignature }] : [];
    return [...text.split(/(?<= )/).map((text) => ({ text })), ...signed];
  }
  if (!inlineData?.mimeType.startsWith("audio/")) return [part];
  const bytes = Buffer.from(inlineData.data, "base64");
  const size = 1001;
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => {
    const data = bytes.subarray(i * size, (i + 1) * size).toString("base64");
    return { inlineData: { ...inlineData, data } };
  });
}
