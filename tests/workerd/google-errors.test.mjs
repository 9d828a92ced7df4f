// Google's refusals, as OpenAI's own SDK sees them.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import OpenAI from "openai";
import { clientKey, startGoogle, variables } from "./google.mjs";
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

const client = ({ url }, more = {}) => new OpenAI({ baseURL: `${url}/v1`, apiKey: clientKey, maxRetries: 0, ...more });
const messagesOf = (content) => [{ role: "user", content }];

const request = { type: "invalid_request_error" };
const refusals = {
  throttled: {
    kind: "RateLimitError",
    expected: { status: 429, type: "requests", code: "rate_limit_exceeded" },
    headers: { "retry-after": "35", "retry-after-ms": "34400" },
  },
  "throttled-by-tokens": {
    kind: "RateLimitError",
    expected: { status: 429, type: "tokens", code: "rate_limit_exceeded" },
    headers: { "retry-after": "7" },
  },
  "throttled-in-words": {
    kind: "RateLimitError",
    expected: { status: 429, type: "requests", code: "rate_limit_exceeded" },
    headers: { "retry-after": "1", "retry-after-ms": "850" },
  },
  daily: {
    kind: "RateLimitError",
    expected: { status: 429, type: "insufficient_quota", code: "insufficient_quota" },
    headers: { "x-should-retry": "false" },
  },
  "no-tier": {
    kind: "RateLimitError",
    expected: { status: 429, type: "insufficient_quota", code: "insufficient_quota" },
    headers: { "x-should-retry": "false" },
  },
  overloaded: { kind: "InternalServerError", expected: { status: 503, type: "server_error", code: "unavailable" } },
  location: {
    kind: "PermissionDeniedError",
    expected: { status: 403, type: "request_forbidden", code: "unsupported_country_region_territory" },
  },
  billing: { kind: "BadRequestError", expected: { status: 400, ...request, code: "failed_precondition" } },
  forbidden: { kind: "PermissionDeniedError", expected: { status: 403, ...request, code: "permission_denied" } },
  "too-long": {
    kind: "BadRequestError",
    expected: { status: 400, ...request, code: "context_length_exceeded", param: "messages" },
  },
  "too-large": { kind: "APIError", expected: { status: 413, ...request, code: "request_too_large" } },
  internal: { kind: "InternalServerError", expected: { status: 500, type: "server_error", code: "internal" } },
  late: { kind: "InternalServerError", expected: { status: 504, type: "server_error", code: "deadline_exceeded" } },
  wrapped: { kind: "BadRequestError", expected: { status: 400, ...request, code: null }, words: /Wrapped in a list/ },
  page: { kind: "InternalServerError", expected: { status: 502, type: "server_error" }, words: /^(?!.*<html)/s },
};

for (const [name, { kind, expected, headers = {}, words = /./ }] of Object.entries(refusals)) {
  for (const stream of [false, true]) {
    test(`${name} is a ${kind}${stream ? " of a stream" : ""}`, async () => {
      const model = "gemini-3.8-flash";
      await assert.rejects(
        openai.chat.completions.create({ model, messages: messagesOf(`do ${name}`), stream }),
        (error) => {
          assert.ok(error instanceof OpenAI[kind], error.constructor.name);
          for (const [member, value] of Object.entries(expected)) {
            assert.equal(error[member], value, `${member} of ${error.message}`);
          }
          for (const [header, value] of Object.entries(headers)) assert.equal(error.headers.get(header), value, header);
          assert.match(error.message, words);
          assert.ok(!error.message.includes(google.origin));
          return true;
        },
      );
    });
  }
}

for (const model of ["gemini-1.5-ultra", "vertex/gemini-1.5-ultra", "regional/gemini-3.8-flash"]) {
  test(`a model that is not there: ${model}`, async () => {
    await assert.rejects(openai.chat.completions.create({ model, messages: messagesOf("hello") }), (error) => {
      assert.ok(error instanceof OpenAI.NotFoundError, error.message);
      assert.deepEqual([error.code, error.param, error.type], ["model_not_found", "model", "invalid_request_error"]);
      return true;
    });
  });
}

test("of other operations, too", async () => {
  const input = "do throttled";
  await assert.rejects(openai.embeddings.create({ model: "gemini-embedding-001", input }), OpenAI.RateLimitError);
  const asked = { model: "gemini-3.1-flash-image", prompt: input };
  await assert.rejects(openai.images.generate(asked), OpenAI.RateLimitError);
});

/** An SDK that tells how often it asked. */
function counting(maxRetries) {
  const asked = [];
  const counted = (url, options) => {
    asked.push(url);
    return fetch(url, options);
  };
  return { asked, sdk: client(worker, { maxRetries, fetch: counted }) };
}

test("the SDK tries again what may pass, as soon as it may, and nothing that will not", async () => {
  const model = "gemini-3.8-flash";
  for (const [name, times] of [
    ["throttled-in-words", 2],
    ["daily", 1],
    ["no-tier", 1],
    ["too-long", 1],
  ]) {
    const { asked, sdk } = counting(1);
    const began = Date.now();
    await assert.rejects(sdk.chat.completions.create({ model, messages: messagesOf(`do ${name}`) }), OpenAI.APIError);
    assert.equal(asked.length, times, name);
    if (times === 2) assert.ok(Date.now() - began >= 850, name);
  }
});

test("a key of ours that is wrong is not the client's to mend, and is not told", async () => {
  const vars = { ...variables(google), GOOGLE_KEY: "key-of-nobody" };
  const wrong = await startWorker({ vars });
  try {
    const asked = { model: "gemini-3.8-flash", messages: messagesOf("hello") };
    await assert.rejects(client(wrong).chat.completions.create(asked), (error) => {
      assert.ok(error instanceof OpenAI.APIError);
      assert.ok(!error.message.includes("key-of-nobody"));
      return true;
    });
  } finally {
    await wrong.stop();
  }
});

test("where the owner has no key the client's own is used, and what Google says of it is passed back", async () => {
  const provider = { kind: "google", endpoint: google.origin };
  const vars = {
    GATEWAY: JSON.stringify({ providers: { studio: provider }, default: "studio" }),
    ALLOW_ANONYMOUS: "true",
  };
  const open = await startWorker({ vars });
  try {
    const asked = { model: "gemini-3.8-flash", messages: messagesOf("hello") };
    const own = client(open, { apiKey: "key-of-the-owner" });
    assert.equal((await own.chat.completions.create(asked)).choices.length, 1);
    await assert.rejects(client(open, { apiKey: "key-of-nobody" }).chat.completions.create(asked), (error) => {
      assert.ok(error instanceof OpenAI.AuthenticationError, error.message);
      assert.equal(error.code, "invalid_api_key");
      return true;
    });
  } finally {
    await open.stop();
  }
});

test("a 429 goes to the next of a pool", async () => {
  const settings = JSON.parse(variables(google).GATEWAY);
  const providers = { ...settings.providers, spent: { ...settings.providers.studio, key: "$SPENT_KEY" } };
  const models = { pooled: ["spent/gemini-3.8-flash", "vertex/gemini-3.8-flash"] };
  google.keys.set("spent-key-of-the-owner", [
    429,
    { error: { code: 429, message: "spent", status: "RESOURCE_EXHAUSTED" } },
  ]);
  const vars = {
    ...variables(google),
    GATEWAY: JSON.stringify({ ...settings, providers, models }),
    SPENT_KEY: "spent-key-of-the-owner",
  };
  const pooled = await startWorker({ vars });
  try {
    const answer = await client(pooled).chat.completions.create({ model: "pooled", messages: messagesOf("say yes") });
    assert.equal(answer.choices[0].message.content, "yes");
  } finally {
    await pooled.stop();
  }
});
