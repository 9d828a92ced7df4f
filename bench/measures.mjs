// What is measured, and what becomes of several rounds of it.

export const SCENARIOS = {
  json: { kind: "json", bodyBytes: 2048, connections: 16, requests: 3000 },
  alone: { kind: "json", bodyBytes: 2048, connections: 1, requests: 600 },
  large: { kind: "json", bodyBytes: 102_400, connections: 16, requests: 600 },
  brief: { kind: "brief", bodyBytes: 2048, connections: 1, requests: 60 },
  firstByte: { kind: "burst", bodyBytes: 2048, connections: 1, requests: 100 },
  burst: { kind: "burst", bodyBytes: 2048, connections: 8, requests: 200 },
  paced: { kind: "paced", bodyBytes: 2048, connections: 8, requests: 64 },
  azure: { kind: "azure", bodyBytes: 2048, connections: 8, requests: 200 },
  azureNative: { kind: "azure-native", bodyBytes: 2048, connections: 8, requests: 200 },
  azureGateway: { kind: "azure-gateway", bodyBytes: 2048, connections: 8, requests: 200 },
  azureAsync: { kind: "azure-async", bodyBytes: 2048, connections: 8, requests: 100 },
  geminiEach: { kind: "gemini-each", bodyBytes: 2048, connections: 8, requests: 100 },
  geminiBurst: { kind: "gemini-burst", bodyBytes: 2048, connections: 8, requests: 200 },
  geminiPaced: { kind: "gemini-paced", bodyBytes: 2048, connections: 8, requests: 64 },
  geminiBrief: { kind: "gemini-brief", bodyBytes: 2048, connections: 1, requests: 60 },
  geminiJson: { kind: "gemini-json", bodyBytes: 2048, connections: 16, requests: 1500 },
  geminiAlone: { kind: "gemini-json", bodyBytes: 2048, connections: 1, requests: 600 },
  models: { kind: "models", connections: 1, requests: 600 },
  limitedAlone: { kind: "limited-json", bodyBytes: 2048, connections: 1, requests: 600 },
  limited: { kind: "limited-json", bodyBytes: 2048, connections: 16, requests: 1500 },
  counted: { kind: "counted", bodyBytes: 2048, connections: 8, requests: 200 },
  limitedAsked: { kind: "counted-limited-asked", bodyBytes: 2048, connections: 8, requests: 200 },
  limitedUnasked: { kind: "counted-limited-unasked", bodyBytes: 2048, connections: 8, requests: 200 },
  asGeminiEach: { kind: "as-gemini-each", bodyBytes: 2048, connections: 8, requests: 100 },
  asGeminiBurst: { kind: "as-gemini-burst", bodyBytes: 2048, connections: 8, requests: 200 },
  asGeminiPaced: { kind: "as-gemini-paced", bodyBytes: 2048, connections: 8, requests: 64 },
};

// Google's language is spoken by few: those who do not are not asked.
export const IS_GEMINI = /^gemini/;

// And those with limits.
export const IS_LIMITED = /limited/;

const LIMITED = "JSON, 1 connection, under limits: p50 more than without";
const HEAD = "  over the very stream passed natively";

// label, unit, how many digits, and the value from a round of one variant, undefined where it has none.
export const MEASURES = [
  ["JSON, 16 connections: p50", "ms", 2, ({ json }) => json.total.p50],
  ["JSON, 16 connections: p99", "ms", 2, ({ json }) => json.total.p99],
  ["JSON, 16 connections: requests per second", "1/s", 0, ({ json }) => json.rps],
  ["JSON, 16 connections: CPU per request", "us", 1, ({ json }) => json.cpu],
  ["JSON, 1 connection: p50", "ms", 3, ({ alone }) => alone.total.p50],
  ["JSON, 100 KB request: p50", "ms", 2, ({ large }) => large.total.p50],
  ["JSON, 100 KB request: CPU per request", "us", 1, ({ large }) => large.cpu],
  ["10 chunks 1 ms apart, 1 connection: first byte p50", "ms", 3, ({ brief }) => brief.first.p50],
  ["10 chunks 1 ms apart, 1 connection: first byte p99", "ms", 3, ({ brief }) => brief.first.p99],
  ["200 chunks, 1 connection: first byte p50", "ms", 3, ({ firstByte }) => firstByte.first.p50],
  ["200 chunks, 1 connection: first byte p99", "ms", 3, ({ firstByte }) => firstByte.first.p99],
  ["200 chunks, 1 connection: whole p50", "ms", 2, ({ firstByte }) => firstByte.total.p50],
  ["200 chunks, 8 connections: CPU per stream", "us", 0, ({ burst }) => burst.cpu],
  ["200 chunks, 8 connections: CPU per chunk", "us", 2, ({ burst }) => burst.cpu && burst.cpu / 200],
  ["100 chunks 1 ms apart: first byte p50", "ms", 3, ({ paced }) => paced.first.p50],
  ["100 chunks 1 ms apart: CPU per stream", "us", 0, ({ paced }) => paced.cpu],
  ["100 chunks 1 ms apart: CPU per chunk", "us", 2, ({ paced }) => paced.cpu && paced.cpu / 100],
  ["Azure's 200 chunks, head repaired: CPU per stream", "us", 0, ({ azure }) => azure.cpu],
  [HEAD, "x", 2, overNative("azure")],
  ["  with its end watched, behind a gateway", "x", 2, overNative("azureGateway")],
  ["  asynchronous filter, all looked at", "x", 2, overNative("azureAsync")],
  ["Google's 200 chunks, one by one: CPU per stream", "us", 0, ({ geminiEach }) => geminiEach.cpu],
  ["  over its translation passed natively", "x", 2, overPassed("Each")],
  ["Google's 200 chunks in a burst: CPU per stream", "us", 0, ({ geminiBurst }) => geminiBurst.cpu],
  ["Google's 100 chunks 1 ms apart: CPU per stream", "us", 0, ({ geminiPaced }) => geminiPaced.cpu],
  ["  over its translation passed natively, 1 ms apart", "x", 2, overPassed("Paced")],
  ["Google's 10 chunks 1 ms apart: first byte p50", "ms", 3, ({ geminiBrief }) => geminiBrief.first.p50],
  ["Google's JSON, 1 connection: p50", "ms", 3, ({ geminiAlone }) => geminiAlone.total.p50],
  ["Google's JSON, 16 connections: CPU per request", "us", 1, ({ geminiJson }) => geminiJson.cpu],
  ["List of 500 models, kept, 1 connection: p50", "ms", 3, ({ models }) => models.total.p50],
  [LIMITED, "ms", 3, ({ alone, limitedAlone }) => limitedAlone.total.p50 - alone.total.p50],
  ["JSON, 16 connections, under limits: CPU over that without", "x", 2, ({ json, limited }) => limited.cpu && limited.cpu / json.cpu],
  ["200 chunks, tokens counted, usage asked for: CPU over the same uncounted", "x", 2, overUncounted("limitedAsked")],
  ["  not asked for: all looked at, its chunk left out", "x", 2, overUncounted("limitedUnasked")],
  ["cold: process start to first answer", "ms", 1, ({ cold }) => cold?.start],
  ["cold: first request less the second", "ms", 2, ({ cold }) => cold?.extra],
];

// The same Worker's CPU for a stream of Azure's, by that for the same events where nothing is to be repaired.
function overNative(scenario) {
  return (round) => round[scenario].cpu && round[scenario].cpu / round.azureNative.cpu;
}

// The same Worker's CPU for a stream whose tokens count, by that for a client without limits.
function overUncounted(scenario) {
  return (round) => round[scenario].cpu && round[scenario].cpu / round.counted.cpu;
}

// The same Worker's CPU for a stream of Google's, by that for the events it becomes where those come from a server of
// OpenAI's.
function overPassed(kind) {
  return (round) => round[`asGemini${kind}`]?.cpu && round[`gemini${kind}`].cpu / round[`asGemini${kind}`].cpu;
}

// What Isthmus is to reach, against the twin.
export const GOALS = [
  ["200 chunks, 8 connections: CPU per stream", "ratio", 1.15],
  ["200 chunks, 8 connections: CPU per stream", "value", 2000],
  ["100 chunks 1 ms apart: CPU per chunk", "ratio", 1.15],
  ["JSON, 16 connections: CPU per request", "ratio", 1.3],
  [HEAD, "value", 1.3],
  ["10 chunks 1 ms apart, 1 connection: first byte p50", "difference", 0.2],
  ["Google's 200 chunks, one by one: CPU per stream", "ratio", 1],
  ["Google's 200 chunks in a burst: CPU per stream", "ratio", 1],
  ["Google's 100 chunks 1 ms apart: CPU per stream", "ratio", 1],
  ["Google's 10 chunks 1 ms apart: first byte p50", "difference", 0.5],
  ["Google's JSON, 1 connection: p50", "difference", 0.3],
  ["List of 500 models, kept, 1 connection: p50", "ratio", 1],
  [LIMITED, "value", 0.1],
];

// rounds: one { variant: numbers } each. Ratios and differences to the reference are taken inside a round, where
// the machine was the same for both; the median is taken last.
export function summarise(rounds, reference) {
  const summary = {};
  for (const [label, unit, digits, value] of MEASURES) {
    const row = (summary[label] = { unit, digits, variants: {} });
    for (const variant of Object.keys(rounds[0])) {
      const pairs = rounds.map((round) => [value(round[variant]), value(round[reference])]);
      if (pairs.some(([own]) => !Number.isFinite(own))) continue;
      row.variants[variant] = {
        value: median(pairs.map(([own]) => own)),
        ratio: median(pairs.map(([own, other]) => own / other)),
        difference: median(pairs.map(([own, other]) => own - other)),
      };
    }
  }
  return summary;
}

export function table(summary, sizes, variants, reference) {
  const titles = variants.flatMap((variant) => (variant === reference ? [variant] : [variant, ""]));
  const measured = Object.entries(summary).filter(([, { variants: of }]) => Object.keys(of).length > 0);
  const rows = measured.map(([label, { unit, digits, variants: of }]) => [
    `${label} (${unit})`,
    ...variants.flatMap((variant) => {
      const value = of[variant]?.value.toFixed(digits) ?? "";
      return variant === reference ? [value] : [value, Number.isFinite(of[variant]?.ratio) ? `x${of[variant].ratio.toFixed(2)}` : ""];
    }),
  ]);
  const lines = align([["", ...titles], ...rows]);
  for (const [variant, { raw, gzip }] of Object.entries(sizes)) {
    lines.push(`size of ${variant}: ${(raw / 1024).toFixed(1)} KB, ${(gzip / 1024).toFixed(1)} KB with gzip -9`);
  }
  return lines.join("\n");
}

export function verdicts(summary, variant) {
  const measured = GOALS.filter(([label]) => variant in summary[label].variants);
  return measured.map(([label, by, limit]) => {
    const { unit, variants } = summary[label];
    const reached = variants[variant][by];
    const sign = by === "ratio" ? "x" : "";
    const what = { ratio: "of the twin", difference: `${unit} more than the twin`, value: unit }[by];
    return `${reached <= limit ? "reached" : "MISSED "}  ${label}: ${sign}${reached.toFixed(2)} ${what}, goal ${sign}${limit}`;
  }).join("\n");
}

function align(rows) {
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].length)));
  return rows.map((row) => row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join("  "));
}

function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
