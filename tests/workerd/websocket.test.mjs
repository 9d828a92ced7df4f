// A WebSocket goes through the gateway as it is: its protocol, its messages, its end.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import http from "node:http";
import { once } from "node:events";
import { after, before, test } from "node:test";
import { startWorker } from "./worker.mjs";

const upgrades = [];
let server;
let worker;

before(async () => {
  server = http.createServer().on("upgrade", shakeHands);
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

// As much of RFC 6455 as the test needs: one short text frame is answered by another.
function shakeHands(request, socket) {
  upgrades.push({ url: request.url, headers: request.headers });
  const key = `${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
  const accept = createHash("sha1").update(key).digest("base64");
  const lines = [
    "HTTP/1.1 101 Switching Protocols",
    "upgrade: websocket",
    "connection: Upgrade",
    `sec-websocket-accept: ${accept}`,
    "sec-websocket-protocol: realtime",
  ];
  socket.write(`${lines.join("\r\n")}\r\n\r\n`);
  socket.on("error", () => {});
  socket.on("data", (frame) => {
    if ((frame[0] & 0x0f) !== 1) return socket.end(Buffer.from([0x88, 0]));
    const mask = frame.subarray(2, 6);
    const text = frame.subarray(6).map((byte, i) => byte ^ mask[i % 4]);
    const answer = Buffer.from(`${Buffer.from(text)}, too`);
    return socket.write(Buffer.concat([Buffer.from([0x81, answer.length]), answer]));
  });
}
