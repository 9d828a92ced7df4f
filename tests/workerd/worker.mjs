// The built Worker in a bare workerd: what is deployed, without wrangler's proxies in between, which hide how
// clients leave and how bytes flow.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { until, within } from "./until.mjs";

export const root = fileURLToPath(new URL("../..", import.meta.url));
const here = fileURLToPath(new URL(".", import.meta.url));
const workerd = join(root, "node_modules/.bin/workerd");
// A test file that is stopped from outside (too slow, Ctrl-C) still ends what it began: see `Worker.start`.
for (const signal of ["SIGTERM", "SIGINT"]) process.once(signal, () => process.exit(1));

/** Beside the modules of the release build; not part of it. */
const elsewhere = new Set(["faults", "python"]);

/**
 * Starts a Worker on a free port.
 *
 * - `vars`: text bindings.
 * - `build`: the directory of the modules, below the root of the project.
 * - `wrapper`: a directory below tests/workerd/ whose main.js becomes the main module, for probes.
 * - `store`: the address of a KV namespace (catalogue-store.mjs); without one there is none.
 * - `isolates`: the Durable Object is there, and so many Workers share it: each is an isolate with an address of its own.
 */
export async function startWorker({ vars = {}, build = "build", wrapper, store, isolates = 0 } = {}) {
  const directory = await mkdtemp(join(tmpdir(), "isthmus-worker-"));
  try {
    const modules = await gather(directory, join(root, build), wrapper && join(here, wrapper));
    const config = configuration(await wranglerSettings(), modules, vars, store, isolates);
    await writeFile(join(directory, "config.capnp"), config);
    await mkdir(join(directory, "objects"));
    return await Worker.start(directory, Math.max(isolates, 1));
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
}

/** Copies the modules beside the configuration (it names them relative to itself); the main one first. */
async function gather(directory, build, wrapper) {
  const main = wrapper ? "main.js" : "shim.js";
  const found = [];
  for (const source of wrapper ? [build, wrapper] : [build]) {
    for (const path of await walk(source)) {
      const name = relative(source, path);
      await cp(path, join(directory, name));
      found.push(name);
    }
  }
  if (!found.includes(main)) throw new Error(`${build} holds no ${main}: run \`cargo xtask build\` first`);
  return [main, ...found.filter((name) => name !== main)];
}

async function walk(directory) {
  const files = [];
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory() && !elsewhere.has(entry.name)) files.push(...(await walk(path)));
    if (entry.isFile() && /\.(js|wasm)$/.test(entry.name)) files.push(path);
  }
  return files;
}

/** What the tests run with is what is deployed: the date and the flags stand in wrangler.toml only. */
export async function wranglerSettings() {
  const toml = await readFile(join(root, "wrangler.toml"), "utf8");
  const date = /^compatibility_date\s*=\s*"([^"]+)"/m.exec(toml)?.[1];
  if (date === undefined) throw new Error("wrangler.toml has no compatibility_date");
  const flags = /^compatibility_flags\s*=\s*\[([^\]]*)\]/m.exec(toml)?.[1] ?? "";
  return { toml, date, flags: [...flags.matchAll(/"([^"]+)"/g)].map((match) => match[1]) };
}

/** workerd's own configuration. */
function configuration({ date, flags }, modules, vars, store, isolates) {
  const text = JSON.stringify; // capnp's string literals escape as JSON's do, for what stands here
  const kind = (name) => (name.endsWith(".wasm") ? "wasm" : "esModule");
  const module = (name) => `(name = ${text(name)}, ${kind(name)} = embed ${text(name)})`;
  const bindings = Object.entries(vars).map(([name, value]) => `(name = ${text(name)}, text = ${text(value)})`);
  if (store !== undefined) bindings.push(`(name = "STORE", kvNamespace = "store")`);
  if (isolates > 0) bindings.push(LIMITER);
  const stored = store === undefined ? "" : `(name = "store", external = (address = ${text(store)}, http = ())),`;
  const worker = (name) => `
    (name = ${text(name)}, worker = (
      compatibilityDate = ${text(date)},
      compatibilityFlags = [${flags.map(text).join(", ")}],
      modules = [${modules.map(module).join(", ")}],
      bindings = [${bindings.join(", ")}],
      globalOutbound = "net",
      ${name === "main" && isolates > 0 ? OBJECTS : ""}
    )),`;
  const names = ["main", ...Array.from({ length: Math.max(isolates - 1, 0) }, (_, i) => `twin-${i}`)];
  const socket = (name) => `(name = ${text(name)}, address = "127.0.0.1:0", http = (), service = ${text(name)})`;
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "net", network = (allow = ["public", "private", "local"])),
    (name = "disk", disk = (path = "objects", writable = true)),
    ${stored}${names.map(worker).join("")}
  ],
  sockets = [${names.map(socket).join(", ")}],
);
`;
}

const LIMITER = `(name = "LIMITER", durableObjectNamespace = (className = "Limiter", serviceName = "main"))`;
const OBJECTS = `
      durableObjectNamespaces = [(className = "Limiter", uniqueKey = "limiter", enableSql = true)],
      durableObjectStorage = (localDisk = "disk"),`;

class Worker {
  #process;
  #directory;
  #kill = () => this.#process.kill("SIGKILL");
  #streams = { stdout: "", stderr: "" };

  static async start(directory, sockets) {
    const worker = new Worker();
    worker.#directory = directory;
    const options = { cwd: directory, stdio: ["ignore", "pipe", "pipe", "pipe"] };
    const child = spawn(workerd, ["serve", "--control-fd=3", "config.capnp"], options);
    worker.#process = child;
    process.once("exit", worker.#kill);
    for (const name of ["stdout", "stderr"]) {
      child[name].setEncoding("utf8").on("data", (text) => (worker.#streams[name] += text));
    }
    let control = "";
    child.stdio[3].setEncoding("utf8").on("data", (text) => (control += text));
    try {
      const ports = await until(() => worker.#listening(control, sockets), "workerd listening", 20_000);
      worker.urls = ports.map((port) => `http://127.0.0.1:${port}`);
      [worker.url] = worker.urls;
      worker.pid = child.pid;
      return worker;
    } catch (error) {
      await worker.stop();
      throw new Error(`${error.message}\n${worker.output}`);
    }
  }

  /** The ports, in the order of the Workers, once all are there. */
  #listening(control, sockets) {
    if (this.#process.exitCode !== null) throw new Error("workerd ended at once");
    const lines = control.split("\n").filter(Boolean).map((line) => JSON.parse(line));
    const ports = lines.filter((line) => line.event === "listen").map((line) => line.port);
    return ports.length === sockets && ports;
  }

  /** All that was written, as it stands: the warnings and errors after the rest. */
  get output() {
    return this.#streams.stdout + this.#streams.stderr;
  }

  /** The lines that are JSON objects. */
  lines() {
    return this.output.split("\n").flatMap((line) => {
      if (!line.startsWith("{")) return [];
      try {
        return [JSON.parse(line)];
      } catch {
        return []; // not all of it is here yet
      }
    });
  }

  /** The report of a request, once it is written. */
  async report(matches, what = "a report line") {
    try {
      return await until(() => this.lines().find(matches), what);
    } catch (error) {
      throw new Error(`${error.message}; there is:\n${this.output}`);
    }
  }

  /** SIGKILL: at a SIGTERM workerd waits for open connections, for ever where an upstream hangs. */
  async stop() {
    process.off("exit", this.#kill);
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      const gone = once(this.#process, "exit");
      this.#kill();
      await within(5000, "workerd's end", gone);
    }
    await rm(this.#directory, { recursive: true, force: true });
  }
}
