// OpenAI's Python package, through the Worker: tests/python/client.py, azure_client.py at the mock Azure,
// google_client.py at the mock Google, azure_clients.py (with LangChain) at all of them, catalogue_client.py at a server
// with a list of models, and each tests/python/test_*.py at a Worker in demo mode. And Azure's for its Model Inference
// API, inference_client.py. The packages are installed once, into build/python.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { copyFile, readFile, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import * as azureClients from "./azure-clients.mjs";
import { clientKey, startAzure, variables } from "./azure.mjs";
import * as catalogue from "./catalogue.mjs";
import * as google from "./google.mjs";
import * as inference from "./inference.mjs";
import { startUpstream } from "./upstream.mjs";
import { root, startWorker } from "./worker.mjs";

const run = promisify(execFile);
const scripts = join(root, "tests/python");
const installed = join(root, "build/python");
const python = join(installed, "bin/python");

const isThere = await run("python3", ["--version"]).then(
  () => true,
  () => false,
);
const skip = !isThere && !process.env.CI && "there is no python3";

let upstream, azure, mockGoogle, lister, server, worker, atAzure, atGoogle, atLister, atServer, demo, ofAzures;

before(async () => {
  if (skip) return;
  await install();
  [upstream, azure, mockGoogle, lister, server] = await Promise.all([
    startUpstream(),
    startAzure(),
    google.startGoogle(),
    catalogue.startLister([...catalogue.named(3), "meta-llama/Llama-4-Scout", "größe"]),
    inference.startServer(),
  ]);
  ofAzures = await azureClients.startAll();
  const vars = { OPENAI_BASE_URL: upstream.url, OPENAI_API_KEY: "key-of-the-owner", PROXY_API_KEYS: "key-of-a-client" };
  const listing = catalogue.variables({ only: catalogue.provider(lister) }, { models: { mine: "only/model-1" } });
  [worker, atAzure, atGoogle, atLister, atServer, demo] = await Promise.all([
    startWorker({ vars }),
    startWorker({ vars: variables(azure, { api_version: "2024-12-01-preview" }) }),
    startWorker({ vars: google.variables(mockGoogle) }),
    startWorker({ vars: listing }),
    startWorker({ vars: inference.variables(server) }),
    startWorker(),
  ]);
});
after(async () => {
  await Promise.all([worker, atAzure, atGoogle, atLister, atServer, demo].map((it) => it?.stop()));
  assert.deepEqual(await azureClients.stopAll(ofAzures), []);
  await Promise.all([upstream, azure, mockGoogle, lister, server].map((it) => it?.stop()));
});

/** Unless this very requirements.txt was installed before. */
async function install() {
  const wanted = join(scripts, "requirements.txt");
  const stamp = join(installed, "requirements.txt");
  const text = (path) => readFile(path, "utf8").catch(() => undefined);
  if ((await text(wanted)) === (await text(stamp))) return;
  await rm(installed, { recursive: true, force: true });
  await run("python3", ["-m", "venv", installed]);
  await run(python, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement", wanted]);
  await copyFile(wanted, stamp);
}

test("tests/python/client.py", { skip }, async () => {
  await passes("client.py", `${worker.url}/v1`, `${demo.url}/v1`, "key-of-a-client");
});

test("tests/python/azure_client.py", { skip }, async () => {
  await passes("azure_client.py", `${atAzure.url}/v1`, clientKey);
  assert.deepEqual(azure.complaints, []);
});

for (const kind of azureClients.behind) {
  test(`tests/python/azure_clients.py at ${kind}`, { skip }, async () => {
    const { worker, names } = ofAzures[kind];
    await passes("azure_clients.py", kind, worker.url, azureClients.clientKey, JSON.stringify(names));
  });
}

test("tests/python/google_client.py", { skip }, async () => {
  await passes("google_client.py", `${atGoogle.url}/v1`, google.clientKey);
  assert.deepEqual(mockGoogle.complaints, []);
});

test("tests/python/catalogue_client.py", { skip }, async () => {
  await passes("catalogue_client.py", atLister.url, catalogue.clientKey);
});

test("tests/python/inference_client.py", { skip }, async () => {
  await passes("inference_client.py", atServer.url, atAzure.url, atGoogle.url, inference.clientKey);
  assert.deepEqual([...azure.complaints, ...mockGoogle.complaints], []);
});

for (const script of (await readdir(scripts)).filter((name) => /^test_.*\.py$/.test(name))) {
  test(`tests/python/${script}`, { skip }, () => passes(script, `${demo.url}/v1`));
}

async function passes(script, ...arguments_) {
  // A proxy of the machine's has no business between two of its own ports.
  const env = { ...process.env, NO_PROXY: "127.0.0.1", no_proxy: "127.0.0.1", PYTHONDONTWRITEBYTECODE: "1" };
  await run(python, [join(scripts, script), ...arguments_], { env, timeout: 60_000 }).catch((error) => {
    // One that was killed, for taking too long, has no code.
    assert.fail(`${error.message}\n${error.stdout}\n${error.stderr}`);
  });
}
