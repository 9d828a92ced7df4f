// The models of the mock Google, as data: what each can do, and what it refuses.

const everyLevel = ["minimal", "low", "medium", "high"];
const fromLow = ["low", "medium", "high"];
const chat = ["generateContent", "countTokens", "createCachedContent", "batchGenerateContent"];
const embedding = ["embedContent", "countTextTokens", "countTokens", "asyncBatchEmbedContent"];

/**
 *   version   of Gemini: what holds since a version is asked of this number; none: another family
 *   levels    of thinking; `budget`: of the models that count tokens instead
 *   hosts     where it is served, if not at both
 */
const models = {
  "gemini-3.8-flash": { version: 3.8, levels: fromLow },
  "gemini-3.7-flash": { version: 3.7, levels: fromLow },
  "gemini-3.6-flash": { version: 3.6, levels: everyLevel },
  "gemini-3.5-flash": { version: 3.5, levels: everyLevel },
  "gemini-3.5-flash-lite": { version: 3.5, levels: everyLevel },
  "gemini-3.1-flash-lite": { version: 3.1, levels: everyLevel },
  "gemini-3.1-pro-preview": { version: 3.1, levels: fromLow },
  "gemini-3-flash-preview": { version: 3, levels: everyLevel },
  "gemini-flash-latest": { version: 3.8, levels: fromLow },
  "gemini-flash-lite-latest": { version: 3.5, levels: everyLevel },
  "gemini-pro-latest": { version: 3.1, levels: fromLow },
  "gemini-2.5-pro": { version: 2.5, budget: { least: 128, most: 32768 } },
  "gemini-2.5-flash": { version: 2.5, budget: { least: 0, most: 24576 } },
  "gemini-2.5-flash-lite": { version: 2.5, budget: { least: 512, most: 24576, mayBeNone: true } },
  // One nobody has heard of: no instructions, and no thinking below the middle.
  "gemini-4-stubborn": { version: 4, levels: ["medium", "high"], noInstruction: true },
  "gemma-4-31b-it": { levels: everyLevel, noInstruction: true, hosts: ["studio"] },
  "gemma-3-27b-it": { noInstruction: true, noTools: true, noJson: true, hosts: ["studio"] },
  "gemini-3.1-flash-image": { version: 3.1, image: "jpeg", levels: everyLevel, noTools: true, noJson: true },
  "gemini-3-pro-image": { version: 3, image: "jpeg", levels: everyLevel, noTools: true, noJson: true },
  "gemini-2.5-flash-image": { version: 2.5, image: "png", noTools: true, noJson: true },
  "gemini-3.1-flash-tts-preview": { version: 3.1, speaks: true },
  "gemini-2.5-flash-preview-tts": { version: 2.5, speaks: true, hosts: ["studio"] },
  "gemini-2.5-flash-tts": { version: 2.5, speaks: true, hosts: ["vertex"] },
  "gemini-embedding-001": { embeds: 3072, only: "predict" },
  "gemini-embedding-2": { embeds: 3072, only: "embedContent" },
  "text-embedding-005": { embeds: 768, only: "predict", hosts: ["vertex"], batch: 250 },
};

/** A model as a host has it; undefined if it does not. */
export function model(name, host) {
  if (!Object.hasOwn(models, name)) return undefined;
  const { hosts = ["studio", "vertex"], ...abilities } = models[name];
  if (!hosts.includes(host)) return undefined;
  return { name, version: 0, ...abilities, isGemini: name.startsWith("gemini-") };
}

/** Gemini since a version. */
export function isSince({ isGemini, version }, least) {
  return isGemini && version >= least;
}

/** As AI Studio describes it. */
export function described(name) {
  const { embeds, levels, budget } = models[name];
  const limits = { inputTokenLimit: embeds ? 2048 : 1048576, outputTokenLimit: embeds ? 1 : 65536 };
  const thinking = levels || budget ? { thinking: true } : {};
  const supportedGenerationMethods = embeds ? embedding : chat;
  return {
    name: `models/${name}`,
    version: "001",
    displayName: name,
    ...limits,
    supportedGenerationMethods,
    ...thinking,
  };
}

export function names(host) {
  return Object.keys(models).filter((name) => model(name, host));
}
