// Tokens of Entra ID: one for many calls, another when one is refused, and no secret in what a client reads.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { application } from "./azure-entra.mjs";
import { clientKey, startAzure } from "./azure.mjs";
import { call, chat, open } from "./client.mjs";
import { startWorker } from "./worker.mjs";

let azure, worker;

before(async () => {
  azure = await startAzure();
});
beforeEach(async () => {
  await worker?.stop();
  Object.assign(azure.entra, { minted: [], refuses: false, givesWorthless: false, holds: false });
  // A Worker that has no token yet.
  worker = await startWorker({ vars: variables() });
});
after(async () => {
  await worker?.stop();
  await azure?.stop();
  assert.deepEqual(azure.complaints, []);
});

function variables() {
  const entra = { ...application, authority: azure.origin, client_secret: "$ENTRA_SECRET" };
  const provider = { kind: "azure", endpoint: azure.origin, form: "classic", entra };
  const GATEWAY = JSON.stringify({ providers: { classic: provider }, default: "classic" });
  return { GATEWAY, ENTRA_SECRET: application.client_secret, PROXY_API_KEYS: clientKey };
}

const headers = { authorization: `Bearer ${clientKey}` };
const ask = () => chat(worker.url, { model: "gpt-4o" }, headers);

test("a token serves many calls", async () => {
  for (let i = 0; i < 3; i += 1) assert.equal((await ask()).status, 200);
  assert.equal(azure.entra.minted.length, 1);
  assert.equal(azure.last.headers.authorization, `Bearer ${azure.entra.minted[0]}`);
  assert.equal(azure.last.headers["api-key"], undefined);
});

test("twenty calls at once ask for one", async () => {
  azure.entra.holds = true;
  const json = { model: "gpt-4o", messages: [] };
  const arriving = azure.next();
  const sendings = Array.from({ length: 20 }, () => open(`${worker.url}/v1/chat/completions`, { json, headers }).end());
  const asking = await arriving;
  // Answered behind the twenty: they have all begun.
  assert.equal((await call(`${worker.url}/health`)).status, 200);
  asking.release();
  const answers = await Promise.all(sendings.map((sending) => sending.answer()));
  assert.deepEqual(new Set(answers.map((answer) => answer.status)), new Set([200]));
  assert.equal(azure.entra.minted.length, 1);
});

test("a call whose client leaves does not take the token of the others with it", async () => {
  azure.entra.holds = true;
  const json = { model: "gpt-4o", messages: [] };
  const arriving = azure.next();
  const leaving = open(`${worker.url}/v1/chat/completions`, { json, headers }).end();
  const asking = await arriving;
  const staying = open(`${worker.url}/v1/chat/completions`, { json, headers }).end();
  assert.equal((await call(`${worker.url}/health`)).status, 200);
  const again = azure.next();
  leaving.reset();
  (await again).release();
  assert.equal((await staying.answer()).status, 200);
  assert.equal(asking.closed, true);
});

test("a token that is refused is replaced within the call", async () => {
  await ask();
  azure.entra.revoke(azure.entra.minted[0]);
  const before = azure.requests.length;
  assert.equal((await ask()).status, 200);
  assert.equal(azure.entra.minted.length, 2);
  assert.equal(azure.requests.length - before, 3);
  assert.equal((await ask()).status, 200);
  assert.equal(azure.entra.minted.length, 2);
});

test("a second token that is refused ends the call: it is ours to mend, not the client's", async () => {
  azure.entra.givesWorthless = true;
  const answer = await ask();
  assert.equal(answer.status, 502);
  assert.equal(answer.json.error.code, "upstream_auth_error");
  assert.equal(azure.entra.minted.length, 2);
});

test("an application that is refused is said in the log only", async () => {
  azure.entra.refuses = true;
  const answer = await ask();
  assert.equal(answer.status, 502);
  for (const secret of [
    "Invalid client secret",
    application.tenant,
    application.client_id,
    application.client_secret,
  ]) {
    assert.ok(!answer.text.includes(secret), answer.text);
  }
  await worker.report((line) => JSON.stringify(line).includes("Invalid client secret"));
  assert.ok(!worker.output.includes(application.client_secret));
});

test("the same by flat settings", async () => {
  const flat = await startWorker({
    vars: {
      AZURE_OPENAI_ENDPOINT: azure.origin,
      AZURE_TENANT_ID: application.tenant,
      AZURE_CLIENT_ID: application.client_id,
      AZURE_CLIENT_SECRET: application.client_secret,
      AZURE_AUTHORITY_HOST: azure.origin,
      PROXY_API_KEYS: clientKey,
    },
  });
  try {
    assert.equal((await chat(flat.url, { model: "gpt-4o" }, headers)).status, 200);
    assert.equal(azure.entra.minted.length, 1);
  } finally {
    await flat.stop();
  }
});
