// Several of Azure's resources by flat settings, with OpenAI's own SDK: what becomes of one of them is nothing to it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import OpenAI, { AzureOpenAI } from "openai";
import { key, startAzure } from "./azure.mjs";
import { startWorker } from "./worker.mjs";

const clientKey = "key-of-a-client";
const model = "gpt-4o";
const messages = [{ role: "user", content: "hello" }];

let ptu, east, worker;

before(async () => {
  [ptu, east] = await Promise.all([startAzure(), startAzure()]);
  const instance = (name, azure, priority) => ({
    [`AZURE_INSTANCE_${name}_API_BASE`]: azure.origin,
    [`AZURE_INSTANCE_${name}_API_KEY`]: key,
    [`AZURE_INSTANCE_${name}_PRIORITY`]: priority,
    [`AZURE_INSTANCE_${name}_MAX_TPM`]: "240000",
  });
  const vars = {
    AZURE_INSTANCES: "PTU,EAST",
    ...instance("PTU", ptu, "1"),
    ...instance("EAST", east, "2"),
    AZURE_ROUTING_STRATEGY: "failover",
    PROXY_API_KEYS: clientKey,
  };
  worker = await startWorker({ vars, isolates: 1 });
});
after(async () => {
  await worker?.stop();
  await Promise.all([ptu, east].map((azure) => azure?.stop()));
  assert.deepEqual([...ptu.complaints, ...east.complaints], []);
});

const sdks = {
  OpenAI: () => new OpenAI({ baseURL: `${worker.url}/v1`, apiKey: clientKey, maxRetries: 0 }),
  AzureOpenAI: () =>
    new AzureOpenAI({ endpoint: worker.url, apiKey: clientKey, apiVersion: "2024-10-21", maxRetries: 0 }),
};

async function isServed(by) {
  for (const connect of Object.values(sdks)) {
    const { chat } = connect();
    const { data, response } = await chat.completions.create({ model, messages }).withResponse();
    assert.equal(data.choices[0].message.content, "Hello, world!");
    assert.match(response.headers.get("x-isthmus-target"), new RegExp(`^${by}/`));
    const chunks = await Array.fromAsync(await chat.completions.create({ model, messages, stream: true }));
    assert.equal(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").join(""), "Hello, world!");
    // Nobody asked what it took.
    assert.ok(chunks.every((chunk) => chunk.usage == null && chunk.choices.length <= 1));
  }
}

async function status() {
  const headers = { authorization: `Bearer ${clientKey}` };
  const answer = await fetch(`${worker.url}/v1/instances/status`, { headers });
  return answer.json();
}

test("the first of them serves", async () => {
  await isServed("PTU");
  assert.equal(east.requests.length, 0);
});

test("the next one does, once it is gone", async () => {
  await ptu.stop();
  await isServed("EAST");
  const { instances, total_instances, healthy_instances } = await status();
  assert.deepEqual([total_instances, healthy_instances], [2, 1]);
  const of = (name) => instances.find((it) => it.name === name);
  assert.deepEqual([of("PTU").status, of("EAST").status], ["error", "healthy"]);
  for (const { max_tpm, current_tpm, in_flight } of instances) {
    assert.deepEqual([max_tpm, in_flight], [240_000, 0]);
    assert.ok(current_tpm > 0);
  }
});

test("and nobody, once both are", async () => {
  await east.stop();
  const asked = sdks.OpenAI().chat.completions.create({ model, messages });
  await assert.rejects(asked, (error) => error.status >= 502 && error.error.message.length > 0);
});
