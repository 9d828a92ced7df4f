// What the mock Azure has beside its deployments: models, files, batches, fine-tuning, and the images of 2023.
import { deployment, formOf, listed, missing } from "./azure-answers.mjs";

export function ofTheResource(azure, call) {
  const [root, ...below] = call.operation.split("/");
  const { method } = call;
  if (root === "models" && method === "GET" && below.length === 0) return models(call);
  if (root === "deployments" && method === "GET" && call.version < "2023-05-15") {
    return [200, { object: "list", data: listed() }];
  }
  if (root === "files") return files(azure, call, below);
  if (root === "batches" && call.version >= "2024-07-01") return batches(azure, call, below);
  if (root === "fine_tuning") return fineTuning(call, below);
  if (root === "images" || root === "operations") return asynchronousImages(azure, call);
  return missing;
}

function models(call) {
  if (call.form === "v1") {
    const model = { id: "gpt-4o-2024-08-06", object: "model", created: 1, owned_by: "system" };
    return [200, { object: "list", data: [model] }];
  }
  const capabilities = {
    fine_tune: false,
    inference: true,
    completion: true,
    chat_completion: true,
    embeddings: false,
  };
  const about = {
    status: "succeeded",
    lifecycle_status: "generally-available",
    deprecation: { inference: 1709284527 },
  };
  const model = { ...about, capabilities, id: "gpt-4o-2024-08-06", created_at: 1646126127, object: "model" };
  return [200, { object: "list", data: [model] }];
}

async function files(azure, call, [id, content]) {
  const about = ({ bytes, filename, purpose }, id) => {
    return { id, object: "file", bytes: bytes.length, created_at: 1, filename, purpose, status: "processed" };
  };
  if (call.method === "POST") {
    const form = await formOf(call);
    const file = form.get("file");
    const id = `file-${azure.files.size + 1}`;
    const bytes = Buffer.from(await file.arrayBuffer());
    azure.files.set(id, { bytes, filename: file.name, purpose: form.get("purpose") });
    const location = `http://${call.headers.host}/openai/files/${id}?api-version=${call.version}`;
    return call.sendJson(201, about(azure.files.get(id), id), { location });
  }
  if (id === undefined) {
    return [200, { object: "list", data: [...azure.files].map(([id, file]) => about(file, id)), has_more: false }];
  }
  const file = azure.files.get(id);
  if (!file) return [404, { error: { code: "notFound", message: `Could not find file ${id}.` } }];
  if (content) return call.send(200, { "content-type": "application/octet-stream" }, file.bytes);
  if (call.method === "GET") return [200, about(file, id)];
  azure.files.delete(id);
  call.response.writeHead(204).end();
  return undefined;
}

function batches(azure, call, [id]) {
  if (call.method === "GET") {
    return [200, id ? azure.batches.get(id) : { object: "list", data: [...azure.batches.values()] }];
  }
  const { input_file_id, endpoint, completion_window } = call.json;
  const problem = problemOfBatch(azure.files.get(input_file_id), endpoint);
  const batch = {
    id: `batch_${azure.batches.size + 1}`,
    object: "batch",
    endpoint,
    input_file_id,
    completion_window,
    created_at: 1,
    status: problem ? "failed" : "validating",
    errors: problem ? { object: "list", data: [{ code: problem, message: problem, line: 1 }] } : null,
    input_blob: "",
  };
  azure.batches.set(batch.id, batch);
  return call.sendJson(201, batch, { "deployment-enqueued-tokens": "7" });
}

function problemOfBatch(file, endpoint) {
  const text = file.bytes.toString("utf8");
  if (endpoint !== "/chat/completions" || text.startsWith("\ufeff")) return "invalid_request";
  const lines = text
    .split(/\r?\n/)
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  if (lines.some((line) => line.url !== endpoint)) return "url_mismatch";
  if (lines.some((line) => deployment(line.body.model)?.only !== "batches")) return "model_not_found";
  return undefined;
}

function fineTuning(call, [jobs, id, below]) {
  if (jobs !== "jobs") return missing;
  const job = (id, status) => ({
    id,
    object: "fine_tuning.job",
    model: "gpt-4o-mini",
    created_at: 1,
    status,
    training_file: "file-1",
  });
  if (call.method === "POST") return [201, job(id ?? "ftjob-1", below === "cancel" ? "cancelled" : "created")];
  if (below === "events") return [200, { object: "list", data: [], has_more: false }];
  if (id) return [200, job(id, "pending")];
  return [200, { object: "list", data: [job("ftjob-1", "running"), job("ftjob-2", "pending")], has_more: false }];
}

/** As the previews of 2023 had it. */
function asynchronousImages(azure, call) {
  if (call.version < "2023-06-01" || call.version > "2023-12-01") return missing;
  if (call.path === "/openai/images/generations:submit") {
    const id = `operation-${azure.images.size + 1}`;
    azure.images.set(id, 0);
    const origin = call.json.prompt.startsWith("http") ? call.json.prompt : `http://${call.headers.host}`;
    const location = `${origin}/openai/operations/images/${id}?api-version=${call.version}`;
    return call.sendJson(202, { id, status: "notRunning" }, { "operation-location": location });
  }
  const id = /^\/openai\/operations\/images\/(.+)$/.exec(call.path)?.[1];
  const asked = azure.images.get(id);
  if (asked === undefined) return missing;
  azure.images.set(id, asked + 1);
  if (asked === 0) return [200, { id, status: "running", created: 1, expires: 2 }];
  const result = { created: 1, data: [{ url: "https://example.test/cat.png" }] };
  return [200, { id, status: "succeeded", created: 1, expires: 2, result }];
}
