// OpenAI's own SDK, through the Worker, at Google: chats, completions and lists.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import OpenAI from "openai";
import { zodResponseFormat } from "openai/helpers/zod";
import { z } from "zod";
import { sound } from "./answers.mjs";
import { call } from "./client.mjs";
import { greeting, pictures, thought, transcript } from "./google-answers.mjs";
import { clientKey, key, startGoogle, variables } from "./google.mjs";
import { startWorker } from "./worker.mjs";

let google, worker, openai;

before(async () => {
  google = await startGoogle();
  worker = await startWorker({ vars: variables(google) });
  openai = client(worker);
});
after(async () => {
  await worker?.stop();
  await google?.stop();
  assert.deepEqual(google.complaints, []);
});

const client = ({ url }) => new OpenAI({ baseURL: `${url}/v1`, apiKey: clientKey, maxRetries: 0 });
const said = (content) => [{ role: "user", content }];
const messages = said("hello");

function chat(model, more = {}) {
  return openai.chat.completions.create({ model, messages, ...more });
}

const writers = [
  "gemini-3.8-flash",
  "gemini-3.5-flash-lite",
  "gemini-3.1-pro-preview",
  "gemini-2.5-pro",
  "gemini-2.5-flash",
  "gemini-2.5-flash-lite",
  "gemini-flash-latest",
  "models/gemini-3.8-flash",
  "gemma-4-31b-it",
  "vertex/gemini-3.8-flash",
  "vertex/gemini-2.5-flash",
  "express/gemini-3.8-flash",
];

const everything = {
  temperature: 0.5,
  top_p: 0.9,
  n: 1,
  stop: ["END", ""],
  max_completion_tokens: 1000,
  presence_penalty: 0.5,
  frequency_penalty: 0.5,
  logit_bias: { 50256: -100 },
  logprobs: true,
  top_logprobs: 2,
  user: "u",
  seed: 2 ** 40,
  store: true,
  metadata: { a: "b" },
  service_tier: "auto",
  verbosity: "low",
  parallel_tool_calls: false,
  prompt_cache_key: "p",
  safety_identifier: "s",
  response_format: { type: "text" },
};

for (const model of writers) {
  test(`chat: ${model}`, async () => {
    const answer = await chat(model);
    assert.equal(answer.object, "chat.completion");
    assert.match(answer.id, /^chatcmpl-/);
    assert.equal(answer.choices[0].message.content, greeting);
    assert.equal(answer.choices[0].finish_reason, "stop");
    assert.equal(answer.usage.total_tokens, answer.usage.prompt_tokens + answer.usage.completion_tokens);
  });

  test(`chat with everything OpenAI has: ${model}`, async () => {
    assert.equal((await chat(model, everything)).choices[0].message.content, greeting);
  });

  for (const reasoning_effort of ["none", "minimal", "low", "medium", "high", "xhigh"]) {
    test(`effort ${reasoning_effort}: ${model}`, async () => {
      assert.equal((await chat(model, { reasoning_effort })).choices[0].message.content, greeting);
    });
  }

  test(`instructions from anywhere: ${model}`, async () => {
    const instructed = [
      { role: "developer", content: "be brief" },
      { role: "user", content: "who am I?" },
      { role: "system", content: [{ type: "text", text: "be kind" }] },
    ];
    const answer = await chat(model, { messages: instructed });
    if (!model.startsWith("gemma")) assert.equal(answer.choices[0].message.content, "be brief|be kind");
  });

  test(`conversations that begin or end with the assistant: ${model}`, async () => {
    const mine = { role: "assistant", content: "well, " };
    const odd = [mine, ...messages, ...messages, mine, mine];
    assert.equal((await chat(model, { messages: odd })).choices.length, 1);
  });

  test(`only instructions: ${model}`, async () => {
    const only = [{ role: "system", content: "be brief" }];
    assert.equal((await chat(model, { messages: only })).choices.length, 1);
  });

  test(`a picture: ${model}`, async () => {
    const url = `data:image/png;base64,${pictures.png.toString("base64")}`;
    const content = [{ type: "image_url", image_url: { url, detail: "low" } }];
    const asked = { model, messages: said(content) };
    const seen = `${pictures.png.length} bytes of image/png`;
    assert.equal((await chat(model, asked)).choices[0].message.content, seen);
    assert.equal((await openai.chat.completions.stream(asked).finalMessage()).content, seen);
  });
}

test("the key is in its header, nothing of the client's is sent on, nothing of Google's comes back", async () => {
  const headers = { authorization: `Bearer ${clientKey}`, "openai-organization": "org", cookie: "a=b" };
  const json = { model: "gemini-3.8-flash", messages };
  const answer = await call(`${worker.url}/v1/chat/completions`, { json, headers });
  assert.equal(google.last.url, "/v1beta/models/gemini-3.8-flash:generateContent");
  assert.equal(google.last.headers["x-goog-api-key"], key);
  for (const name of ["set-cookie", "server", "alt-svc", "x-gemini-service-tier"]) {
    assert.equal(answer.headers[name], undefined, name);
  }
  assert.ok(!answer.headers["server-timing"].includes("gfet4t7"), "Google's, not ours");
});

test("what a model refuses is learned: the second call is right at once", async () => {
  const asked = { reasoning_effort: "low", messages: [{ role: "system", content: "be brief" }, ...messages] };
  const [first, several] = await google.watched(() => chat("gemini-4-stubborn", asked));
  assert.equal(first.choices.length, 1);
  assert.ok(several.length > 1);
  const [, one] = await google.watched(() => chat("gemini-4-stubborn", asked));
  assert.equal(one.length, 1);
});

test("sound is heard", async () => {
  const input_audio = { data: sound.toString("base64"), format: "mp3" };
  const content = [
    { type: "text", text: "What is said?" },
    { type: "input_audio", input_audio },
  ];
  assert.equal((await chat("gemini-3.8-flash", { messages: said(content) })).choices[0].message.content, transcript);
});

test("an address of the gateway's own network is not fetched", async () => {
  const fetching = await startWorker({ vars: variables(google, { fetch_media: true }) });
  try {
    const content = [{ type: "image_url", image_url: { url: `${google.origin}/picture.png` } }];
    const [, seen] = await google.watched(() =>
      client(fetching)
        .chat.completions.create({ model: "gemini-3.8-flash", messages: said(content) })
        .catch(() => {}),
    );
    assert.deepEqual(
      seen.filter(({ path }) => path === "/picture.png"),
      [],
    );
  } finally {
    await fetching.stop();
  }
});

test("thoughts are shown where the owner or the client wants them", async () => {
  const thinking = { messages: said("think Paris") };
  const shown = await chat("thinking/gemini-3.8-flash", thinking);
  assert.equal(shown.choices[0].message.reasoning_content, thought);
  assert.equal(shown.choices[0].message.content, "Paris");
  assert.equal(shown.usage.completion_tokens_details.reasoning_tokens, 5);
  assert.equal(shown.usage.completion_tokens, 12);
  const hidden = await chat("gemini-3.8-flash", thinking);
  assert.equal(hidden.choices[0].message.reasoning_content, undefined);
  const extra_body = { google: { thinking_config: { include_thoughts: true } } };
  const asked = await chat("gemini-3.8-flash", { ...thinking, extra_body });
  assert.equal(asked.choices[0].message.reasoning_content, thought);
});

test("what only Google has is passed on, and its tiers by their names", async () => {
  const safety_settings = [{ category: "HARM_CATEGORY_HARASSMENT", threshold: "BLOCK_NONE" }];
  await chat("gemini-3.8-flash", { extra_body: { google: { safety_settings } }, service_tier: "flex" });
  assert.deepEqual(google.last.json.safetySettings, safety_settings);
  assert.equal(google.last.json.serviceTier, "flex");
  for (const service_tier of ["auto", "default", "flex", "priority", "scale"]) {
    for (const model of ["gemini-3.8-flash", "vertex/gemini-3.8-flash"]) {
      assert.equal((await chat(model, { service_tier })).choices.length, 1, `${service_tier} of ${model}`);
    }
  }
});

test("a picture in a chat", async () => {
  const answer = await chat("gemini-3.1-flash-image", { modalities: ["text", "image"], messages: said("draw a cat") });
  assert.match(answer.choices[0].message.images[0].image_url.url, /^data:image\/jpeg;base64,/);
  assert.equal(answer.choices[0].message.images.length, 1);
});

// Several choices.

for (const stream of [false, true]) {
  test(`three choices of a model that gives one${stream ? ", streamed" : ""}`, async () => {
    const asked = { n: 3, messages: said("say Paris, Rome") };
    const [answer, requests] = await google.watched(() =>
      stream
        ? openai.chat.completions
            .stream({ model: "gemini-3.8-flash", ...asked, stream_options: { include_usage: true } })
            .finalChatCompletion()
        : chat("gemini-3.8-flash", asked),
    );
    assert.equal(requests.length, 3);
    const choices = answer.choices.map(({ index, message, finish_reason }) => [index, message.content, finish_reason]);
    assert.deepEqual(
      choices.sort(),
      [0, 1, 2].map((i) => [i, "Paris, Rome", "stop"]),
    );
    assert.equal(answer.usage.completion_tokens, 21);
  });

  test(`two choices of a model that gives them at once${stream ? ", streamed" : ""}`, async () => {
    const asked = { model: "gemini-2.5-flash", n: 2, messages: said("say Paris, Rome") };
    const [answer, requests] = await google.watched(() =>
      stream ? openai.chat.completions.stream(asked).finalChatCompletion() : openai.chat.completions.create(asked),
    );
    assert.equal(requests.length, 1);
    assert.deepEqual(
      answer.choices.map(({ message }) => message.content),
      ["Paris, Rome", "Paris, Rome"],
    );
  });
}

// Structured output.

const City = z.object({
  name: z.string(),
  people: z.number().int(),
  tags: z.array(z.enum(["big", "old"])),
  mayor: z.string().nullable(),
});
const Tree = z.object({
  name: z.string(),
  get children() {
    return z.array(Tree);
  },
});

for (const model of ["gemini-3.8-flash", "gemini-2.5-flash", "vertex/gemini-3.8-flash"]) {
  test(`structured output: ${model}`, async () => {
    const response_format = zodResponseFormat(City, "city");
    const { choices } = await openai.chat.completions.parse({ model, messages, response_format });
    const { name, people, tags } = choices[0].message.parsed;
    assert.deepEqual([name, people, tags], ["Paris", 3, ["big"]]);
    const streamed = await openai.chat.completions.stream({ model, messages, response_format }).finalChatCompletion();
    assert.equal(streamed.choices[0].message.parsed.name, "Paris");
    const tree = { model, messages, response_format: zodResponseFormat(Tree, "tree") };
    assert.equal((await openai.chat.completions.parse(tree)).choices[0].message.parsed.children[0].name, "Paris");
  });

  test(`JSON without a schema: ${model}`, async () => {
    const answer = await chat(model, { response_format: { type: "json_object" } });
    assert.deepEqual(JSON.parse(answer.choices[0].message.content), { answer: "Paris" });
  });

  test(`JSON and functions: ${model}`, async () => {
    const tools = [
      {
        type: "function",
        function: { name: "f", parameters: { type: "object", properties: { a: { type: "string" } } } },
      },
    ];
    const answer = await chat(model, { tools, response_format: zodResponseFormat(City, "city") });
    assert.equal(answer.choices.length, 1);
  });
}

const schemaOf = (schema) => ({ type: "json_schema", json_schema: { name: "s", schema } });

test("one of several words", async () => {
  const response_format = schemaOf({ type: "string", enum: ["yes", "no"] });
  assert.equal((await chat("gemini-3.8-flash", { response_format })).choices[0].message.content, "yes");
});

test("a schema no model can be bound to is left out", async () => {
  const properties = Object.fromEntries(Array.from({ length: 120 }, (_, i) => [`p${i}`, { type: "string" }]));
  const response_format = schemaOf({ type: "object", properties });
  const [answer, requests] = await google.watched(() => chat("gemini-3.8-flash", { response_format }));
  assert.ok(JSON.parse(answer.choices[0].message.content));
  assert.equal(requests.length, 2);
});

// Completions.

test("completions: one prompt, several, with an echo", async () => {
  const model = "gemini-3.8-flash";
  const one = await openai.completions.create({ model, prompt: "say Paris" });
  assert.equal(one.object, "text_completion");
  assert.equal(one.choices[0].text, "Paris");
  const both = await openai.completions.create({ model, prompt: ["say Paris", "say Rome"], n: 2 });
  assert.deepEqual(
    both.choices.map(({ index, text }) => [index, text]),
    [
      [0, "Paris"],
      [1, "Paris"],
      [2, "Rome"],
      [3, "Rome"],
    ],
  );
  const echoed = await openai.completions.create({ model, prompt: "say Paris", echo: true });
  assert.equal(echoed.choices[0].text, "say ParisParis");
});

for (const model of ["gemini-3.8-flash", "vertex/gemini-2.5-flash"]) {
  test(`completions, streamed: ${model}`, async () => {
    const streamed = async (asked) => {
      const texts = [];
      const counts = [];
      for await (const chunk of await openai.completions.create({ model, stream: true, ...asked })) {
        assert.equal(chunk.object, "text_completion");
        if (chunk.usage) counts.push(chunk.usage.completion_tokens);
        for (const { index, text } of chunk.choices) texts[index] = (texts[index] ?? "") + text;
      }
      return { texts, counts };
    };
    assert.deepEqual(await streamed({ prompt: "hello" }), { texts: [greeting], counts: [] });
    const several = { prompt: ["say Paris, Rome", "say Oslo"], n: 2, stream_options: { include_usage: true } };
    const texts = ["Paris, Rome", "Paris, Rome", "Oslo", "Oslo"];
    const { texts: heard, counts } = await streamed(several);
    assert.deepEqual(heard, texts);
    assert.equal(counts.length, 1);
    assert.deepEqual((await streamed({ prompt: "say Paris", echo: true })).texts, ["say ParisParis"]);
  });
}

// Lists.

test("models, of all pages, by OpenAI's names", async () => {
  const [models, requests] = await google.watched(async () => {
    const found = [];
    for await (const model of await openai.models.list()) found.push(model);
    return found;
  });
  assert.ok(requests.length > 1);
  const ids = models.map(({ id }) => id.replace(/^studio\//, ""));
  assert.equal(new Set(ids).size, ids.length);
  for (const id of ["gemini-3.8-flash", "gemini-embedding-001", "gemini-3.1-flash-tts-preview"])
    assert.ok(ids.includes(id), id);
  assert.ok(ids.every((id) => !id.startsWith("models/")));
  assert.ok(
    models.every(({ object, created, owned_by }) => object === "model" && Number.isInteger(created) && owned_by),
  );
});

test("one model, and one that is none", async () => {
  assert.equal((await openai.models.retrieve("gemini-3.8-flash")).object, "model");
  await assert.rejects(openai.models.retrieve("gemini-1.0-ultra-none"), (error) => {
    assert.ok(error instanceof OpenAI.NotFoundError);
    assert.equal(error.code, "model_not_found");
    return true;
  });
});

test("what Google has not is said, and not asked for", async () => {
  const [, requests] = await google.watched(() =>
    assert.rejects(openai.moderations.create({ model: "gemini-3.8-flash", input: "x" }), (error) => {
      assert.equal(error.code, "unsupported_operation");
      return true;
    }),
  );
  assert.deepEqual(requests, []);
});
