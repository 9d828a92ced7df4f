// A WebSocket goes through the gateway as it is: its protocol, its messages, its end.
import assert from "node:assert/strict";
import http from "node:http";
import { once } from "node:events";
import { after, before, test } from "node:test";
import { shakeHands } from "./handshake.mjs";
import { startWorker } from "./worker.mjs";

const upgrades = [];
let server;
let worker;

before(async () => {
  server = http.createServer().on("upgrade", (request, socket) => {
    upgrades.push({ url: request.url, headers: request.headers });
    shakeHands(request, socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const vars = {
    OPENAI_BASE_URL: `http://127.0.0.1:${server.address().port}/v1`,
    OPENAI_API_KEY: "key-of-the-upstream",
    PROXY_API_KEYS: "key-of-a-client",
  };
  worker = await startWorker({ vars });
});
after(async () => {
  await worker?.stop();
  server.closeAllConnections();
  server.close();
});

test("messages pass both ways, under the client's protocol, and its key stays behind", async () => {
  const url = `${worker.url.replace("http", "ws")}/v1/realtime?model=m`;
  const socket = new WebSocket(url, ["realtime", "openai-insecure-api-key.key-of-a-client"]);
  await once(socket, "open");
  assert.equal(socket.protocol, "realtime");
  socket.send("hello");
  const [{ data }] = await once(socket, "message");
  assert.equal(data, "hello, too");
  socket.close();
  await once(socket, "close");

  const [{ url: asked, headers }] = upgrades;
  assert.equal(asked, "/v1/realtime?model=m");
  assert.equal(headers.authorization, "Bearer key-of-the-upstream");
  assert.equal(headers["sec-websocket-protocol"], "realtime");
});

test("a stranger's is refused", async () => {
  const answer = await fetch(`${worker.url}/v1/realtime?model=m`);
  assert.equal(answer.status, 401);
});
