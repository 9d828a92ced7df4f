// A mock of Azure's servers on 127.0.0.1, as strict as they are: what is addressed, authorised or versioned wrongly
// is refused in their words. Below one origin stand
//
//   /openai/deployments/{deployment}/...   the classic form        key in `api-key`, or a token
//   /openai/...                            the same, without a deployment
//   /openai/v1/...                         the form without dates  key in `api-key` or as Bearer, or a token
//   /models/...                            Foundry's models        key in `api-key`, or a token
//   /serverless/...                        a host of one model     key as Bearer
//   /{tenant}/oauth2/v2.0/token            Entra ID
//
// What no gateway may ever send is not refused but kept in `complaints`; a test file ends with there being none.
import {
  chat,
  deployment,
  embed,
  formOf,
  image,
  missing,
  objection,
  respond,
  speak,
  transcribe,
} from "./azure-answers.mjs";
import { Entra } from "./azure-entra.mjs";
import { ofTheResource } from "./azure-resource.mjs";
import { shakeHands } from "./handshake.mjs";
import { startUpstream } from "./upstream.mjs";

export const key = "key-of-the-resource";
export const clientKey = "key-of-a-client";

export async function startAzure() {
  const azure = {
    complaints: [],
    entra: new Entra(),
    upgrades: [],
    files: new Map(),
    batches: new Map(),
    images: new Map(),
  };
  const behaviour = () => (call) => answer(azure, call);
  const upgrade = (request, socket) => welcome(azure, request, socket);
  return Object.assign(await startUpstream({ behaviour, identity, upgrade }), azure);
}

/** Of a Worker before it: the default provider is of the classic form, the others have the names of theirs. */
export function variables(azure, changes = {}) {
  const provider = (form, path = "") => ({ kind: "azure", endpoint: azure.origin + path, form, key: "$AZURE_KEY" });
  const providers = {
    classic: { ...provider("classic"), ...changes },
    v1: provider("v1"),
    foundry: { ...provider("foundry-models", "/models"), kind: "foundry" },
    single: provider("serverless", "/serverless"),
  };
  return { GATEWAY: JSON.stringify({ providers, default: "classic" }), AZURE_KEY: key, PROXY_API_KEYS: clientKey };
}

let served = 0;

function identity(call) {
  served += 1;
  return {
    "apim-request-id": `apim_${served}`,
    "x-request-id": `req_${served}`,
    "x-ms-region": "East US",
    "x-ms-deployment-name": call.deployment?.name ?? "",
    "x-ratelimit-limit-tokens": "50000",
    "x-ratelimit-remaining-tokens": "49993",
    "strict-transport-security": "max-age=31536000; includeSubDomains; preload",
    "set-cookie": "session=of-the-upstream; Path=/",
    "azureml-model-session": "d042-20240806",
  };
}

// What may never be sent.

const notForAzure = /^(cf-|x-forwarded-|x-stainless-|openai-organization|openai-project|cookie|x-api-key|ocp-apim-)/;

function complain(azure, { url, headers }) {
  const complaints = [
    headers["api-key"] && headers.authorization && "two credentials",
    JSON.stringify(headers).includes(clientKey) && "the client's key",
    ...Object.keys(headers).filter((name) => notForAzure.test(name)),
    url.split("api-version=").length > 2 && "two api-versions",
    /\/\/|\/v1\/v1\/|openai\/openai/.test(url) && "a doubled path",
  ];
  azure.complaints.push(...complaints.filter(Boolean).map((complaint) => `${url}: ${complaint}`));
}

// Refusals of the door.

const invalidKey =
  "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an active subscription.";
const unauthorised = [401, { error: { code: "401", message: invalidKey } }];
const badToken = [
  401,
  { statusCode: 401, message: "Unauthorized. Access token is missing, invalid, or have expired." },
];
const unsupportedVersion = [400, { error: { code: "BadRequest", message: "API version not supported" } }];
const noDeployment = [
  404,
  {
    error: {
      code: "DeploymentNotFound",
      message:
        "The API deployment for this resource does not exist. If you created the deployment within the last 5 minutes, please wait a moment and try again.",
    },
  },
];

const forms = [
  { name: "classic", path: /^\/openai\/deployments\/([^/]+)\/(.+)$/, deployment: true },
  { name: "v1", path: /^\/openai\/v1\/(.+)$/ },
  { name: "classic", path: /^\/openai\/(.+)$/ },
  { name: "models", path: /^\/models\/(.+)$/ },
  { name: "serverless", path: /^\/serverless\/(?:v1\/)?(.+)$/ },
];

async function answer(azure, call) {
  const tenant = /^\/([^/]+)\/oauth2\/v2\.0\/token$/.exec(call.path)?.[1];
  if (tenant) return azure.entra.answer(call, tenant);
  complain(azure, call);
  try {
    const refusal = enter(azure, call) ?? (await operate(azure, call));
    if (refusal) call.sendJson(...refusal);
  } catch (error) {
    azure.complaints.push(`${call.url}: ${error.stack}`);
    call.sendJson(500, { error: { message: "the mock failed" } });
  }
}

/** Address, credential, version and deployment, in the order in which Azure looks at them. */
function enter(azure, call) {
  const form = forms.find((form) => form.path.test(call.path));
  if (!form) return missing;
  const parts = form.path.exec(call.path).slice(1);
  call.form = form.name;
  call.operation = parts.at(-1);
  return (
    credential(azure, call) ??
    version(call) ??
    (form.deployment ? place(call, decodeURIComponent(parts[0])) : undefined)
  );
}

function credential(azure, { form, headers }) {
  const bearer = /^Bearer (.*)$/.exec(headers.authorization ?? "")?.[1];
  if (form === "serverless") {
    const message = "Auth token must be passed as a header called Authorization";
    return bearer === key ? undefined : [401, { error: { code: "401", message } }];
  }
  if (headers["api-key"]) return headers["api-key"] === key ? undefined : unauthorised;
  if (bearer?.startsWith("eyJ")) return azure.entra.accepts(bearer) ? undefined : badToken;
  return form === "v1" && bearer === key ? undefined : unauthorised;
}

const dated = /^(2022-12-01|2023-05-15|2024-02-01|2024-06-01|2024-10-21|202[345]-\d\d-\d\d-preview)$/;

function version(call) {
  const versions = call.query.getAll("api-version");
  if (versions.length > 1) return unsupportedVersion;
  const [version] = versions;
  call.version = call.form === "v1" ? "v1" : (version ?? "v1");
  if (call.form === "serverless") return undefined;
  if (call.form === "v1") return [undefined, "v1", "preview"].includes(version) ? undefined : unsupportedVersion;
  if (call.form === "models") {
    const message = "The api-version query parameter (?api-version=) is required for all requests.";
    if (version === undefined) return [400, { error: { code: "MissingApiVersionParameter", message } }];
    return version === "2024-05-01-preview" ? undefined : missing;
  }
  if (version === undefined || version === "preview" || version === "v1") return missing;
  return dated.test(version) ? undefined : unsupportedVersion;
}

function place(call, name) {
  call.deployment = deployment(name);
  return call.deployment ? undefined : noDeployment;
}

/** Where the deployment is the body's model. */
function placeByBody(call, model) {
  const [, refusal] = noDeployment;
  if (place(call, model ?? ""))
    return [404, { error: { ...refusal.error, type: "invalid_request_error", param: null } }];
  return undefined;
}

// Operations.

/** The operations below a deployment, since when they are there, and what sort of deployment they want. */
const perDeployment = {
  "chat/completions": { begun: "2023-03-15", sort: undefined, answer: converse },
  embeddings: { begun: "2022-12-01", sort: "embeddings", answer: embed },
  "images/generations": { begun: "2023-12-01", sort: "images", answer: draw },
  "images/edits": { begun: "2025-04-01", sort: "images", answer: edit },
  "audio/transcriptions": { begun: "2023-09-01", sort: "audio", answer: transcribe },
  "audio/translations": { begun: "2023-09-01", sort: "audio", answer: transcribe },
  "audio/speech": { begun: "2024-02-15", isPreview: true, sort: "audio", answer: speak },
};

async function operate(azure, call) {
  if (call.form === "models" || call.form === "serverless") return inference(call);
  const operation = Object.hasOwn(perDeployment, call.operation) ? perDeployment[call.operation] : undefined;
  if (call.form === "v1" && call.operation === "responses" && call.method === "POST") {
    return placeByBody(call, call.json.model) ?? respond(call);
  }
  if (!operation) return ofTheResource(azure, call);
  if (call.method !== "POST") return [405, { error: { code: "405", message: "Method not allowed" } }];
  if (call.form === "v1") {
    const isForm = call.headers["content-type"].startsWith("multipart/");
    const model = isForm ? (await formOf(call)).get("model") : call.json.model;
    const refusal = placeByBody(call, model);
    if (refusal) return refusal;
  } else {
    if (!call.deployment || call.version < operation.begun) return missing;
    if (operation.isPreview && !call.version.endsWith("-preview")) return missing;
  }
  return suits(call, operation.sort) ?? operation.answer(call);
}

function suits({ operation, deployment }, sort) {
  if (deployment.only === sort) return undefined;
  const message = `The ${operation} operation does not work with the specified model, ${deployment.model}. Please choose different model and try again.`;
  return [400, { error: { code: "OperationNotSupported", message } }];
}

function converse(call) {
  const error = objection(call.json, call.deployment, call.version);
  if (error) return [400, { error }];
  return chat(call);
}

function draw(call) {
  const isGptImage = call.deployment.model.startsWith("gpt-image");
  const refused =
    isGptImage && ["response_format", ...(call.form === "classic" ? ["model"] : [])].find((it) => it in call.json);
  if (refused)
    return [400, { error: { message: `Unknown parameter: '${refused}'.`, param: refused, code: "unknown_parameter" } }];
  return image(call);
}

async function edit(call) {
  const form = await formOf(call);
  const isNamed = call.form === "classic" && form.has("model");
  if (isNamed)
    return [400, { error: { message: "Unknown parameter: 'model'.", param: "model", code: "unknown_parameter" } }];
  call.picture = Buffer.from(await form.get("image").arrayBuffer());
  return image(call);
}

// Foundry and serverless.

const ofInference = [
  "model",
  "messages",
  "frequency_penalty",
  "presence_penalty",
  "temperature",
  "top_p",
  "max_tokens",
  "seed",
  "stop",
  "stream",
  "response_format",
  "tools",
  "tool_choice",
  "input",
  "dimensions",
  "encoding_format",
  "input_type",
];

/** What a host of one model tells of it. */
const about = [200, { model_name: "gpt-4o", model_type: "chat-completion", model_provider_name: "OpenAI" }];

function inference(call) {
  if (call.method === "GET") return call.operation === "info" ? about : missing;
  const body = call.json;
  const model =
    body.model ?? call.headers["x-ms-model-mesh-model-name"] ?? (call.form === "serverless" ? "gpt-4o" : undefined);
  const noModel =
    "No model specified in request. Please provide a model name in the request body or as a x-ms-model-mesh-model-name header.";
  if (model === undefined) return [400, { error: { code: "no_model_name", message: noModel } }];
  const refusal = place(call, call.form === "serverless" ? "gpt-4o" : model);
  if (refusal) return refusal;
  const extra = Object.keys(body).filter((name) => !ofInference.includes(name));
  const policy = call.headers["extra-parameters"];
  if (extra.length > 0 && policy === "pass-through") return unprocessable(extra[0]);
  if (extra.length > 0 && policy !== "drop") {
    const names = extra.map((name) => `'${name}'`).join(", ");
    return [
      400,
      {
        detail: `Extra parameters [${names}] are not allowed when extra-parameters is not set or set to be 'error'. Set extra-parameters to 'pass-through' to pass to the model.`,
      },
    ];
  }
  if (call.operation === "embeddings") return Array.isArray(body.input) ? embed(call) : unprocessable("input");
  if (call.operation !== "chat/completions") return missing;
  const odd = body.messages.find(({ role }) => !["system", "user", "assistant", "tool"].includes(role));
  return odd ? unprocessable("messages") : chat(call);
}

function unprocessable(name) {
  const message = "One of the parameters contain invalid values.";
  return [422, { status: 422, code: "parameter_not_supported", detail: { loc: ["body", name] }, message }];
}

/** A realtime WebSocket: the dated form names the deployment, the other the model, and refuses an api-version. */
function welcome(azure, request, socket) {
  const url = new URL(request.url, "http://azure");
  const { searchParams: query, pathname } = url;
  complain(azure, request);
  const isDated = pathname === "/openai/realtime" && dated.test(query.get("api-version")) && query.has("deployment");
  const isDateless = pathname === "/openai/v1/realtime" && !query.has("api-version") && query.has("model");
  azure.upgrades.push({ url: request.url, headers: request.headers });
  if ((isDated || isDateless) && request.headers["api-key"] === key) return shakeHands(request, socket);
  return socket.end("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
}
