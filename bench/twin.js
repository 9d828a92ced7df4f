// What a careful person writes by hand for one upstream and one key: the measure Isthmus is held against.
import { translate } from "./translator.js";

const TO_UPSTREAM = ["accept", "content-type", "user-agent", "idempotency-key", "openai-beta"];
const TO_CLIENT = [
  "content-type",
  "retry-after",
  "x-request-id",
  "openai-processing-ms",
  "x-ratelimit-limit-requests",
  "x-ratelimit-remaining-requests",
  "x-ratelimit-limit-tokens",
  "x-ratelimit-remaining-tokens",
];

export default {
  async fetch(request, env) {
    if (request.headers.get("authorization") !== `Bearer ${env.PROXY_API_KEYS}`) return refusal(401, "Wrong API key.");
    if (request.method === "GET") return relay(request, env, pick(request.headers, TO_UPSTREAM));
    const body = await request.text();
    let call;
    try {
      call = JSON.parse(body);
    } catch {
      return refusal(400, "The body is not JSON.");
    }
    // With one upstream there is nothing to choose, but a gateway must know both before it can.
    if (typeof call.model !== "string") return refusal(400, "The request names no model.");
    if (call.model.startsWith("gemini-")) return translate(call, env);
    const headers = pick(request.headers, TO_UPSTREAM);
    if (call.stream) headers["accept-encoding"] = "identity";
    return relay(request, env, headers, body);
  },
};

async function relay(request, env, headers, body) {
  headers.authorization = `Bearer ${env.OPENAI_API_KEY}`;
  const { pathname, search } = new URL(request.url);
  const url = env.OPENAI_BASE_URL + pathname.slice("/v1".length) + search;
  const answer = await fetch(url, { method: request.method, headers, body, redirect: "manual" });
  const answered = pick(answer.headers, TO_CLIENT);
  answered["access-control-allow-origin"] = "*";
  return new Response(answer.body, { status: answer.status, headers: answered });
}

function pick(headers, names) {
  const picked = {};
  for (const name of names) {
    const value = headers.get(name);
    if (value !== null) picked[name] = value;
  }
  return picked;
}

function refusal(status, message) {
  return Response.json({ error: { message } }, { status });
}
