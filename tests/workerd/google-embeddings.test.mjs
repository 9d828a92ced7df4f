// Embeddings of Google's: in the form, of the length and as many as OpenAI's clients want.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import OpenAI from "openai";
import { vector } from "./google-answers.mjs";
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

const floats = (values) => [...new Float32Array(values)];
const length = (values) => Math.hypot(...values);

test("embeddings in the form the SDK prefers and as numbers", async () => {
  const model = "gemini-embedding-001";
  const expected = floats(vector("x", 3072, true));
  const packed = await openai.embeddings.create({ model, input: "x" });
  assert.deepEqual(floats(packed.data[0].embedding), expected);
  const plain = await openai.embeddings.create({ model, input: "x", encoding_format: "float" });
  assert.deepEqual(floats(plain.data[0].embedding), expected);
  assert.equal(plain.object, "list");
  assert.ok(Number.isInteger(plain.usage.prompt_tokens));
});

for (const model of [
  "gemini-embedding-001",
  "gemini-embedding-2",
  "vertex/gemini-embedding-001",
  "vertex/gemini-embedding-2",
]) {
  test(`short embeddings have the length of OpenAI's: ${model}`, async () => {
    const { data } = await openai.embeddings.create({ model, input: ["x", "y"], dimensions: 768 });
    for (const { embedding } of data) {
      assert.equal(embedding.length, 768);
      assert.ok(Math.abs(length(embedding) - 1) < 1e-4, `${length(embedding)}`);
    }
    assert.notDeepEqual(data[0].embedding, data[1].embedding);
  });
}

test("the length of OpenAI's model that was asked for", async () => {
  const { data } = await openai.embeddings.create({ model: "text-embedding-3-small", input: "x" });
  assert.equal(data[0].embedding.length, 1536);
});

test("230 embeddings are three batches, in their order", async () => {
  const input = Array.from({ length: 230 }, (_, i) => `text ${i}`);
  const [{ data }, requests] = await google.watched(() =>
    openai.embeddings.create({ model: "gemini-embedding-001", input, dimensions: 256 }),
  );
  assert.deepEqual(requests.map(({ json }) => json.requests.length).sort(), [100, 100, 30].sort());
  for (const i of [0, 99, 100, 199, 200, 229]) {
    assert.equal(data[i].index, i);
    const expected = vector(`text ${i}`, 256, true);
    assert.ok(data[i].embedding.every((value, at) => Math.abs(value - expected[at]) < 1e-6), `${i}`);
  }
});

test("Vertex embeds as many at once as a model takes", async () => {
  const input = Array.from({ length: 3 }, (_, i) => `text ${i}`);
  for (const [model, expected] of [
    ["vertex/text-embedding-005", 1],
    ["vertex/gemini-embedding-001", 3],
    ["vertex/gemini-embedding-2", 3],
  ]) {
    const [{ data }, requests] = await google.watched(() => openai.embeddings.create({ model, input }));
    assert.equal(data.length, 3, model);
    assert.equal(requests.filter(({ path }) => path !== "/token").length, expected, model);
  }
});

test("nothing cannot be embedded", async () => {
  const [, requests] = await google.watched(() =>
    assert.rejects(openai.embeddings.create({ model: "gemini-embedding-001", input: "" }), OpenAI.BadRequestError),
  );
  assert.deepEqual(requests, []);
});
