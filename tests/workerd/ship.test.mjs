// What `wrangler deploy` would send.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { root, wranglerSettings } from "./worker.mjs";

/** A Worker may have 3 MB; ours starts fast because it is small. */
const LIMIT = 960 << 10;

test("wrangler.toml asks for what the Worker relies on", async () => {
  const { toml, date, flags } = await wranglerSettings();
  assert.ok(flags.includes("enable_request_signal"), "a client that leaves would not be seen");
  assert.match(toml, /^\[observability\]\s*^enabled = true/m);
  // 1.20261117.1: the day of the runtime that the tests run on.
  const { version } = JSON.parse(await readFile(join(root, "node_modules/workerd/package.json"), "utf8"));
  const newest = /^1\.(\d{4})(\d\d)(\d\d)\./.exec(version).slice(1, 4).join("-");
  assert.ok(date <= newest, `compatibility_date ${date} is newer than workerd's ${newest}`);
});

test("wrangler bundles it, and it is small", async () => {
  const out = await mkdtemp(join(tmpdir(), "isthmus-bundle-"));
  try {
    const wrangler = join(root, "node_modules/.bin/wrangler");
    // wrangler wants a newer Node than a system may have; the project brings its own.
    const PATH = [join(root, "node_modules/.bin"), process.env.PATH].join(delimiter);
    const env = { ...process.env, PATH, WRANGLER_SEND_METRICS: "false", CLOUDFLARE_CF_FETCH_ENABLED: "false" };
    const arguments_ = ["deploy", "--dry-run", "--outdir", out];
    await promisify(execFile)(wrangler, arguments_, { cwd: root, env, timeout: 600_000 });
    const names = (await readdir(out)).filter((name) => /\.(js|wasm)$/.test(name));
    assert.equal(names.filter((name) => name.endsWith(".wasm")).length, 1, names.join(", "));
    assert.ok(names.includes("shim.js"), names.join(", "));
    const sizes = await Promise.all(names.map(async (name) => gzipSync(await readFile(join(out, name))).length));
    const size = sizes.reduce((sum, size) => sum + size, 0);
    console.log(`bundle: ${(size / 1024).toFixed(1)} KiB compressed`);
    assert.ok(size < LIMIT, `${size} bytes`);
  } finally {
    await rm(out, { recursive: true, force: true });
  }
});
