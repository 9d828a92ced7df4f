// Vercel's AI SDK with its provider for Azure, through the Worker, at every kind of upstream.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createAzure } from "@ai-sdk/azure";
import { APICallError, embed, generateImage, generateText, stepCountIs, streamText, tool, transcribe } from "ai";
import { z } from "zod";
import { sound } from "./answers.mjs";
import { behind, clientKey, startAll, stopAll, version } from "./azure-clients.mjs";

globalThis.AI_SDK_LOG_WARNINGS = false;

let all;
before(async () => {
  all = await startAll();
});
after(async () => {
  assert.deepEqual(await stopAll(all), []);
});

/** The ways in which its URLs are made. */
const ways = {
  "without deployments": (url) => createAzure({ baseURL: `${url}/openai`, apiKey: clientKey }),
  "by deployments": (url) => {
    const settings = { baseURL: `${url}/openai`, apiKey: clientKey, apiVersion: version };
    return createAzure({ ...settings, useDeploymentBasedUrls: true });
  },
  "without dates": (url) => createAzure({ baseURL: `${url}/openai/v1`, apiKey: clientKey }),
  "of a project": (url) => createAzure({ baseURL: `${url}/api/projects/p/openai/v1`, apiKey: clientKey }),
};

const weather = tool({ inputSchema: z.object({ city: z.string().optional() }), execute: () => "fine" });

for (const kind of behind) {
  for (const [way, connect] of Object.entries(ways)) {
    const provider = () => connect(all[kind].worker.url);

    test(`${kind}, ${way}: text, whole and streamed`, async () => {
      const { names, greeting } = all[kind];
      const model = provider().chat(names.chat);
      assert.equal((await generateText({ model, prompt: "hello" })).text, greeting);
      const streamed = streamText({ model, prompt: "hello" });
      assert.equal(await streamed.text, greeting);
      assert.equal(await streamed.finishReason, "stop");
    });

    test(`${kind}, ${way}: a tool`, async () => {
      const model = provider().chat(all[kind].names.chat);
      const asked = { model, prompt: "weather in Paris and Rome", tools: { weather }, stopWhen: stepCountIs(1) };
      const { toolCalls } = await generateText(asked);
      assert.equal(toolCalls[0].toolName, "weather");
    });

    test(`${kind}, ${way}: embeddings, images, audio`, async () => {
      const { names, picture } = all[kind];
      const azure = provider();
      const { embedding } = await embed({ model: azure.embedding(names.embeddings), value: "x" });
      assert.ok(embedding.length >= 3);
      const { image } = await generateImage({ model: azure.image(names.images), prompt: "a cat" });
      assert.ok(Buffer.from(image.uint8Array).equals(picture));
      const heard = await transcribe({ model: azure.transcription(names.transcription), audio: sound });
      assert.match(heard.text, /^heard/);
    });

    test(`${kind}, ${way}: what is not there`, async () => {
      const model = provider().chat(all[kind].names.missing);
      await assert.rejects(generateText({ model, prompt: "hello", maxRetries: 0 }), (error) => {
        assert.ok(APICallError.isInstance(error), `${error}`);
        assert.equal(error.statusCode, 404);
        return true;
      });
    });
  }
}

for (const [way, connect] of Object.entries(ways)) {
  test(`responses, its default, ${way}`, async () => {
    for (const [kind, name] of [
      ["openai", "m"],
      ["azure", "gpt-5-codex"],
    ]) {
      const model = connect(all[kind].worker.url)(name);
      const asking = generateText({ model, prompt: "hello" });
      // The mock has responses without a date only.
      if (kind === "azure" && way === "by deployments") await assert.rejects(asking, APICallError.isInstance);
      else assert.equal((await asking).text, "Hello, world!");
    }
  });
}
