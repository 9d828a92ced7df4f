// The least a Worker can do: it forwards whatever comes, and looks at nothing.
export default {
  async fetch(request, env) {
    const { pathname, search } = new URL(request.url);
    const headers = { "content-type": "application/json", authorization: `Bearer ${env.OPENAI_API_KEY}` };
    return fetch(env.OPENAI_BASE_URL + pathname.slice("/v1".length) + search, { method: request.method, headers, body: request.body });
  },
};
