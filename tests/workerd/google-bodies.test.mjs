// Large bodies on their way to Google: what comes as bytes leaves as base64 within JSON, whole.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { call, form } from "./client.mjs";
import { clientKey, startGoogle, variables } from "./google.mjs";
import { startWorker } from "./worker.mjs";

let google, worker;

before(async () => {
  google = await startGoogle();
  worker = await startWorker({ vars: variables(google) });
});
after(async () => {
  await worker?.stop();
  await google?.stop();
  assert.deepEqual(google.complaints, []);
});

const headers = { authorization: `Bearer ${clientKey}` };
const million = 1_000_000;

/** Bytes that are nowhere the same. */
function bytes(length) {
  const numbers = Uint32Array.from({ length: length / 4 }, (_, i) => Math.imul(i, 2654435761));
  return Buffer.from(numbers.buffer);
}

/** The media that Google got last, as bytes. */
function got() {
  const { inlineData } = google.last.json.contents.at(-1).parts.find((part) => part.inlineData);
  return Buffer.from(inlineData.data, "base64");
}

for (const [model, stream] of [
  ["gemini-3.8-flash", false],
  ["vertex/gemini-3.8-flash", true],
]) {
  test(`a picture of 15 MB in a chat: ${model}${stream ? ", streamed" : ""}`, async () => {
    const picture = bytes(15 * million);
    const url = `data:image/png;base64,${picture.toString("base64")}`;
    const content = [
      { type: "text", text: "What is it?" },
      { type: "image_url", image_url: { url } },
    ];
    const json = { model, stream, messages: [{ role: "user", content }] };
    const { status, text } = await call(`${worker.url}/v1/chat/completions`, { json, headers });
    assert.equal(status, 200, text);
    const pieces = [...text.matchAll(/"content":"([^"]*)"/g)];
    assert.equal(pieces.map(([, piece]) => piece).join(""), `${picture.length} bytes of image/png`);
    assert.ok(got().equals(picture));
  });
}

function transcribe(parts) {
  const sent = form(parts);
  const url = `${worker.url}/v1/audio/transcriptions`;
  return call(url, { body: sent.body, headers: { ...headers, ...sent.headers } });
}

const talk = (value) => ({ name: "file", filename: "talk.mp3", type: "audio/mpeg", value });

for (const [model, order, arranged] of [
  ["gemini-3.5-flash-lite", "in front of its model", (file, model) => [file, model]],
  ["vertex/gemini-3.8-flash", "behind it", (file, model) => [model, file]],
]) {
  test(`25 MB of sound ${order}: ${model}`, async () => {
    const sound = bytes(25 * million);
    const answer = await transcribe(arranged(talk(sound), { name: "model", value: model }));
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.json.text, `${sound.length} bytes of audio/mp3`);
    assert.ok(got().equals(sound));
  });
}

test("more than is held is refused, with the limit's name", async () => {
  const before = google.requests.length;
  const answer = await transcribe([{ name: "model", value: "whisper-1" }, talk(bytes(28 * million))]);
  assert.equal(answer.status, 413, answer.text);
  assert.match(answer.json.error.message, /MAX_MULTIPART_BUFFER/);
  assert.equal(google.requests.length, before);
});
