// An OpenAI-shaped upstream: what reaches it of a request, and what comes back.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { sound } from "./answers.mjs";
import { call, chat } from "./client.mjs";
import { startUpstream } from "./upstream.mjs";
import { startWorker } from "./worker.mjs";

let upstream, worker;

before(async () => {
  upstream = await startUpstream();
  const vars = { OPENAI_BASE_URL: upstream.url, OPENAI_API_KEY: "key-of-the-owner", PROXY_API_KEYS: "key-of-a-client" };
  worker = await startWorker({ vars });
});
after(async () => {
  await worker?.stop();
  await upstream?.stop();
});

const key = { authorization: "Bearer key-of-a-client" };

const paths = [
  ["/v1/embeddings", "/v1/embeddings"],
  ["/embeddings", "/v1/embeddings"],
  ["/v1/v1/embeddings", "/v1/embeddings"],
  ["//v1//embeddings", "/v1/embeddings"],
  ["/v1/embeddings/", "/v1/embeddings"],
  ["/v1/engines/m/embeddings", "/v1/embeddings"],
  ["/engines/m/embeddings", "/v1/embeddings"],
  ["/v1/threads/thread_1/runs", "/v1/threads/thread_1/runs"],
  ["/v1/something/not/known%20yet", "/v1/something/not/known%20yet"],
];
for (const [typed, meant] of paths) {
  test(`${typed} is ${meant} at the upstream`, async () => {
    const answer = await call(worker.url + typed, { json: { model: "m", input: "x" }, headers: key });
    assert.equal(answer.status, 200);
    assert.equal(upstream.last.url, meant);
  });
}

test("a model that only the path names reaches the upstream in the body", async () => {
  const json = { input: "x" };
  await call(`${worker.url}/v1/engines/text-embedding%2Dada/embeddings`, { json, headers: key });
  assert.deepEqual(upstream.last.json, { model: "text-embedding-ada", input: "x" });
});

test("the query string stays as it is", async () => {
  await call(`${worker.url}/v1/files?limit=2&after=a%2Fb&flag&x=1+2`, { headers: key });
  assert.equal(upstream.last.url, "/v1/files?limit=2&after=a%2Fb&flag&x=1+2");
});

for (const method of ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]) {
  test(`${method} to an unknown path below /v1 is relayed`, async () => {
    const body = method === "GET" || method === "HEAD" ? undefined : '{"a": 1}';
    const headers = { ...key, ...(body && { "content-type": "application/json" }) };
    const answer = await call(`${worker.url}/v1/new/thing`, { method, body, headers });
    assert.equal(answer.status, 200);
    assert.equal(upstream.last.method, method);
    assert.equal(upstream.last.text, body ?? "");
    if (method !== "HEAD") assert.deepEqual(answer.json, { object: "echo", method, url: "/v1/new/thing" });
  });
}

test("a GET that says its body is empty is a GET", async () => {
  const answer = await call(`${worker.url}/v1/files`, { headers: { ...key, "content-length": "0" } });
  assert.equal(answer.status, 200);
  assert.equal(upstream.last.method, "GET");
});

test("a POST without a body stays one", async () => {
  const answer = await call(`${worker.url}/v1/batches/batch_1/cancel`, { method: "POST", headers: key });
  assert.equal(answer.status, 200);
  assert.equal(upstream.last.method, "POST");
  assert.equal(upstream.last.headers["content-length"], "0");
});

const hostile = ["\u043c\u043e\u0434\u0435\u043b\u044c", "\u{1f642}", '"m"\\', "../m", "x".repeat(1000)];
for (const model of hostile) {
  test(`the model ${JSON.stringify(model).slice(0, 30)} is only a name`, async () => {
    const answer = await chat(worker.url, { model }, key);
    assert.equal(answer.status, 200);
    assert.equal(upstream.last.json.model, model);
    assert.equal(answer.headers["set-cookie"], undefined);
  });
}

for (const model of ["a\r\nset-cookie: x=1", "m\u0000"]) {
  test(`the model ${JSON.stringify(model)} is no name`, async () => {
    const answer = await chat(worker.url, { model }, key);
    assert.equal(answer.status, 400);
    assert.equal(answer.json.error.code, "invalid_model");
    assert.equal(answer.headers["set-cookie"], undefined);
  });
}

test("the upstream gets the listed headers, our key, and nothing else", async () => {
  const passed = {
    accept: "application/json",
    "content-type": "application/json",
    "user-agent": "a-client/1",
    "idempotency-key": "once",
    "openai-beta": "assistants=v2",
  };
  const dropped = {
    cookie: "session=1",
    "api-key": "key-of-a-client",
    "cf-connecting-ip": "192.0.2.1",
    "cf-ray": "1",
    "x-forwarded-for": "192.0.2.1",
    "x-forwarded-proto": "https",
    forwarded: "for=192.0.2.1",
    "x-real-ip": "192.0.2.1",
    "x-stainless-lang": "js",
    "openai-organization": "org-of-the-client",
    "openai-project": "proj-of-the-client",
    origin: "https://page.example",
    referer: "https://page.example/",
    "x-anything": "1",
    "accept-language": "de",
    "proxy-authorization": "Basic eA==",
  };
  await chat(worker.url, { model: "m" }, { ...passed, ...dropped });
  const { host, authorization, "content-length": length, ...rest } = upstream.last.headers;
  assert.equal(`http://${host}`, upstream.origin);
  assert.equal(authorization, "Bearer key-of-the-owner");
  assert.equal(Number(length), upstream.last.body.length);
  delete rest.connection;
  assert.deepEqual(rest, passed);
});

test("a streamed call asks the upstream not to compress", async () => {
  await chat(worker.url, { model: "m", stream: true }, key);
  assert.equal(upstream.last.headers["accept-encoding"], "identity");
});

test("the client gets what the upstream says about the call, and nothing of its house", async () => {
  const { headers } = await chat(worker.url, { model: "m" }, key);
  assert.match(headers["x-request-id"], /^req_\d+$/);
  assert.equal(headers["openai-processing-ms"], "12");
  assert.equal(headers["x-ratelimit-limit-requests"], "500");
  assert.equal(headers["x-ratelimit-remaining-requests"], "499");
  assert.equal(headers["content-type"], "application/json");
  assert.equal(headers["access-control-allow-origin"], "*");
  for (const name of ["set-cookie", "server", "cf-ray", "x-internal", "alt-svc"]) {
    assert.equal(headers[name], undefined, name);
  }
});

test("the answer says who served it", async () => {
  const { headers } = await chat(worker.url, { model: "m" }, key);
  assert.equal(headers["x-isthmus-provider"], "openai");
  assert.equal(headers["x-isthmus-target"], "openai/m");
  assert.equal(headers["x-isthmus-attempts"], "1");
  assert.match(headers["x-isthmus-request-id"], /^[0-9a-f]{32}$/);
  assert.match(headers["server-timing"], /^upstream;dur=\d+, isthmus;dur=\d+$/);
});

test("a compressed answer arrives readable", async () => {
  const headers = { ...key, "content-type": "application/json" };
  const body = JSON.stringify({ model: "gzip", messages: [] });
  const answer = await fetch(`${worker.url}/v1/chat/completions`, { method: "POST", headers, body });
  assert.equal((await answer.json()).choices[0].message.content, "compressed");
});

test("a compressed event stream arrives readable", async () => {
  const answer = await chat(worker.url, { model: "gzip-events", stream: true }, key);
  assert.match(answer.text, /^data: \{.*data: \[DONE\]\n\n$/s);
});

test("a compressed refusal arrives readable, and complete", async () => {
  const answer = await chat(worker.url, { model: "gzip-503" }, key);
  assert.equal(answer.status, 503);
  assert.deepEqual(answer.json.error, { message: "compressed", type: "server_error", param: null, code: null });
});

test("a binary answer arrives to the byte", async () => {
  const answer = await call(`${worker.url}/v1/audio/speech`, { json: { model: "m", input: "x" }, headers: key });
  assert.equal(answer.headers["content-type"], "audio/mpeg");
  assert.equal(answer.headers["content-length"], String(sound.length));
  assert.ok(answer.body.equals(sound));
});

for (const [order, status] of [["empty", 204], ["not-modified", 304]]) {
  test(`an answer of ${status} has no body and stays one`, async () => {
    const answer = await call(`${worker.url}/v1/files/file-1?as=${order}`, { headers: key });
    assert.equal(answer.status, status);
    assert.equal(answer.body.length, 0);
  });
}

for (const status of [400, 401, 403, 404, 409, 422, 429, 500, 503]) {
  for (const stream of [false, true]) {
    test(`the upstream's ${status} is the client's, as JSON${stream ? ", though a stream was asked for" : ""}`, async () => {
      const answer = await chat(worker.url, { model: `status-${status}`, stream }, key);
      assert.equal(answer.status, status);
      assert.equal(answer.headers["content-type"], "application/json");
      assert.equal(answer.json.error.message, `The upstream says ${status}.`);
      assert.deepEqual(Object.keys(answer.json.error), ["message", "type", "param", "code"]);
      assert.match(answer.headers["x-request-id"], /^req_\d+$/);
    });
  }
}

test("a 429 brings the upstream's advice along", async () => {
  const { headers } = await chat(worker.url, { model: "status-429" }, key);
  assert.equal(headers["retry-after"], "7");
  assert.equal(headers["retry-after-ms"], "7000");
  assert.equal(headers["x-ratelimit-remaining-requests"], "0");
});

test("a proxy's page becomes an error an SDK can read", async () => {
  const answer = await chat(worker.url, { model: "html-502" }, key);
  assert.equal(answer.status, 502);
  assert.equal(answer.headers["content-type"], "application/json");
  assert.equal(answer.json.error.type, "server_error");
  assert.match(answer.json.error.message, /upstream-page/);
});

test("a redirect is an error, and is not followed with our key", async () => {
  const before = upstream.requests.length;
  const answer = await chat(worker.url, { model: "redirect" }, key);
  assert.equal(answer.status, 502);
  assert.equal(answer.json.error.code, "upstream_redirect");
  assert.equal(upstream.requests.length, before + 1);
});
