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
  generateSpeech,
  generateText,
  stepCountIs,
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

const weather = tool({
  description: "The weather.",
  inputSchema: z.object({ city: z.string() }),
  execute: ({ city }) => `fine in ${city}`,
});

for (const [flavour, chat] of Object.entries(flavours)) {
  test(`${flavour}: text, whole and streamed`, async () => {
    const { text, finishReason, usage } = await generateText({ model: chat("gemini-3.8-flash"), prompt: "hello" });
    assert.deepEqual([text, finishReason, usage.outputTokens], [greeting, "stop", 7]);
    const streamed = streamText({ model: chat("gemini-3.8-flash"), prompt: "hello" });
    let heard = "";
    for await (const piece of streamed.textStream) heard += piece;
    assert.equal(heard, greeting);
    assert.equal((await streamed.usage).outputTokens, 7);
  });

  for (const model of ["gemini-3.8-flash", "gemini-2.5-flash", "vertex/gemini-3.8-flash"]) {
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

  test(`${flavour}: structured output`, async () => {
    const schema = z.object({
      name: z.string(),
      people: z.number().int().positive(),
      tags: z.array(z.string()).min(1),
    });
    const { output } = await generateText({
      model: chat("gemini-3.8-flash"),
      prompt: "a city",
      output: Output.object({ schema }),
    });
    assert.deepEqual(output, { name: "Paris", people: 3, tags: ["Paris"] });
  });

  test(`${flavour}: a picture`, async () => {
    const content = [
      { type: "text", text: "What is it?" },
      { type: "file", data: pictures.png, mediaType: "image/png" },
    ];
    const { text } = await generateText({ model: chat("gemini-3.8-flash"), messages: [{ role: "user", content }] });
    assert.equal(text, `${pictures.png.length} bytes of image/png`);
  });

  test(`${flavour}: a refusal`, async () => {
    const asked = { model: chat("gemini-3.8-flash"), prompt: "do daily", maxRetries: 0 };
    await assert.rejects(generateText(asked), (error) => {
      assert.ok(APICallError.isInstance(error), `${error}`);
      assert.equal(error.statusCode, 429);
      return true;
    });
  });
}

test("thoughts, whole and streamed", async () => {
  const asked = { model: alike.chatModel("thinking/gemini-3.8-flash"), prompt: "think Paris" };
  const { text, reasoningText } = await generateText(asked);
  assert.deepEqual([text, reasoningText], ["Paris", thought]);
  assert.equal(await streamText(asked).reasoningText, thought);
});

test("embeddings", async () => {
  for (const model of [openai.embedding("gemini-embedding-001"), alike.embeddingModel("gemini-embedding-001")]) {
    assert.equal((await embed({ model, value: "x" })).embedding.length, 3072);
    const { embeddings } = await embedMany({ model, values: ["x", "y"] });
    assert.equal(embeddings.length, 2);
  }
});

test("images, speech and transcripts", async () => {
  const { image } = await generateImage({ model: openai.image("gemini-3.1-flash-image"), prompt: "a cat" });
  assert.ok(Buffer.from(image.uint8Array).equals(pictures.jpeg));
  const speech = {
    model: openai.speech("gemini-3.1-flash-tts-preview"),
    text: "hello",
    voice: "alloy",
    outputFormat: "wav",
  };
  const { audio } = await generateSpeech(speech);
  assert.ok(Buffer.from(audio.uint8Array).subarray(44).equals(sound));
  const { text } = await transcribe({ model: openai.transcription("whisper-1"), audio: wave(sound) });
  assert.equal(text, `${wave(sound).length} bytes of audio/wav`);
});

/** With a head, by which the SDK knows what it is. */
function wave(samples) {
  return Buffer.concat([Buffer.from("RIFF----WAVEfmt ".padEnd(44, "-")), samples]);
}
