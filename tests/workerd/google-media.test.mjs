// Pictures, speech and transcripts by Gemini's models, for OpenAI's own SDK.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import OpenAI, { toFile } from "openai";
import { sound } from "./answers.mjs";
import { pictures, transcript } from "./google-answers.mjs";
import { clientKey, startGoogle, variables } from "./google.mjs";
import { startWorker } from "./worker.mjs";

let google, worker, openai;

before(async () => {
  google = await startGoogle();
  worker = await startWorker({ vars: variables(google) });
  openai = new OpenAI({ baseURL: `${worker.url}/v1`, apiKey: clientKey, maxRetries: 0 });
});
after(async () => {
  await worker?.stop();
  await google?.stop();
  assert.deepEqual(google.complaints, []);
});

// Images.

test("images: made, in their shape, as many as were asked for", async () => {
  const asked = { model: "gemini-3.1-flash-image", prompt: "a cat", size: "1536x1024", n: 2 };
  const [made, requests] = await google.watched(() => openai.images.generate(asked));
  assert.equal(requests.length, 2);
  assert.equal(requests[0].json.generationConfig.imageConfig.aspectRatio, "3:2");
  assert.equal(made.data.length, 2);
  for (const { b64_json } of made.data) assert.ok(Buffer.from(b64_json, "base64").equals(pictures.jpeg));
  assert.equal(made.output_format, "jpeg");
  const older = await openai.images.generate({
    model: "gemini-2.5-flash-image",
    prompt: "a cat",
    response_format: "url",
  });
  assert.equal(older.data[0].url, `data:image/png;base64,${pictures.png.toString("base64")}`);
  assert.equal((await openai.images.generate({ model: "dall-e-3", prompt: "a cat", style: "vivid" })).data.length, 1);
});

test("images: of Vertex, made and edited", async () => {
  const image = await toFile(pictures.png, "cat.png", { type: "image/png" });
  for (const [model, picture] of [
    ["vertex/gemini-3.1-flash-image", pictures.jpeg],
    ["express/gemini-2.5-flash-image", pictures.png],
  ]) {
    const made = await openai.images.generate({ model, prompt: "a cat", size: "1024x1024", quality: "high" });
    assert.ok(Buffer.from(made.data[0].b64_json, "base64").equals(picture), model);
    const edited = await openai.images.edit({ image: [image, image], model, prompt: "a dog" });
    assert.ok(Buffer.from(edited.data[0].b64_json, "base64").equals(picture), model);
    assert.equal(google.last.json.contents[0].parts.filter((part) => part.inlineData).length, 2);
  }
});

test("images: edited", async () => {
  const image = await toFile(pictures.png, "cat.png", { type: "image/png" });
  const asked = { image, model: "gemini-3.1-flash-image", prompt: "a dog" };
  assert.ok(Buffer.from((await openai.images.edit(asked)).data[0].b64_json, "base64").equals(pictures.jpeg));
  const sent = google.last.json.contents[0].parts.find((part) => part.inlineData);
  assert.ok(Buffer.from(sent.inlineData.data, "base64").equals(pictures.png));
  await assert.rejects(openai.images.edit({ ...asked, mask: image }), OpenAI.BadRequestError);
});

test("images: refused, and none", async () => {
  const model = "gemini-3.1-flash-image";
  await assert.rejects(openai.images.generate({ model, prompt: "do image-safety" }), (error) => {
    assert.equal(error.status, 400);
    assert.equal(error.code, "moderation_blocked");
    assert.equal(error.type, "image_generation_user_error");
    return true;
  });
  await assert.rejects(openai.images.generate({ model, prompt: "say no" }), (error) => {
    assert.deepEqual([error.status, error.code], [502, "no_image"]);
    return true;
  });
});

// Speech and transcripts.

const tts = "gemini-3.1-flash-tts-preview";

for (const model of [tts, "gemini-2.5-flash-preview-tts", "tts-1", "vertex/gemini-2.5-flash-tts"]) {
  test(`speech: ${model}`, async () => {
    const speak = (more) => openai.audio.speech.create({ model, voice: "alloy", input: "hello", ...more });
    const pcm = await speak({ response_format: "pcm" });
    assert.ok(Buffer.from(await pcm.arrayBuffer()).equals(sound));
    const { voiceConfig } = google.last.json.generationConfig.speechConfig;
    assert.equal(voiceConfig.prebuiltVoiceConfig.voiceName, "Kore");
    for (const response_format of ["wav", "mp3"]) {
      const wav = await speak({ response_format, speed: 1.5 });
      assert.equal(wav.headers.get("content-type"), "audio/wav");
      assertWave(Buffer.from(await wav.arrayBuffer()));
    }
  });
}

function assertWave(bytes) {
  assert.equal(bytes.toString("latin1", 0, 4), "RIFF");
  assert.equal(bytes.readUInt32LE(4), bytes.length - 8);
  assert.equal(bytes.toString("latin1", 8, 16), "WAVEfmt ");
  assert.deepEqual([bytes.readUInt16LE(20), bytes.readUInt16LE(22), bytes.readUInt32LE(24)], [1, 1, 24000]);
  assert.equal(bytes.readUInt32LE(40), sound.length);
  assert.ok(bytes.subarray(44).equals(sound));
}

test("speech: a question is read out, not answered", async () => {
  const asked = { model: tts, voice: "Puck", input: "Who are you?", response_format: "pcm", instructions: "calmly" };
  assert.ok(Buffer.from(await (await openai.audio.speech.create(asked)).arrayBuffer()).equals(sound));
});

for (const model of [tts, "vertex/gemini-2.5-flash-tts"]) {
  test(`speech, streamed: ${model}`, () => speaksInPieces(model));
}

async function speaksInPieces(model) {
  const asked = { model, voice: "alloy", input: "hello", response_format: "pcm", stream_format: "sse" };
  const answer = await openai.audio.speech.create(asked);
  const events = (await answer.text()).split("\n\n").filter((event) => event.startsWith("data: {"));
  const parsed = events.map((event) => JSON.parse(event.slice("data: ".length)));
  const deltas = parsed.filter(({ type }) => type === "speech.audio.delta");
  assert.ok(deltas.length > 1);
  assert.ok(Buffer.concat(deltas.map(({ audio }) => Buffer.from(audio, "base64"))).equals(sound));
  assert.equal(parsed.at(-1).type, "speech.audio.done");
}

const spoken = { messages: [{ role: "user", content: "hello" }], modalities: ["text", "audio"] };

for (const model of [tts, "vertex/gemini-2.5-flash-tts"]) {
  test(`speech in a chat, whole and streamed: ${model}`, async () => {
    const asked = { ...spoken, model, audio: { voice: "alloy", format: "pcm16" } };
    const { choices } = await openai.chat.completions.create(asked);
    const { audio, content } = choices[0].message;
    assert.equal(content, null);
    assert.ok(audio.id && audio.expires_at > Date.now() / 1000);
    assert.ok(Buffer.from(audio.data, "base64").equals(sound));
    const { voiceConfig } = google.last.json.generationConfig.speechConfig;
    assert.equal(voiceConfig.prebuiltVoiceConfig.voiceName, "Kore");
    const pieces = [];
    let end;
    for await (const { choices } of await openai.chat.completions.create({ ...asked, stream: true })) {
      pieces.push(choices[0].delta.audio?.data ?? "");
      end ??= choices[0].finish_reason ?? undefined;
    }
    assert.ok(pieces.filter(Boolean).length > 1);
    assert.ok(Buffer.concat(pieces.map((data) => Buffer.from(data, "base64"))).equals(sound));
    assert.equal(end, "stop");
  });
}

test("speech in a chat as a file", async () => {
  const asked = { ...spoken, model: tts, audio: { voice: "alloy", format: "wav" } };
  const { choices } = await openai.chat.completions.create(asked);
  assertWave(Buffer.from(choices[0].message.audio.data, "base64"));
});

for (const model of ["gemini-3.8-flash", "whisper-1", "vertex/gemini-3.8-flash"]) {
  test(`transcripts: ${model}`, async () => {
    const file = await toFile(sound, "speech.mp3", { type: "audio/mpeg" });
    const asked = { file, model, language: "en", prompt: "names: Ada", temperature: 0 };
    const { create } = openai.audio.transcriptions;
    const transcribe = create.bind(openai.audio.transcriptions);
    assert.equal((await transcribe(asked)).text, transcript);
    assert.equal((await transcribe({ ...asked, response_format: "text" })).trim(), transcript);
    assert.equal((await transcribe({ ...asked, response_format: "verbose_json" })).text, transcript);
    assert.equal((await openai.audio.translations.create({ file, model })).text, transcript);
    const events = [];
    for await (const event of await transcribe({ ...asked, stream: true })) events.push(event);
    const deltas = events.filter(({ type }) => type === "transcript.text.delta");
    assert.equal(deltas.map(({ delta }) => delta).join(""), transcript);
    assert.deepEqual([events.at(-1).type, events.at(-1).text], ["transcript.text.done", transcript]);
  });
}
