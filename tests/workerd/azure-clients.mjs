// What programs for Azure OpenAI are tested against: a Worker before each kind of upstream, and what its deployments
// are called there.
import { greeting, pictures } from "./google-answers.mjs";
import { sound } from "./answers.mjs";
import * as azures from "./azure.mjs";
import * as googles from "./google.mjs";
import { startUpstream } from "./upstream.mjs";
import { startWorker } from "./worker.mjs";

export const clientKey = "key-of-a-client";
/** Brought by the clients; the Worker before Azure is set to another. */
export const version = "2025-03-01-preview";

/**
 *   start      the mock, and the variables of a Worker before it
 *   names      of the deployments, by what they are for
 *   greeting   what a chat answers
 *   picture    what is drawn
 *   serves     responses and files, which Google has not
 */
const kinds = {
  openai: {
    start: async () => {
      const upstream = await startUpstream();
      const vars = { OPENAI_BASE_URL: upstream.url, OPENAI_API_KEY: "key-of-the-owner", PROXY_API_KEYS: clientKey };
      return [upstream, vars];
    },
    names: { chat: "m", embeddings: "m", images: "m", speech: "m", transcription: "m", missing: "status-404" },
    greeting: "Hello, world!",
    picture: Buffer.from("img"),
    serves: true,
  },
  azure: {
    start: async () => {
      const azure = await azures.startAzure();
      return [azure, azures.variables(azure, { api_version: "2024-06-01" })];
    },
    names: {
      chat: "gpt-4o",
      embeddings: "text-embedding-3-small",
      images: "gpt-image-1",
      speech: "tts",
      transcription: "whisper",
      missing: "nowhere",
    },
    greeting: "Hello, world!",
    picture: sound,
    serves: true,
  },
  google: {
    start: async () => {
      const google = await googles.startGoogle();
      return [google, googles.variables(google)];
    },
    names: {
      chat: "gemini-2.5-flash",
      embeddings: "gemini-embedding-001",
      images: "gemini-2.5-flash-image",
      speech: "gemini-2.5-flash-preview-tts",
      transcription: "gemini-2.5-flash",
      missing: "gemini-0-none",
    },
    greeting,
    picture: pictures.png,
    serves: false,
  },
};

export const behind = Object.keys(kinds);

export async function startAll() {
  const started = await Promise.all(
    behind.map(async (kind) => {
      const { start, ...about } = kinds[kind];
      const [upstream, vars] = await start();
      return [kind, { ...about, upstream, worker: await startWorker({ vars }) }];
    }),
  );
  return Object.fromEntries(started);
}

export async function stopAll(all) {
  const each = Object.values(all ?? {});
  await Promise.all(each.map(({ worker }) => worker.stop()));
  await Promise.all(each.map(({ upstream }) => upstream.stop()));
  return each.flatMap(({ upstream }) => upstream.complaints ?? []);
}
