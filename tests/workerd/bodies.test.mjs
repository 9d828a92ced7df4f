// Request bodies: they reach the upstream as the client wrote them, to the byte, save for the model's name.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, test } from "node:test";
import { sound } from "./answers.mjs";
import { call, form, open } from "./client.mjs";
import { startUpstream } from "./upstream.mjs";
import { until } from "./until.mjs";
import { startWorker } from "./worker.mjs";

let upstream, worker, small;

before(async () => {
  upstream = await startUpstream();
  const models = { public: "up/name-at-the-upstream", "whisper-*": "up/a-longer-name-at-the-upstream" };
  const vars = { GATEWAY: JSON.stringify({ providers: { up: { kind: "openai", endpoint: upstream.url } }, models }) };
  const limits = { MAX_JSON_BODY: "1000", MAX_MULTIPART_BUFFER: "200000" };
  [worker, small] = await Promise.all([
    startWorker({ vars: { ...vars, ALLOW_ANONYMOUS: "true" } }),
    startWorker({ vars: { ...vars, ...limits, ALLOW_ANONYMOUS: "true" } }),
  ]);
});
after(async () => {
  await Promise.all([worker?.stop(), small?.stop()]);
  await upstream?.stop();
});

const asJson = { "content-type": "application/json" };

test("JSON of which nothing changes arrives as it was written", async () => {
  const body = ' {"model" :\t"m","n":1e400 , "big": 12345678901234567890,"text":"\\u00e9\\/é\u2028", "a":{"model":"x"}}\n';
  await call(`${worker.url}/v1/chat/completions`, { body, headers: asJson });
  assert.equal(upstream.last.text, body);
});

test("only the model's name is replaced", async () => {
  const body = ' {"n":1e400 ,"metadata":{"model":"public"}, "model" :\t"pub\\u006cic", "text":"\\u00e9 \\"model\\""}\n';
  await call(`${worker.url}/v1/chat/completions`, { body, headers: asJson });
  assert.equal(upstream.last.text, body.replace('"pub\\u006cic"', '"name-at-the-upstream"'));
});

test("a model written twice is replaced twice: an upstream may believe either", async () => {
  const body = '{"model": "other", "x": [], "model": "public"}';
  await call(`${worker.url}/v1/chat/completions`, { body, headers: asJson });
  assert.equal(upstream.last.text, '{"model": "name-at-the-upstream", "x": [], "model": "name-at-the-upstream"}');
});

test("a JSON body of 20 MB passes whole, renamed", async () => {
  const image = "QUJD".repeat(5 << 20);
  const body = (model) => `{"messages":[{"role":"user","content":"${image}"}],"model":"${model}"}`;
  const answer = await call(`${worker.url}/v1/chat/completions`, { body: body("public"), headers: asJson });
  assert.equal(answer.status, 200);
  assert.equal(digest(upstream.last.body), digest(body("name-at-the-upstream")));
});

test("a JSON body without a declared length passes too", async () => {
  const sending = open(`${worker.url}/v1/chat/completions`, { method: "POST", headers: asJson });
  sending.write('{"model": "pub');
  sending.write('lic", "messages": []}');
  assert.equal((await sending.end().answer()).status, 200);
  assert.equal(upstream.last.text, '{"model": "name-at-the-upstream", "messages": []}');
});

for (const declared of [true, false]) {
  test(`JSON above MAX_JSON_BODY is a 413, its length ${declared ? "declared" : "not declared"}`, async () => {
    const before = upstream.requests.length;
    const body = JSON.stringify({ model: "public", pad: "x".repeat(1000) });
    const sending = open(`${small.url}/v1/chat/completions`, {
      method: "POST",
      headers: { ...asJson, ...(declared && { "content-length": body.length }) },
    });
    sending.write(body);
    const answer = await sending.end().answer();
    const { error } = JSON.parse(await answer.rest());
    assert.equal(answer.status, 413);
    assert.equal(error.code, "request_too_large");
    assert.match(error.message, /MAX_JSON_BODY/);
    assert.equal(upstream.requests.length, before);
  });
}

test("what is no JSON is the client's mistake, said with its place", async () => {
  const answer = await call(`${worker.url}/v1/chat/completions`, { body: '{"model": "m",,}', headers: asJson });
  assert.equal(answer.status, 400);
  assert.equal(answer.json.error.code, "invalid_json");
  assert.match(answer.json.error.message, /byte 14/);
});

const file = { name: "file", filename: "speech.mp3", type: "audio/mpeg", value: sound };
const named = (value) => ({ name: "model", value });

const forms = [
  ["the model first", "whisper-1", [named("whisper-1"), file]],
  ["the model last", "whisper-1", [file, named("whisper-1")]],
  ["a model nobody renames", "m", [named("m"), file, { name: "language", value: "de" }]],
];
for (const [title, model, parts] of forms) {
  test(`a form with ${title} arrives to the byte`, async () => {
    const { body, headers } = form(parts);
    const answer = await call(`${worker.url}/v1/audio/transcriptions`, { body, headers });
    const meant = model === "m" ? "m" : "a-longer-name-at-the-upstream";
    const expected = form(parts.map((part) => (part.name === "model" ? named(meant) : part))).body;
    assert.equal(answer.status, 200);
    assert.ok(upstream.last.body.equals(expected));
    assert.equal(upstream.last.headers["content-type"], headers["content-type"]);
    assert.equal(upstream.last.headers["content-length"], String(expected.length));
  });
}

for (const declared of [true, false]) {
  test(`a large form is streamed behind its model, its length ${declared ? "declared" : "not declared"}`, async () => {
    const value = Buffer.alloc(8 << 20, sound);
    const { body, headers } = form([named("whisper-1"), { ...file, value }]);
    const length = declared && { "content-length": body.length };
    const url = `${worker.url}/v1/audio/transcriptions`;
    const sending = open(url, { method: "POST", headers: { ...headers, ...length } });
    const arriving = upstream.next();
    sending.write(body.subarray(0, 100_000));
    const record = await arriving;
    await until(() => record.received > 0, "the first bytes at the upstream, before the last were sent");
    sending.write(body.subarray(100_000));
    assert.equal((await sending.end().answer()).status, 200);
    const expected = form([named("a-longer-name-at-the-upstream"), { ...file, value }]).body;
    assert.equal(digest(record.body), digest(expected));
    assert.equal(record.headers["content-length"], declared ? String(expected.length) : undefined);
  });
}

test("a refusal that comes before the upload is over reaches the client", async () => {
  const { body, headers } = form([named("m"), { ...file, value: Buffer.alloc(8 << 20, sound) }]);
  const url = `${worker.url}/v1/audio/transcriptions?as=early-401`;
  const sending = open(url, { method: "POST", headers: { ...headers, "content-length": body.length } });
  sending.write(body.subarray(0, 100_000));
  const answer = await sending.answer();
  assert.equal(answer.status, 401);
  assert.match((await answer.rest()).toString(), /The upstream says 401/);
  sending.close();
});

test("an upload to a path nobody knows is streamed untouched", async () => {
  const { body, headers } = form([{ name: "purpose", value: "batch" }, { ...file, value: Buffer.alloc(1 << 20, sound) }]);
  const sending = open(`${worker.url}/v1/files`, { method: "POST", headers: { ...headers, "content-length": body.length } });
  const arriving = upstream.next();
  sending.write(body.subarray(0, 1000));
  const record = await arriving;
  await until(() => record.received > 0, "the first bytes at the upstream");
  sending.write(body.subarray(1000));
  assert.equal((await sending.end().answer()).status, 200);
  assert.equal(digest(record.body), digest(body));
});

test("a form that hides its model behind more than MAX_MULTIPART_BUFFER is a 413", async () => {
  const { body, headers } = form([{ ...file, value: Buffer.alloc(300_000) }, named("whisper-1")]);
  const answer = await call(`${small.url}/v1/audio/transcriptions`, { body, headers });
  assert.equal(answer.status, 413);
  assert.equal(answer.json.error.code, "request_too_large");
  assert.match(answer.json.error.message, /MAX_MULTIPART_BUFFER/);
});

test("a form with its model in front may be larger than MAX_MULTIPART_BUFFER", async () => {
  const { body, headers } = form([named("whisper-1"), { ...file, value: Buffer.alloc(600_000) }]);
  const answer = await call(`${small.url}/v1/audio/transcriptions`, { body, headers });
  assert.equal(answer.status, 200);
});

function digest(bytes) {
  return createHash("sha256").update(bytes).digest("hex");
}
