// What Google asks of a schema beyond its shape: of OpenAPI's subset (`parameters`, `responseSchema`) and of JSON
// Schema (`parametersJsonSchema`, `responseJsonSchema`). Each check gives Google's complaint, or undefined.

const deepest = 32;

/** Of OpenAPI's subset. `path` ends with the field's name. */
export function restricted(schema, path, host) {
  const { type, format, enum: values, properties, required, items, anyOf } = schema;
  if (anyOf && host === "vertex" && Object.keys(schema).length > 1) {
    return `${path}: When using any_of, it must be the only field set`;
  }
  if (type === undefined && !anyOf) return `${path}.type: schema didn't specify the schema type field`;
  if (type === "STRING" && format && !["enum", "date-time"].includes(format)) {
    return `${path}.format: only 'enum' and 'date-time' are supported for STRING type`;
  }
  if (values && type !== "STRING" && format !== "enum") return `${path}.enum: only allowed for STRING type`;
  const empty = values?.indexOf("") ?? -1;
  if (empty >= 0) return `${path}.enum[${empty}]: cannot be empty`;
  if (properties && Object.keys(properties).length === 0)
    return `${path}.properties: should be non-empty for OBJECT type`;
  if (type === "ARRAY" && !items) return `${path}.items: missing field`;
  const stray = required?.findIndex((name) => !Object.hasOwn(properties ?? {}, name)) ?? -1;
  if (stray >= 0) return `${path}.required[${stray}]: property is not defined`;
  return first([
    ...Object.entries(properties ?? {}).map(
      ([name, it]) =>
        () =>
          restricted(it, `${path}.properties[${name}]`, host),
    ),
    ...(anyOf ?? []).map((it, i) => () => restricted(it, `${path}.any_of[${i}]`, host)),
    ...(items ? [() => restricted(items, `${path}.items`, host)] : []),
  ]);
}

/** Of a tool: what it is called with is an object. */
export function parameters(schema, path, host) {
  if (schema.type !== "OBJECT") return notAnObject(path);
  if (!schema.properties) return `${path}.properties: should be non-empty for OBJECT type`;
  return restricted(schema, path, host);
}

/** Of JSON Schema. What it does not know is ignored there. */
export function json(schema, path) {
  return node(schema, { root: schema, path, depth: 0 });
}

export function jsonParameters(schema, path) {
  const root = schema?.$ref ? target(schema.$ref, schema) : schema;
  if (typeof root !== "object" || (root.type ?? "object") !== "object") return notAnObject(path);
  if (Object.keys(root.properties ?? {}).length === 0 && !("additionalProperties" in root)) {
    return `${path}.properties: should be non-empty for OBJECT type`;
  }
  return json(schema, path);
}

const notAnObject = (path) => `${path}: functionDeclaration parameters schema should be of type OBJECT.`;

function node(schema, { root, path, depth }) {
  if (typeof schema === "boolean") return undefined;
  if (depth > deepest)
    return `${path}: A schema in GenerationConfig in the request exceeds the maximum allowed nesting depth.`;
  if (typeof schema !== "object" || schema === null || Array.isArray(schema)) return `${path}: is no schema`;
  if ("$ref" in schema) return reference(schema, root, path);
  const below = (it, name) => () => node(it, { root, path: `${path}.${name}`, depth: depth + 1 });
  const { properties = {}, $defs = {}, items, anyOf = [], oneOf = [], prefixItems = [] } = schema;
  const type = [schema.type ?? []].flat().find((name) => !types.includes(name));
  if (type !== undefined) return `${path}.type: unknown type ${JSON.stringify(type)}`;
  return first([
    ...[properties, $defs].flatMap(Object.entries).map(([name, it]) => below(it, name)),
    ...[...anyOf, ...oneOf, ...prefixItems].map((it, i) => below(it, i)),
    ...[items ?? []].flat().map((it) => below(it, "items")),
  ]);
}

const types = ["string", "number", "integer", "boolean", "array", "object", "null"];

function reference(schema, root, path) {
  const { $ref } = schema;
  const beside = Object.keys(schema).find(
    (name) => !name.startsWith("$") && !["description", "default"].includes(name),
  );
  if (beside) {
    const why = "If a schema node has $ref set, then only description and default can be set alongside it";
    return `${path}: $ref '${$ref}' was set alongside unsupported fields. ${why}`;
  }
  return target($ref, root) === undefined ? `${path}: $ref '${$ref}' could not be resolved` : undefined;
}

/** Only definitions can be referred to. */
function target(ref, root) {
  const name = /^#\/\$defs\/([^/]+)$/.exec(ref)?.[1];
  return name === undefined ? undefined : root.$defs?.[decodeURIComponent(name)];
}

/** Whether an answer can be bound to it: a schema with very many things that may be left out cannot. */
export function hasTooManyStates(schema) {
  const { properties = {}, required = [] } = schema ?? {};
  return Object.keys(properties).length - required.length > 100;
}

/** Something that is like the schema: where it holds itself, it is soon empty. */
export function sample(schema, root = schema, depth = 0) {
  const below = (it) => sample(it, root, depth + 1);
  if (schema?.$ref) return below(target(schema.$ref, root));
  if (schema?.enum) return schema.enum[0];
  if (schema && "const" in schema) return schema.const;
  const any = schema?.anyOf ?? schema?.oneOf;
  if (any) return below(any.find((it) => it.type !== "null"));
  const type = [schema?.type].flat()[0]?.toLowerCase();
  if (type === "object") {
    const made = Object.entries(schema.properties ?? {}).map(([name, it]) => [name, below(it)]);
    return Object.fromEntries(made);
  }
  if (type === "array") return depth > 4 ? [] : [below(schema.items)];
  return { string: "Paris", number: 1.5, integer: 3, boolean: true, null: null }[type] ?? "Paris";
}

/** The first complaint of some checks. */
export function first(checks) {
  for (const check of checks) {
    const complaint = check();
    if (complaint) return complaint;
  }
  return undefined;
}
