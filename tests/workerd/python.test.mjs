// OpenAI's Python package, through the Worker: tests/python/client.py, and each tests/python/test_*.py at a
// Worker in demo mode. The package is installed once, into build/python.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { copyFile, readFile, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { startUpstream } from "./upstream.mjs";
import { root, startWorker } from "./worker.mjs";

const run = promisify(execFile);
const scripts = join(root, "tests/python");
const installed = join(root, "build/python");
const python = join(installed, "bin/python");

const isThere = await run("python3", ["--version"]).then(() => true, () => false);
const skip = !isThere && !process.env.CI && "there is no python3";

let upstream, worker, demo;

before(async () => {
  if (skip) return;
  await install();
  upstream = await startUpstream();
  const vars = { OPENAI_BASE_URL: upstream.url, OPENAI_API_KEY: "key-of-the-owner", PROXY_API_KEYS: "key-of-a-client" };
  [worker, demo] = await Promise.all([startWorker({ vars }), startWorker()]);
});
after(async () => {
  await Promise.all([worker?.stop(), demo?.stop()]);
  await upstream?.stop();
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

for (const script of (await readdir(scripts)).filter((name) => /^test_.*\.py$/.test(name))) {
  test(`tests/python/${script}`, { skip }, () => passes(script, `${demo.url}/v1`));
}

async function passes(script, ...arguments_) {
  // A proxy of the machine's has no business between two of its own ports.
  const env = { ...process.env, NO_PROXY: "127.0.0.1", no_proxy: "127.0.0.1", PYTHONDONTWRITEBYTECODE: "1" };
  const ended = await run(python, [join(scripts, script), ...arguments_], { env, timeout: 60_000 }).catch((error) => error);
  assert.equal(ended.code ?? 0, 0, `${ended.stdout}\n${ended.stderr}`);
}
