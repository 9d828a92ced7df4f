// Embeddings of the mock Google, in its three ways.
import { count, vector } from "./google-answers.mjs";
import { invalid, misshapen, refusal, refusals } from "./google-refusals.mjs";
import { read } from "./google-shape.mjs";

/** AI Studio's for many. */
export function batchEmbed(call) {
  const { value, violations } = read(call.json, "BatchEmbedContentsRequest", "studio");
  if (violations.length > 0) return misshapen(violations);
  const { requests = [] } = value;
  if (requests.length === 0) return invalid("* BatchEmbedContentsRequest.requests: requests is not specified\n");
  if (requests.length > 100)
    return invalid("* BatchEmbedContentsRequest.requests: at most 100 requests can be in one batch\n");
  const stranger = requests.find((request) => request.model !== `models/${call.target.name}`);
  if (stranger)
    return invalid(`* BatchEmbedContentsRequest.requests[0].model: model ${stranger.model} is not that of the batch\n`);
  const refused = requests.map((request) => objection(request, call.target)).find(Boolean);
  if (refused) return refused;
  call.sendJson(200, { embeddings: requests.map((request) => ({ values: valuesOf(request, call.target) })) });
}

/** One content: AI Studio's, and Vertex's for the models that take nothing else. */
export function embed(call) {
  const { value, violations } = read(call.json, "EmbedContentRequest", call.host);
  if (violations.length > 0) return misshapen(violations);
  if (call.host === "vertex" && call.target.only !== "embedContent") {
    return refusal(400, "FAILED_PRECONDITION", `Model ${call.target.name} does not support embedContent. Use predict.`);
  }
  const request = { ...value, ...value.embedContentConfig };
  const refused = objection(request, call.target);
  if (refused) return refused;
  const usageMetadata = call.host === "vertex" ? { usageMetadata: { promptTokenCount: count(textOf(request)) } } : {};
  call.sendJson(200, { embedding: { values: valuesOf(request, call.target) }, ...usageMetadata });
}

function objection({ content, outputDimensionality: dimensions }, { embeds }) {
  const said = textOf({ content });
  if (!said) return invalid("* EmbedContentRequest.content: contents is not specified\n");
  const isFine = dimensions === undefined || (dimensions >= 1 && dimensions <= embeds);
  if (!isFine) return invalid(`* EmbedContentRequest.output_dimensionality: must be in the range [1, ${embeds}]\n`);
  return ordered(said);
}

const textOf = ({ content }) => content?.parts?.map(({ text = "" }) => text).join("") ?? "";

function ordered(said) {
  const words = /^do (.+)$/.exec(said)?.[1];
  return Object.hasOwn(refusals, words) ? refusals[words] : undefined;
}

function valuesOf({ content, outputDimensionality: dimensions }, { name, embeds }) {
  const size = dimensions ?? embeds;
  return vector(textOf({ content }), size, size === embeds || name === "gemini-embedding-2");
}

/** Vertex's for the others. Its names are snake_case here. */
export function predict(call) {
  const { instances = [], parameters = {}, ...more } = call.json;
  const { name, batch = 1, only } = call.target;
  const stray = Object.keys(more)[0];
  if (stray)
    return misshapen([
      { field: "", description: `Invalid JSON payload received. Unknown name "${stray}": Cannot find field.` },
    ]);
  if (only !== "predict")
    return refusal(400, "FAILED_PRECONDITION", `Model ${name} does not support predict. Use embedContent.`);
  if (instances.length === 0) return invalid("Empty instances.");
  if (instances.length > batch)
    return invalid(`${instances.length} instance(s) is/are more than ${batch} instance(s) per prediction.`);
  if (tokens(instances) > 20_000)
    return invalid(
      `Unable to submit request because the input token count is ${tokens(instances)} but the model supports up to 20000.`,
    );
  if (instances.some((instance) => !isInstance(instance))) return invalid("Invalid instance.");
  const known = { outputDimensionality: "number", autoTruncate: "boolean" };
  if (Object.entries(parameters).some(([name, value]) => typeof value !== known[name]))
    return invalid("Invalid parameters.");
  const refused = instances.map(({ content }) => ordered(content)).find(Boolean);
  if (refused) return refused;
  call.sendJson(200, predictions(instances, parameters.outputDimensionality, call.target));
}

const tokens = (instances) => instances.reduce((sum, { content = "" }) => sum + count(content), 0);

function isInstance({ content, task_type = "", title = "", ...more }) {
  return content && [content, task_type, title].every((it) => typeof it === "string") && Object.keys(more).length === 0;
}

function predictions(instances, dimensions, { embeds }) {
  const size = dimensions ?? embeds;
  const each = instances.map(({ content }) => {
    const statistics = { truncated: false, token_count: count(content) };
    return { embeddings: { values: vector(content, size, size === embeds), statistics } };
  });
  return {
    predictions: each,
    metadata: { billableCharacterCount: instances.map(({ content }) => content).join("").length },
  };
}
