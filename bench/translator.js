// What a careful person writes by hand to serve Gemini's text to OpenAI's clients, and no more: one stage, nothing but
// text, roles and the reason to stop. The measure for what has to be translated.
export async function translate({ model, messages, stream, temperature }, env) {
  const contents = messages.map(({ role, content }) => ({
    role: role === "assistant" ? "model" : "user",
    parts: [{ text: content }],
  }));
  const method = stream ? "streamGenerateContent?alt=sse" : "generateContent";
  const answer = await fetch(`${env.GOOGLE_AI_STUDIO_ENDPOINT}/v1beta/models/${model}:${method}`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-goog-api-key": env.GOOGLE_AI_STUDIO_API_KEY },
    body: JSON.stringify({ contents, generationConfig: { temperature } }),
  });
  const created = Math.floor(Date.now() / 1000);
  if (!stream) return Response.json(completion(await answer.json(), created));
  const headers = { "content-type": "text/event-stream", "cache-control": "no-cache" };
  return new Response(answer.body.pipeThrough(new TransformStream(translation(created))), { headers });
}

function translation(created) {
  const decoder = new TextDecoder();
  const encoder = new TextEncoder();
  let carry = "";
  let begun = false;
  let finish = "stop";
  let head;
  const event = (delta, reason) =>
    `data: ${JSON.stringify({ ...head, choices: [{ index: 0, delta, logprobs: null, finish_reason: reason }] })}\n\n`;
  return {
    transform(chunk, controller) {
      const events = (carry + decoder.decode(chunk, { stream: true })).split("\r\n\r\n");
      carry = events.pop();
      let out = "";
      for (const text of events) {
        const { candidates, responseId, modelVersion } = JSON.parse(text.slice("data: ".length));
        head ??= { id: `chatcmpl-${responseId}`, object: "chat.completion.chunk", created, model: modelVersion };
        if (!begun) out += event({ role: "assistant", content: "", refusal: null }, null);
        begun = true;
        const [candidate] = candidates;
        const said = candidate.content?.parts?.map((part) => part.text).join("") ?? "";
        if (said) out += event({ content: said }, null);
        if (candidate.finishReason === "MAX_TOKENS") finish = "length";
      }
      if (out) controller.enqueue(encoder.encode(out));
    },
    flush(controller) {
      controller.enqueue(encoder.encode(`${event({}, finish)}data: [DONE]\n\n`));
    },
  };
}

function completion({ candidates: [candidate], usageMetadata: usage, responseId, modelVersion }, created) {
  const content = candidate.content.parts.map((part) => part.text).join("");
  return {
    id: `chatcmpl-${responseId}`,
    object: "chat.completion",
    created,
    model: modelVersion,
    choices: [{ index: 0, message: { role: "assistant", content, refusal: null }, logprobs: null, finish_reason: "stop" }],
    usage: {
      prompt_tokens: usage.promptTokenCount,
      completion_tokens: usage.candidatesTokenCount,
      total_tokens: usage.totalTokenCount,
    },
  };
}
