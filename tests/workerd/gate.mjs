// Streams that fail before, at, or after their first output, by model:
//
//   stalls    a role, then nothing but comments
//   errs      a role, then an error
//   breaks    a role, then the connection is reset
//   ends      a role, then the end
//   odd       what no two servers write alike, and a lot of it
//   words     a role, then a word at each release
//   halves    a role and a word, then an event in two halves, at two releases
//   held      the same as words, its headers after a release
//   busy      429 after a release
//   whole     a whole answer after a release
const data = (value) => `data: ${JSON.stringify(value)}\n\n`;

export function chunk(delta, finish_reason = null) {
  const choices = [{ index: 0, delta, finish_reason }];
  return data({ id: "c", object: "chat.completion.chunk", created: 1, model: "m", choices });
}

export const role = chunk({ role: "assistant", content: "" });
export const done = "data: [DONE]\n\n";
const error = { message: "Overloaded.", type: "server_error", param: null, code: "overloaded" };

const begin = (call, text = role) => {
  call.beginEvents();
  call.response.write(text);
};

const streams = {
  stalls: (call) => {
    begin(call);
    const timer = setInterval(() => call.response.write(": working\n\n"), 100);
    call.response.on("close", () => clearInterval(timer));
  },
  errs: (call) => {
    begin(call);
    call.response.write(data({ error }));
  },
  breaks: async (call) => {
    begin(call);
    await new Promise((resolve) => setTimeout(resolve, 50));
    call.reset();
  },
  ends: (call) => {
    begin(call);
    call.response.end();
  },
  odd: (call) => {
    begin(call, `\u{feff}: odd\r\n\r\nid: 1\r\ndata:{"choices" : []}\r\n\r\n${role}`);
    const words = Array.from({ length: 2000 }, (_, i) => chunk({ content: `wörd ${i} `.repeat(20) }));
    call.response.end(`${words.join("")}event: x\rdata: 1\r\r${done}`);
  },
  words: async (call) => {
    begin(call);
    for (const content of ["one", "two", "three"]) {
      await call.leave();
      call.response.write(chunk({ content }));
    }
    await call.leave();
    call.response.end(done);
  },
  halves: async (call) => {
    const event = chunk({ content: "two" });
    begin(call, role + chunk({ content: "one" }));
    await call.leave();
    call.response.write(event.slice(0, 30));
    await call.leave();
    call.response.end(event.slice(30) + done);
  },
  held: async (call) => {
    await call.leave();
    return streams.words(call);
  },
  busy: async (call) => {
    await call.leave();
    call.sendJson(429, { error: { message: "Busy.", type: "requests", param: null, code: "rate_limit_exceeded" } });
  },
  whole: async (call) => {
    await call.leave();
    const message = { role: "assistant", content: "all of it" };
    const choices = [{ index: 0, message, finish_reason: "stop" }];
    call.sendJson(200, { id: "c", object: "chat.completion", created: 1, model: "m", choices });
  },
};

export const behaviour = (call) => streams[call.model];
