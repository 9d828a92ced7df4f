// A mock of Google's servers on 127.0.0.1, as strict as they are: what is addressed, authorised, shaped or ordered
// wrongly is refused in their words. Below one origin stand
//
//   /v1beta/models/...                                                AI Studio             key in `x-goog-api-key`
//   /v1beta/openai/...                                                its OpenAI form       key as Bearer
//   /v1beta1/projects/{}/locations/{}/publishers/google/models/...    Vertex AI             token, or the express key
//   /v1/publishers/google/models/...                                  its express mode      the express key
//   /v1/projects/{}/locations/{}/endpoints/openapi/chat/completions   other makers' models  token
//   /token                                                            OAuth
//
// What no gateway may ever send is not refused but kept in `complaints`; a test file ends with there being none.
import { answer, count, order, Signatures } from "./google-answers.mjs";
import * as compat from "./google-compat.mjs";
import { batchEmbed, embed, predict } from "./google-embeddings.mjs";
import { stream } from "./google-events.mjs";
import { described, model, names } from "./google-models.mjs";
import { OAuth } from "./google-oauth.mjs";
import { badKey, badToken, invalid, misshapen, noKey, noModel, nowhere, refusals } from "./google-refusals.mjs";
import { objection } from "./google-rules.mjs";
import { read } from "./google-shape.mjs";
import { startUpstream } from "./upstream.mjs";

export const key = "key-of-the-owner";
export const secondKey = "second-key-of-the-owner";
export const expressKey = "express-key-of-the-owner";
export const clientKey = "key-of-a-client";
export const project = "project-of-the-owner";

export async function startGoogle() {
  const google = {
    complaints: [],
    oauth: new OAuth(),
    /** What a key of AI Studio's is worth: nothing is said of a good one, the others have a refusal. */
    keys: new Map([
      [key, undefined],
      [secondKey, undefined],
    ]),
    signatures: { studio: new Signatures(), vertex: new Signatures() },
    /** How streams are sent where a prompt cannot say it. */
    streams: { pace: undefined },
  };
  const behaviour = () => (call) => serve(google, call);
  const upstream = Object.assign(await startUpstream({ behaviour, identity }), google);
  upstream.account = google.oauth.account(upstream.origin);
  return upstream;
}

/** Of a Worker before it: the default provider is AI Studio, the others have the names of what is special. */
export function variables(google, changes = {}) {
  const studio = { kind: "google", endpoint: google.origin, key: "$GOOGLE_KEY" };
  const vertex = { kind: "vertex", endpoint: google.origin };
  const account = { ...vertex, project, location: "global", credentials: "$GOOGLE_CREDENTIALS" };
  const providers = {
    studio: { ...studio, ...changes },
    thinking: { ...studio, include_thoughts: true },
    restricted: { ...studio, tool_schemas: "restricted" },
    named: { ...studio, signatures_in_ids: true },
    compat: { ...studio, dialect: "openai" },
    vertex: account,
    regional: { ...account, location: "us-central1" },
    express: { ...vertex, key: "$EXPRESS_KEY" },
  };
  return {
    GATEWAY: JSON.stringify({ providers, default: "studio" }),
    GOOGLE_KEY: key,
    EXPRESS_KEY: expressKey,
    GOOGLE_CREDENTIALS: JSON.stringify(google.account),
    PROXY_API_KEYS: clientKey,
  };
}

function identity() {
  return {
    server: "scaffolding on HTTPServer2",
    "server-timing": "gfet4t7; dur=312",
    "x-gemini-service-tier": "standard",
    "alt-svc": 'h3=":443"; ma=2592000',
    "set-cookie": "NID=of-the-upstream; Path=/",
  };
}

// What may never be sent.

const notForGoogle = /^(cf-|x-forwarded-|x-real-ip$|x-stainless-|openai-|anthropic-|cookie$|x-api-key$|api-key$)/;

function complain(google, call) {
  const { url, headers, method } = call;
  const complaints = [
    headers["x-goog-api-key"] && headers.authorization && "two credentials",
    /[?&](key|access_token)=/.test(url) && "a credential in the URL",
    (url + JSON.stringify(headers) + call.text).includes(clientKey) && "the client's key",
    /\/\/|\/models\/models|\/v1beta1?\/v1/.test(url) && "a doubled path",
    method === "POST" && call.path !== "/token" && !/^application\/json\b/.test(headers["content-type"]) && "no JSON",
    url.includes(":streamGenerateContent") !== url.includes("alt=sse") && "a stream that is none of events",
    ...Object.keys(headers).filter((name) => notForGoogle.test(name)),
  ];
  google.complaints.push(...complaints.filter(Boolean).map((complaint) => `${url}: ${complaint}`));
}

// Addresses.

const inAProject = "/projects/(?<project>[^/]+)/locations/(?<location>[^/]+)";
const aMethod = "(?<model>[^/:]+):(?<method>\\w+)";

const places = [
  { method: "POST", path: "/token", answer: (call, google) => google.oauth.answer(call) },
  { method: "GET", path: "/v1beta/models", host: "studio", answer: list },
  { method: "GET", path: "/v1beta/models/(?<model>[^/:]+)", host: "studio", answer: describe },
  { method: "POST", path: `/v1beta/models/${aMethod}`, host: "studio", answer: operate },
  { method: "POST", path: "/v1beta/tunedModels/(?<endpoint>[^/:]+):(?<method>\\w+)", host: "studio", answer: operate },
  { method: "POST", path: "/v1beta/openai/chat/completions", host: "compat", answer: compat.ofStudio },
  { method: "POST", path: "/v1beta/openai/embeddings", host: "compat", answer: compat.embedding },
  { method: "POST", path: "/v1beta/openai/images/generations", host: "compat", answer: compat.image },
  { method: "GET", path: "/v1beta/openai/models", host: "compat", answer: compat.list },
  { method: "GET", path: "/v1beta/openai/models/(?<model>[^/:]+)", host: "compat", answer: compat.describe },
  { method: "GET", path: "/v1beta1/publishers/google/models", host: "vertex", answer: publish },
  { method: "GET", path: "/v1(?:beta1)?/publishers/google/models/(?<model>[^/:]+)", host: "vertex", answer: describe },
  { method: "POST", path: `/v1(?:beta1)?/publishers/google/models/${aMethod}`, host: "vertex", answer: operate },
  {
    method: "POST",
    path: `/v1(?:beta1)?${inAProject}/publishers/google/models/${aMethod}`,
    host: "vertex",
    answer: operate,
  },
  {
    method: "POST",
    path: `/v1(?:beta1)?${inAProject}/endpoints/(?<endpoint>\\d+):(?<method>\\w+)`,
    host: "vertex",
    answer: operate,
  },
  {
    method: "POST",
    path: `/v1(?:beta1)?${inAProject}/endpoints/openapi/chat/completions`,
    host: "vertex",
    answer: compat.ofVertex,
  },
].map((place) => ({ ...place, path: new RegExp(`^${place.path}$`) }));

let served = 0;

async function serve(google, call) {
  served += 1;
  complain(google, call);
  try {
    const refusal = await enter(google, Object.assign(call, { served }));
    if (refusal) refuse(call, refusal);
  } catch (error) {
    google.complaints.push(`${call.url}: ${error.stack}`);
    if (!call.response.headersSent) refuse(call, [500, "the mock failed"]);
  }
}

function refuse(call, [status, body]) {
  if (typeof body === "string") return call.send(status, { "content-type": "text/html; charset=UTF-8" }, body);
  return call.sendJson(status, body);
}

function enter(google, call) {
  const place = places.find(({ method, path }) => method === call.method && path.test(call.path));
  if (!place) return nowhere;
  call.host = place.host;
  call.named = Object.fromEntries(
    Object.entries(place.path.exec(call.path).groups ?? {}).map(([name, value]) => [name, decodeURIComponent(value)]),
  );
  return (place.host && credential(google, call)) ?? query(call) ?? place.answer(call, google);
}

function credential(google, { host, headers, named }) {
  const bearer = /^Bearer (.*)$/.exec(headers.authorization ?? "")?.[1];
  const given = host === "compat" ? bearer : headers["x-goog-api-key"];
  if (host === "vertex") {
    if (named.project !== undefined && named.project !== project) return badToken;
    if (given !== undefined) return given === expressKey ? undefined : badKey;
    // Without a project there is only the list, and it wants to know who pays.
    const isFine = named.project !== undefined || headers["x-goog-user-project"] === project;
    return google.oauth.accepts(bearer) && isFine ? undefined : badToken;
  }
  if (given === undefined) return bearer === undefined ? noKey : badToken;
  return google.keys.has(given) ? google.keys.get(given) : badKey;
}

const parameters = ["alt", "pageSize", "pageToken", "listAllVersions", "view"];

function query({ query }) {
  const stray = [...query.keys()].find((name) => !parameters.includes(name));
  if (stray === undefined) return undefined;
  return invalid(
    `Invalid JSON payload received. Unknown name "${stray}": Cannot bind query parameter. Field '${stray}' could not be found in request message.`,
  );
}

// Lists.

/** Google's pages may be shorter than what was asked for. */
const page = 8;

function paged({ query }, all) {
  const begin = Number(query.get("pageToken")?.replace("page-", "") ?? 0);
  const size = Math.min(page, Number(query.get("pageSize") ?? 50));
  const isLast = begin + size >= all.length;
  return { some: all.slice(begin, begin + size), ...(!isLast && { nextPageToken: `page-${begin + size}` }) };
}

function list(call) {
  const { some, ...more } = paged(call, names("studio").map(described));
  call.sendJson(200, { models: some, ...more });
}

function publish(call) {
  const about = { versionId: "default", launchStage: "GA", publisherModelTemplate: "projects/{project}/..." };
  const all = names("vertex").map((name) => ({ name: `publishers/google/models/${name}`, ...about }));
  const { some, ...more } = paged(call, all);
  call.sendJson(200, { publisherModels: some, ...more });
}

function describe(call) {
  const { model: name } = call.named;
  if (!model(name, call.host)) return noModel({ ...call, model: name, path: call.path, method: "generateContent" });
  if (call.host === "studio") return call.sendJson(200, described(name));
  return call.sendJson(200, { name: `publishers/google/models/${name}`, versionId: "default" });
}

// Operations.

const methods = {
  generateContent: { answer: (call, google) => generate(call, google, () => call.sendJson(200, answer(call))) },
  streamGenerateContent: { answer: (call, google) => generate(call, google, () => stream(call)) },
  countTokens: { answer: countTokens },
  batchEmbedContents: { embeds: true, host: "studio", answer: batchEmbed },
  embedContent: { embeds: true, answer: embed },
  predict: { embeds: true, host: "vertex", answer: predict },
};

function operate(call, google) {
  const { model: name, endpoint, method, location } = call.named;
  const known = Object.hasOwn(methods, method) ? methods[method] : undefined;
  // What is tuned, and what is deployed at an endpoint, is of this model here.
  call.target = model(endpoint === undefined ? name : "gemini-2.5-flash", call.host);
  const isServed = call.target && known && Boolean(call.target.embeds) === Boolean(known.embeds);
  const isHere = (known?.host ?? call.host) === call.host && isServedIn(location, call.target);
  if (!isServed || !isHere) return noModel({ host: call.host, model: name, method, path: call.path });
  return known.answer(call, google);
}

/** Gemini 3 is in no single region. */
function isServedIn(location, { version } = {}) {
  return location === undefined || version < 3 || ["global", "us", "eu"].includes(location);
}

function generate(call, google, answered) {
  const { value, violations, snaked } = read(call.json, "GenerateContentRequest", call.host);
  google.complaints.push(...snaked.map((name) => `${call.url}: snake_case: ${name}`));
  if (violations.length > 0) return misshapen(violations);
  const signatures = google.signatures[call.host];
  const wrong = objection(value, call.target, call.host, signatures);
  if (wrong) return invalid(wrong);
  const { verb, words, pace = google.streams.pace } = order(value.contents);
  Object.assign(call, { request: value, signatures, pace });
  const refused = verb === "do" && Object.hasOwn(refusals, words) ? refusals[words] : undefined;
  if (pace !== "held" || call.named.method === "streamGenerateContent") return refused ?? answered();
  return call.leave().then(() => refused ?? answered());
}

function countTokens(call) {
  const { value, violations } = read(call.json, "CountTokensRequest", call.host);
  if (violations.length > 0) return misshapen(violations);
  const { contents = value.generateContentRequest?.contents ?? [] } = value;
  if (contents.length === 0) return invalid("* CountTokensRequest.contents: contents is not specified\n");
  call.sendJson(200, { totalTokens: count(JSON.stringify(contents)) });
}
