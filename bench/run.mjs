// npm run bench -- [--quick] [--only WORD] [--json FILE] [--beside WORKER]: Isthmus beside hand-written Workers, in one
// run on one machine.
import { execFileSync, fork } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { IS_GEMINI, IS_LIMITED, SCENARIOS, summarise, table, verdicts } from "./measures.mjs";
import { CLIENT_KEY, LIMITED_KEY, UPSTREAM_KEY } from "./traffic.mjs";
import { ROOT, builtModules, cpuMicros, start } from "./workerd.mjs";

const { values: options } = parseArgs({
  options: {
    quick: { type: "boolean" },
    only: { type: "string", default: "" },
    json: { type: "string" },
    beside: { type: "string" },
  },
});
const ROUNDS = options.quick ? 2 : 7;
const SHARE = options.quick ? 0.3 : 1;
const REFERENCE = "twin";

if (!fs.existsSync(path.join(ROOT, "build/index_bg.wasm"))) {
  execFileSync("cargo", ["xtask", "build"], { cwd: ROOT, stdio: "inherit" });
}

const upstream = fork(path.join(ROOT, "bench/upstream.mjs"));
const { port: upstreamPort } = await told(upstream);
const load = fork(path.join(ROOT, "bench/load.mjs"));

const variables = {
  OPENAI_BASE_URL: `http://127.0.0.1:${upstreamPort}/v1`,
  OPENAI_API_KEY: UPSTREAM_KEY,
  PROXY_API_KEYS: CLIENT_KEY,
  GOOGLE_AI_STUDIO_ENDPOINT: `http://127.0.0.1:${upstreamPort}`,
  GOOGLE_AI_STUDIO_API_KEY: UPSTREAM_KEY,
};
// Names that begin with `azure` go to an endpoint of Azure's, save one: the same stream, passed natively.
const GATEWAY = {
  providers: {
    azure: { kind: "azure", endpoint: "https://bench.openai.azure.com/openai/v1", key: UPSTREAM_KEY },
    gateway: { kind: "azure", endpoint: "https://gateway.example.com/openai/v1", key: UPSTREAM_KEY },
  },
  models: { azure: "azure/azure", "azure-gateway": "gateway/azure-gateway", "azure-async": "azure/azure-async" },
  clients: { limited: { key: LIMITED_KEY, rpm: 1e9, tpm: 1e12 } },
  default: "openai",
};
const settings = (more) => ({ ...variables, GATEWAY: JSON.stringify({ ...GATEWAY, ...more }) });
const own = (...names) => names.map((name) => ({ file: path.join(ROOT, "bench", name), name }));
const VARIANTS = {
  direct: undefined,
  blind: { modules: own("blind.js"), variables },
  twin: { modules: own("twin.js", "translator.js"), variables },
  isthmus: { modules: builtModules(), variables: settings(), repairs: true },
  // Each call asks its shared object first.
  "isthmus, exact": { modules: builtModules(), variables: settings({ limits: { mode: "exact" } }), repairs: true, only: /^(json|limited-json)/ },
  // Somebody else's Worker that serves Gemini.
  ...(options.beside && { beside: { modules: [{ file: path.resolve(options.beside), name: "beside.js" }], variables, only: IS_GEMINI } }),
  "isthmus, no log": { modules: builtModules(), variables: { ...settings(), LOG_LEVEL: "error" }, repairs: true },
};
const names = Object.keys(VARIANTS);

const running = {};
for (const [name, worker] of Object.entries(VARIANTS)) {
  const started = worker ? await start(name, worker.modules, worker.variables, upstreamPort) : { port: upstreamPort };
  running[name] = { ...started, repairs: worker?.repairs, only: worker?.only };
}
// A function is compiled well only after it has run for a while, wasm as much as JavaScript.
for (const name of names) await measure(running[name], SHARE);

const rounds = [];
for (let i = 0; i < ROUNDS; i++) {
  const round = {};
  for (const name of rotated(names, i)) {
    round[name] = await measure(running[name], SHARE);
    if (VARIANTS[name] && !VARIANTS[name].only) round[name].cold = await coldStart(name);
  }
  rounds.push(round);
}

const summary = summarise(rounds, REFERENCE);
const sizes = { twin: size(VARIANTS.twin.modules), isthmus: size(VARIANTS.isthmus.modules) };
console.log(table(summary, sizes, names, REFERENCE));
console.log(`\n${verdicts(summary, "isthmus")}`);
if (options.json) fs.writeFileSync(options.json, `${JSON.stringify({ summary, sizes, rounds }, null, 2)}\n`);
process.exit();

// Every scenario once, with the processor time workerd spent on each request of it.
async function measure({ port, pid, repairs, only }, share) {
  const results = {};
  for (const [name, scenario] of Object.entries(SCENARIOS)) {
    results[name] = { total: {}, first: {} };
    if (!scenario.kind.includes(options.only) || (only && !only.test(scenario.kind))) continue;
    // Others have none.
    if (IS_LIMITED.test(scenario.kind) && !repairs) continue;
    const requests = Math.ceil(scenario.requests * share);
    const before = pid && cpuMicros(pid);
    const result = await ask({ ...scenario, port, requests, repairs });
    if (pid) result.cpu = (cpuMicros(pid) - before) / requests;
    results[name] = result;
  }
  return results;
}

// A process of its own, from its start to its first answer; then what the first request cost more than a second.
async function coldStart(name) {
  const { modules, variables } = VARIANTS[name];
  const begun = performance.now();
  const worker = await start(`${name}, cold`, modules, variables, upstreamPort);
  const one = { kind: "json", bodyBytes: 2048, connections: 1, requests: 1, port: worker.port };
  const first = await ask(one);
  const started = performance.now() - begun;
  const second = await ask(one);
  worker.stop();
  return { start: started, extra: first.total.p50 - second.total.p50 };
}

async function ask(job) {
  load.send(job);
  const result = await told(load);
  if (result.error) throw new Error(`${JSON.stringify(job)}: ${result.error}`);
  return result;
}

function told(child) {
  return new Promise((resolve, reject) => {
    const ended = () => reject(new Error(`${child.spawnargs.at(-1)} ended`));
    child.once("exit", ended);
    child.once("message", (message) => {
      child.off("exit", ended);
      resolve(message);
    });
  });
}

function rotated(list, by) {
  const at = by % list.length;
  return [...list.slice(at), ...list.slice(0, at)];
}

function size(modules) {
  const files = modules.map(({ file }) => fs.readFileSync(file));
  const sum = (lengths) => lengths.reduce((a, b) => a + b, 0);
  return { raw: sum(files.map((f) => f.length)), gzip: sum(files.map((f) => gzipSync(f, { level: 9 }).length)) };
}
