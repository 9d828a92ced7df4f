// The GATEWAY document as a table of wrangler.toml.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createTestHarness } from "wrangler";

const GATEWAY = {
  providers: { play: { kind: "demo" } },
  models: { "my-model": "play/demo" },
  clients: { team: { key: "$TEAM_KEY", models: ["my-*"] } },
};
const harness = createTestHarness({
  workers: [
    {
      configPath: new URL("../../wrangler.toml", import.meta.url),
      vars: { GATEWAY, LOG_LEVEL: "error" },
      secrets: { TEAM_KEY: "the-teams-key" },
    },
  ],
});
before(() => harness.listen());
after(() => harness.close());

test("a table of variables is the document", async () => {
  const answer = await harness.fetch("/v1/embeddings", {
    method: "POST",
    headers: { authorization: "Bearer the-teams-key" },
    body: JSON.stringify({ model: "my-model", input: "hello" }),
  });
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get("x-isthmus-target"), "play/demo");
});
