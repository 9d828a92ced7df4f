// A Worker under bare workerd: `wrangler dev` would measure its own proxies.
import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const OUT = path.join(ROOT, "bench/out");
// The binary itself: `workerd` in .bin may be a script that starts it, whose processor time is nobody's.
const BINARY = path.join(ROOT, `node_modules/@cloudflare/workerd-linux-${process.arch === "x64" ? "64" : "arm64"}/bin/workerd`);

// What all isolates count together.
const OBJECT = '(className = "Limiter", uniqueKey = "bench", enableSql = true)';

const running = new Set();
process.on("exit", () => running.forEach(stop));

// modules: files with the name each is imported by, the entry first.
// Whatever host it asks, the upstream answers.
export async function start(name, modules, variables, upstreamPort) {
  const config = path.join(OUT, `${name}.capnp`);
  fs.mkdirSync(OUT, { recursive: true });
  fs.writeFileSync(config, configuration(modules, variables, upstreamPort));
  const child = spawn(BINARY, ["serve", "--control-fd=3", config], { stdio: ["ignore", "ignore", "inherit", "pipe"] });
  running.add(child);
  return { pid: child.pid, port: await listening(name, child), stop: () => stop(child) };
}

// SIGTERM would wait for what is open.
function stop(child) {
  running.delete(child);
  child.removeAllListeners("exit");
  child.kill("SIGKILL");
}

// Built modules by the names wrangler would give them; the entry is wrangler.toml's.
export function builtModules() {
  const entry = path.join(ROOT, setting("main"));
  const build = path.dirname(entry);
  const files = fs.readdirSync(build, { recursive: true }).map((name) => path.join(build, name));
  const modules = files.filter((file) => /\.(js|wasm)$/.test(file) && imported(path.relative(build, file)));
  modules.sort((a, b) => (b === entry) - (a === entry));
  return modules.map((file) => ({ file, name: path.relative(build, file) }));
}

// `build/` may hold a second build, made for a test.
function imported(name) {
  return !name.startsWith("faults");
}

// The processor time of a process, in microseconds. Per thread, and from the scheduler, which counts in
// nanoseconds; /proc/<pid>/stat counts in hundredths of a second.
export function cpuMicros(pid) {
  try {
    const threads = fs.readdirSync(`/proc/${pid}/task`);
    const nanos = threads.map((thread) => Number(fs.readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0]));
    return nanos.reduce((sum, n) => sum + n, 0) / 1000;
  } catch {
    const fields = fs.readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
    return (Number(fields[11]) + Number(fields[12])) * 10_000;
  }
}

function configuration(modules, variables, upstreamPort) {
  const text = (value) => JSON.stringify(value);
  const kind = ({ file }) => (file.endsWith(".wasm") ? "wasm" : "esModule");
  // An absolute path would be looked for among capnp's imports.
  const module = (m) => `(name = ${text(m.name)}, ${kind(m)} = embed ${text(path.relative(OUT, m.file))})`;
  const binding = ([name, value]) => `(name = ${text(name)}, text = ${text(value)})`;
  const isOurs = modules.some(({ name }) => name === "shim.js");
  const objects = isOurs ? ['(name = "LIMITER", durableObjectNamespace = "Limiter")'] : [];
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "net", external = (address = "127.0.0.1:${upstreamPort}", http = ())),
    (name = "main", worker = (
      compatibilityDate = ${text(setting("compatibility_date"))},
      compatibilityFlags = ${setting("compatibility_flags")},
      modules = [${modules.map(module).join(", ")}],
      bindings = [${[...Object.entries(variables).map(binding), ...objects].join(", ")}],
      globalOutbound = "net",
      durableObjectNamespaces = [${isOurs ? OBJECT : ""}],
      durableObjectStorage = (inMemory = void),
    )),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
`;
}

// One line of wrangler.toml: a string without its quotes, a list as it stands.
function setting(name) {
  const toml = fs.readFileSync(path.join(ROOT, "wrangler.toml"), "utf8");
  const value = new RegExp(`^${name} *= *(.*)$`, "m").exec(toml)?.[1] ?? "[]";
  return value.startsWith("[") ? value : JSON.parse(value);
}

function listening(name, child) {
  return new Promise((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`workerd ended with ${code}: ${name}`)));
    child.stdio[3].on("data", (line) => {
      const port = /"port":(\d+)/.exec(line)?.[1];
      if (port) resolve(Number(port));
    });
  });
}
