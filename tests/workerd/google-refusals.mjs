// What Google says when it does not answer.

/** `[status, body, headers]` of a refusal. */
export function refusal(status, name, message, details) {
  const error = { code: status, message, status: name, ...(details && { details }) };
  return [status, { error }];
}

export function invalid(message, details) {
  return refusal(400, "INVALID_ARGUMENT", message, details);
}

/** A body that is not of the shape it should have. */
export function misshapen(violations) {
  const fieldViolations = violations.map(({ field, description }) =>
    field === "" ? { description } : { field, description },
  );
  const message = violations.map(({ description }) => description).join("\n");
  return invalid(message, [{ "@type": "type.googleapis.com/google.rpc.BadRequest", fieldViolations }]);
}

function info(reason, metadata = { service: "generativelanguage.googleapis.com" }) {
  return { "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason, domain: "googleapis.com", metadata };
}

function quota(quotaId, quotaValue) {
  const quotaMetric = "generativelanguage.googleapis.com/generate_content_free_tier_requests";
  const violations = [{ quotaMetric, quotaId, quotaDimensions: { location: "global" }, quotaValue }];
  return { "@type": "type.googleapis.com/google.rpc.QuotaFailure", violations };
}

export function throttled(retryDelay, id = "GenerateRequestsPerMinutePerProjectPerModel-FreeTier") {
  const message = "You exceeded your current quota, please check your plan and billing details.";
  const retry = { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay };
  return refusal(429, "RESOURCE_EXHAUSTED", message, [quota(id, "10"), retry]);
}

export const badKey = invalid("API key not valid. Please pass a valid API key.", [
  info("API_KEY_INVALID"),
  {
    "@type": "type.googleapis.com/google.rpc.LocalizedMessage",
    locale: "en-US",
    message: "API key not valid. Please pass a valid API key.",
  },
]);

export const noKey = refusal(
  403,
  "PERMISSION_DENIED",
  "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form of API consumer identity to call this API.",
);

export const badToken = refusal(
  401,
  "UNAUTHENTICATED",
  "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.",
  [info("ACCESS_TOKEN_TYPE_UNSUPPORTED", { service: "aiplatform.googleapis.com" })],
);

export function noModel({ model, host, method, path }) {
  if (host === "studio") {
    const advice = "Call ListModels to see the list of available models and their supported methods.";
    const text = `models/${model} is not found for API version v1beta, or is not supported for ${method}. ${advice}`;
    return refusal(404, "NOT_FOUND", text);
  }
  const place = path.replace(/^\/v1(beta1)?\//, "").replace(/:\w+$/, "");
  const why = "was not found or your project does not have access to it.";
  return refusal(
    404,
    "NOT_FOUND",
    `Publisher Model \`${place}\` ${why} Please ensure you are using a valid model version.`,
  );
}

/** What the front end says of an address that is none. */
export const nowhere = [
  404,
  "<!DOCTYPE html><html lang=en><title>Error 404 (Not Found)!!1</title><p><b>404.</b> That’s an error.</html>",
];

/** By the words of a prompt: `do throttled`. */
export const refusals = {
  throttled: throttled("34.4s"),
  "throttled-by-tokens": throttled("7s", "GenerateContentInputTokensPerModelPerMinute-FreeTier"),
  "throttled-in-words": refusal(429, "RESOURCE_EXHAUSTED", "Quota exceeded. Please retry in 850ms."),
  daily: throttled("38s", "GenerateRequestsPerDayPerProjectPerModel-FreeTier"),
  "no-tier": refusal(
    429,
    "RESOURCE_EXHAUSTED",
    "Quota exceeded for metric: generativelanguage.googleapis.com/generate_content_free_tier_requests, limit: 0, model: gemini-3.1-pro\nPlease retry in 31.2s.",
  ),
  overloaded: refusal(503, "UNAVAILABLE", "The model is overloaded. Please try again later."),
  location: refusal(400, "FAILED_PRECONDITION", "User location is not supported for the API use."),
  billing: refusal(400, "FAILED_PRECONDITION", "Gemini API free tier is not available. Please enable billing."),
  forbidden: refusal(403, "PERMISSION_DENIED", "Your project has been denied access. Please contact support."),
  "too-long": invalid("The input token count (1200000) exceeds the maximum number of tokens allowed (1048576)."),
  "too-large": refusal(413, "INVALID_ARGUMENT", "Request payload size exceeds the limit: 20971520 bytes."),
  internal: refusal(500, "INTERNAL", "An internal error has occurred. Please retry."),
  late: refusal(504, "DEADLINE_EXCEEDED", "Deadline expired before operation could complete."),
  wrapped: [400, [{ error: { code: 400, message: "Wrapped in a list.", status: "INVALID_ARGUMENT" } }]],
  page: [502, "<html><title>Error 502 (Server Error)!!1</title></html>"],
};
