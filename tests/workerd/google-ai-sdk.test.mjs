// Vercel's AI SDK, through the Worker, at Google: by its provider for OpenAI, and by the one for all that are like it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import {
  APICallError,
  Output,
  embed,
  embedMany,
  generateImage,
  generateObject,
  generateSpeech,
  generateText,
  stepCountIs,
  streamObject,
  streamText,
  tool,
  transcribe,
} from "ai";
import { z } from "zod";
import { sound } from "./answers.mjs";
import { greeting, pictures, thought } from "./google-answers.mjs";
import { sentinel } from "./google-rules.mjs";
import { clientKey, startGoogle, variables } from "./google.mjs";
import { startWorker } from "./worker.mjs";

globalThis.AI_SDK_LOG_WARNINGS = false;

let google, worker, openai, alike;

before(async () => {
  google = await startGoogle();
  worker = await startWorker({ vars: variables(google) });
  const settings = { baseURL: `${worker.url}/v1`, apiKey: clientKey };
  openai = createOpenAI(settings);
  alike = createOpenAICompatible({ ...settings, name: "isthmus", includeUsage: true, supportsStructuredOutputs: true });
});
after(async () => {
  await worker?.stop();
  await google?.stop();
  assert.deepEqual(google.complaints, []);
});

const flavours = {
  openai: (name) => openai.chat(name),
  "openai-compatible": (name) => alike.chatModel(name),
};

const models = ["gemini-3.8-flash", "gemini-2.5-flash", "vertex/gemini-3.8-flash", "vertex/gemini-2.5-flash"];

const City = z.object({
  name: z.string(),
  people: z.number().int().positive(),
  tags: z.array(z.string()).min(1),
});
const paris = { name: "Paris", people: 3, tags: ["Paris"] };

const weather = tool({
  description: "The weather.",
  inputSchema: z.object({ city: z.string() }),
  execute: ({ city }) => `fine in ${city}`,
});

for (const [flavour, chat] of Object.entries(flavours)) {
  for (const model of models) {
    test(`${flavour}, ${model}: text, whole and streamed`, async () => {
      const { text, finishReason, usage } = await generateText({ model: chat(model), prompt: "hello" });
      assert.deepEqual([text, finishReason, usage.outputTokens], [greeting, "stop", 7]);
      const streamed = streamText({ model: chat(model), prompt: "hello" });
      const pieces = await Array.fromAsync(streamed.textStream);
      assert.ok(pieces.length > 1);
      assert.equal(pieces.join(""), greeting);
      assert.equal(await streamed.finishReason, "stop");
      assert.equal((await streamed.usage).outputTokens, 7);
    });

    test(`${flavour}, ${model}: structured output, whole and streamed`, async () => {
      const asked = { model: chat(model), prompt: "a city" };
      const { output } = await generateText({ ...asked, output: Output.object({ schema: City }) });
      assert.deepEqual(output, paris);
      assert.deepEqual((await generateObject({ ...asked, schema: City })).object, paris);
      const streamed = streamObject({ ...asked, schema: City });
      for await (const part of streamed.partialObjectStream) assert.equal(typeof part, "object");
      assert.deepEqual(await streamed.object, paris);
    });

    test(`${flavour}, ${model}: a picture, whole and streamed`, async () => {
      const content = [
        { type: "text", text: "What is it?" },
        { type: "file", data: pictures.png, mediaType: "image/png" },
      ];
      const asked = { model: chat(model), messages: [{ role: "user", content }] };
      const seen = `${pictures.png.length} bytes of image/png`;
      assert.equal((await generateText(asked)).text, seen);
      assert.equal(await streamText(asked).text, seen);
    });
  }

  for (const model of models) {
    for (const how of ["at once", "one by one"]) {
      test(`${flavour}, ${model}: tools ${how}, whole and streamed`, async () => {
        const asked = {
          model: chat(model),
          prompt: `weather ${how} in Paris and Rome`,
          tools: { weather },
          stopWhen: stepCountIs(5),
        };
        const said = (city) => `weather said {"output":"fine in ${city}"}`;
        const expected = how === "at once" ? `${said("Paris")}; ${said("Rome")}` : said("Rome");
        const { text, steps } = await generateText(asked);
        assert.equal(text, expected);
        assert.equal(steps.length, how === "at once" ? 2 : 3);
        const { thoughtSignature } = google.last.json.contents[1].parts[0];
        if (flavour === "openai-compatible") assert.ok(thoughtSignature && thoughtSignature !== sentinel);
        const streamed = streamText(asked);
        assert.equal(await streamed.text, expected);
      });
    }
  }

  test(`${flavour}: a refusal`, async () => {
    const asked = { model: chat("gemini-3.8-flash"), prompt: "do daily", maxRetries: 0 };
    const isRight = (error) => {
      assert.ok(APICallError.isInstance(error), `${error}`);
      assert.equal(error.statusCode, 429);
      return true;
    };
    await assert.rejects(generateText(asked), isRight);
    const errors = [];
    await streamText({ ...asked, onError: ({ error }) => void errors.push(error) }).consumeStream();
    assert.ok(isRight(errors[0]));
  });

  test(`${flavour}: half an answer is none`, async () => {
    const errors = [];
    const asked = { model: chat("gemini-3.8-flash"), prompt: "do cut", maxRetries: 0 };
    await streamText({ ...asked, onError: ({ error }) => void errors.push(error) }).consumeStream();
    assert.equal(errors.length, 1);
  });
}

test("signatures come back in ids, from the SDK that drops what it does not know", async () => {
  const asked = { prompt: "weather at once in Paris and Rome", tools: { weather }, stopWhen: stepCountIs(5) };
  for (const [name, isSigned] of [
    ["named/gemini-3.8-flash", true],
    ["gemini-3.8-flash", false],
  ]) {
    await generateText({ ...asked, model: openai.chat(name) });
    const { thoughtSignature } = google.last.json.contents[1].parts[0];
    assert.equal(thoughtSignature !== sentinel, isSigned, name);
  }
});

test("thoughts, whole and streamed", async () => {
  const asked = { model: alike.chatModel("thinking/gemini-3.8-flash"), prompt: "think Paris" };
  const { text, reasoningText } = await generateText(asked);
  assert.deepEqual([text, reasoningText], ["Paris", thought]);
  assert.equal(await streamText(asked).reasoningText, thought);
});

for (const host of ["", "vertex/"]) {
  test(`embeddings ${host}`, async () => {
    const name = `${host}gemini-embedding-001`;
    for (const model of [openai.embedding(name), alike.embeddingModel(name)]) {
      assert.equal((await embed({ model, value: "x" })).embedding.length, 3072);
      const { embeddings } = await embedMany({ model, values: ["x", "y"] });
      assert.equal(embeddings.length, 2);
      assert.notDeepEqual(embeddings[0], embeddings[1]);
    }
  });

  test(`images ${host}`, async () => {
    const name = `${host}gemini-3.1-flash-image`;
    for (const model of [openai.image(name), alike.imageModel(name)]) {
      const { images } = await generateImage({ model, prompt: "a cat", n: 2, size: "1024x1024" });
      assert.equal(images.length, 2);
      for (const { uint8Array } of images) assert.ok(Buffer.from(uint8Array).equals(pictures.jpeg));
      const edited = await generateImage({ model, prompt: { text: "a dog", images: [pictures.png] } });
      assert.ok(Buffer.from(edited.image.uint8Array).equals(pictures.jpeg));
    }
  });

  test(`speech and transcripts ${host}`, async () => {
    const model = openai.speech(`${host}gemini-3.1-flash-tts-preview`);
    for (const outputFormat of ["wav", undefined]) {
      const { audio } = await generateSpeech({ model, text: "hello", voice: "alloy", outputFormat });
      assert.ok(Buffer.from(audio.uint8Array).subarray(44).equals(sound));
    }
    const listener = openai.transcription(host === "" ? "whisper-1" : "vertex/gemini-3.8-flash");
    const { text } = await transcribe({ model: listener, audio: wave(sound) });
    assert.equal(text, `${wave(sound).length} bytes of audio/wav`);
  });
}

/** With a head, by which the SDK knows what it is. */
function wave(samples) {
  return Buffer.concat([Buffer.from("RIFF----WAVEfmt ".padEnd(44, "-")), samples]);
}
