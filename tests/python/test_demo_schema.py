"""The demo provider's answers against the types of the `openai` package, strictly.

    python test_demo_schema.py http://127.0.0.1:8787/v1 [API_KEY]

Needs a running Worker that answers from the demo, and `pip install openai`. Every answer and every streamed
chunk is validated as JSON in pydantic's strict mode: nothing required is missing, nothing is coerced. Raw HTTP
is used because the SDK itself builds its types without validating them; a last round then uses the SDK.
Prints a line per check and exits with 1 if one failed.
"""

import base64
import json
import math
import os
import struct
import sys
import urllib.error
import urllib.request

import openai
from openai.types import Completion, CreateEmbeddingResponse, Model
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import BaseModel, TypeAdapter

BASE = sys.argv[1].rstrip("/") if len(sys.argv) > 1 else "http://127.0.0.1:8787/v1"
KEY = sys.argv[2] if len(sys.argv) > 2 else os.environ.get("OPENAI_API_KEY", "none")
STREAM_EVENT = TypeAdapter(ResponseStreamEvent)
failures = 0


def check(name, test):
    global failures
    try:
        test()
        print(f"ok    {name}")
    except Exception as error:  # whatever went wrong is the report
        failures += 1
        print(f"FAIL  {name}: {type(error).__name__}: {error}")


def request(path, body=None):
    """Status, content type and body of a raw request."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"authorization": f"Bearer {KEY}", "content-type": "application/json"}
    try:
        with urllib.request.urlopen(urllib.request.Request(f"{BASE}/{path}", data, headers)) as answer:
            return answer.status, answer.headers["content-type"], answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers["content-type"], error.read().decode()


def strict(kind, text):
    """The text as that type, or an exception."""
    adapter = kind if isinstance(kind, TypeAdapter) else TypeAdapter(kind)
    value = adapter.validate_json(text, strict=True)
    assert isinstance(value, BaseModel)
    return value


def answer(kind, path, body):
    status, content_type, text = request(path, body)
    assert status == 200, f"{status}: {text}"
    assert content_type.startswith("application/json"), content_type
    return strict(kind, text)


def events(path, body):
    """The `(event, data)` pairs of a stream, which must end with [DONE]."""
    status, content_type, text = request(path, {**body, "stream": True})
    assert status == 200, f"{status}: {text}"
    assert content_type.startswith("text/event-stream"), content_type
    pairs = []
    for block in text.rstrip("\n").split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.split("\n"))
        pairs.append((fields.get("event"), fields["data"]))
    assert pairs.pop()[1] == "[DONE]"
    return pairs


def refused(path, body, param):
    status, _, text = request(path, body)
    error = json.loads(text)["error"]
    assert status == 400 and error["param"] == param, f"{status}: {text}"
    assert error["type"] == "invalid_request_error" and error["message"], text


SCHEMA = {
    "$defs": {
        "Node": {
            "type": "object",
            "properties": {
                "name": {"type": "string", "minLength": 8},
                "next": {"anyOf": [{"$ref": "#/$defs/Node"}, {"type": "null"}]},
            },
            "required": ["name", "next"],
            "additionalProperties": False,
        }
    },
    "type": "object",
    "properties": {
        "node": {"$ref": "#/$defs/Node"},
        "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]},
        "day": {"type": "string", "format": "date"},
        "count": {"type": "integer", "exclusiveMinimum": 10},
        "tags": {"type": "array", "items": {"type": "string"}, "minItems": 2},
    },
    "required": ["node", "unit", "day", "count", "tags"],
    "additionalProperties": False,
}


def fits_schema(text):
    """SCHEMA, by hand."""
    value = json.loads(text)
    assert set(value) == set(SCHEMA["required"]), value
    assert value["unit"] in ("celsius", "fahrenheit") and value["count"] > 10, value
    assert len(value["tags"]) >= 2 and all(isinstance(tag, str) for tag in value["tags"]), value
    assert len(value["day"].split("-")) == 3, value
    node = value["node"]
    while node is not None:
        assert set(node) == {"name", "next"} and len(node["name"]) >= 8, node
        node = node["next"]


HELLO = {"model": "demo", "messages": [{"role": "user", "content": "Hello, who is there?"}]}
FUNCTION = {"name": "weather", "description": "Tells the weather.", "parameters": SCHEMA}
TOOLS = {"tools": [{"type": "function", "function": FUNCTION}]}
FORMAT = {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": SCHEMA}}
PARTS = [
    {"type": "text", "text": "Look and listen."},
    {"type": "image_url", "image_url": {"url": "data:image/png;base64,"}},
    {"type": "input_audio", "input_audio": {"data": "", "format": "wav"}},
    {"type": "file", "file": {"file_id": "file-1"}},
]
RESULT = [
    *HELLO["messages"],
    {"role": "assistant", "content": None, "tool_calls": [{"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": "{}"}}]},
    {"role": "tool", "tool_call_id": "call_1", "content": "Sunny"},
]
CHATS = {
    "text": {},
    "stop": {"stop": "who"},
    "length": {"max_completion_tokens": 3},
    "three choices": {"n": 3},
    "usage": {"stream_options": {"include_usage": True}},
    "logprobs": {"logprobs": True, "top_logprobs": 2},
    "parts": {"messages": [{"role": "user", "content": PARTS}]},
    "json object": {"response_format": {"type": "json_object"}},
    "json schema": {"response_format": FORMAT},
    "required tool": {**TOOLS, "tool_choice": "required", "n": 2},
    "named tool": {**TOOLS, "tool_choice": {"type": "function", "function": {"name": "weather"}}},
    "free tool": {**TOOLS, "tool_choice": "auto"},
    "tool result": {**TOOLS, "messages": RESULT, "tool_choice": "required"},
    "function": {"functions": [FUNCTION], "function_call": {"name": "weather"}},
}


def chat_text(choice):
    """What a choice says or calls with, and its finish reason."""
    message = choice.message
    if message.tool_calls:
        return message.tool_calls[0].function.arguments, choice.finish_reason
    if message.function_call:
        return message.function_call.arguments, choice.finish_reason
    return message.content, choice.finish_reason


def chat_stream_text(chunks, index):
    text, finish = "", None
    for choice in (choice for chunk in chunks for choice in chunk.choices if choice.index == index):
        delta = choice.delta
        text += delta.content or ""
        for call in delta.tool_calls or []:
            text += call.function.arguments
        if delta.function_call:
            text += delta.function_call.arguments
        finish = choice.finish_reason or finish
    return text, finish


def check_chat(name, more):
    body = {**HELLO, **more}
    completion = answer(ChatCompletion, "chat/completions", body)
    chunks = [strict(ChatCompletionChunk, data) for _, data in events("chat/completions", body)]
    assert len(completion.choices) == body.get("n", 1)
    for choice in completion.choices:
        assert chat_stream_text(chunks, choice.index) == chat_text(choice)
    usage = completion.usage
    assert usage.prompt_tokens + usage.completion_tokens == usage.total_tokens
    if "usage" in name:
        assert chunks[-1].choices == [] and chunks[-1].usage == usage
    if "schema" in name or "required" in name or "named" in name or name == "function":
        fits_schema(chat_text(completion.choices[0])[0])


PROMPTS = {
    "string": {},
    "strings": {"prompt": ["Once", "Twice"], "n": 2},
    "tokens": {"prompt": [1, 2, 3]},
    "arrays of tokens": {"prompt": [[1], [2, 3]]},
    "echo and stop": {"echo": True, "stop": ["said"], "suffix": "!"},
    "usage": {"stream_options": {"include_usage": True}},
}


def check_completions(more):
    body = {"model": "demo", "prompt": "Once upon a time", **more}
    completion = answer(Completion, "completions", body)
    texts = ["" for _ in completion.choices]
    for _, data in events("completions", body):
        chunk = json.loads(data)
        for choice in chunk["choices"]:
            # The type has no null here, but OpenAI's own stream has it on all but the last chunk of a choice,
            # and clients take any word for the end.
            choice["finish_reason"] = choice["finish_reason"] or "stop"
            texts[choice["index"]] += choice["text"]
        strict(Completion, json.dumps(chunk))
    assert texts == [choice.text for choice in completion.choices]
    usage = completion.usage
    assert usage.prompt_tokens + usage.completion_tokens == usage.total_tokens


FLAT_TOOLS = {"tools": [{"type": "function", **FUNCTION}]}
ITEMS = [
    {"role": "user", "content": [{"type": "input_text", "text": "Look."}, {"type": "input_image", "image_url": "data:,", "detail": "auto"}]},
    {"type": "function_call", "call_id": "call_1", "name": "weather", "arguments": "{}"},
    {"type": "function_call_output", "call_id": "call_1", "output": "Sunny"},
]
RESPONSES = {
    "text": {},
    "settings": {"instructions": "Be brief.", "metadata": {"a": "b"}, "temperature": 0.5, "top_p": 1, "truncation": "auto"},
    "items": {"input": ITEMS},
    "length": {"max_output_tokens": 3},
    "json object": {"text": {"format": {"type": "json_object"}}},
    "json schema": {"text": {"format": {"type": "json_schema", "name": "answer", "schema": SCHEMA}}},
    "required tool": {**FLAT_TOOLS, "tool_choice": "required"},
    "named tool": {**FLAT_TOOLS, "tool_choice": {"type": "function", "name": "weather"}},
    "allowed tool": {**FLAT_TOOLS, "tool_choice": {"type": "allowed_tools", "mode": "required", "tools": [{"type": "function", "name": "weather"}]}},
}


def check_responses(name, more):
    body = {"model": "demo", "input": "Hello, who is there?", **more}
    response = answer(Response, "responses", body)
    stream = []
    for event, data in events("responses", body):
        stream.append(strict(STREAM_EVENT, data))
        assert event == stream[-1].type
        # The union has no discriminator in strict mode: make sure it is not merely something that fits.
        assert json.loads(data)["type"] == stream[-1].type
    assert [event.sequence_number for event in stream] == list(range(len(stream)))
    item = response.output[0]
    text = item.arguments if item.type == "function_call" else item.content[0].text
    assert "".join(event.delta for event in stream if event.type.endswith(".delta")) == text
    last = stream[-1].response
    assert (last.status, last.output[0].type) == (response.status, item.type)
    assert response.status == ("incomplete" if name == "length" else "completed")
    assert response.usage.input_tokens + response.usage.output_tokens == response.usage.total_tokens
    if "schema" in name or "tool" in name:
        fits_schema(text)


def check_embeddings(input, count):
    body = {"model": "demo-embedding", "input": input, "encoding_format": "float"}
    floats = answer(CreateEmbeddingResponse, "embeddings", body)
    assert [item.index for item in floats.data] == list(range(count))
    encoded = json.loads(request("embeddings", {**body, "encoding_format": "base64"})[2])
    for item, other in zip(floats.data, encoded["data"], strict=True):
        assert abs(math.sqrt(sum(x * x for x in item.embedding)) - 1) < 1e-6
        raw = base64.b64decode(other["embedding"], validate=True)
        decoded = struct.unpack(f"<{len(raw) // 4}f", raw)
        assert all(abs(a - b) < 1e-7 for a, b in zip(decoded, item.embedding, strict=True))
    assert floats.usage.prompt_tokens == floats.usage.total_tokens > 0


def check_dimensions():
    for dimensions in (1, 3, 256, 4096):
        body = {"model": "text-embedding-3-small", "input": "Hello", "dimensions": dimensions}
        assert len(answer(CreateEmbeddingResponse, "embeddings", body).data[0].embedding) == dimensions


def check_models():
    status, _, text = request("models")
    models = [strict(Model, json.dumps(model)) for model in json.loads(text)["data"]]
    assert status == 200 and json.loads(text)["object"] == "list" and models
    for model in models:
        # Behind a gateway a model may be listed under a provider's name; either way it must be found.
        assert strict(Model, request(f"models/{model.id}")[2]) == model
    status, _, text = request("models/no-such-model")
    assert status == 404 and json.loads(text)["error"]["code"] == "model_not_found", text


def check_sdk():
    """The SDK on top: its own streams, its base64 default, its parser."""
    client = openai.OpenAI(base_url=BASE, api_key=KEY, max_retries=0)
    with client.chat.completions.stream(**HELLO) as stream:
        content = stream.get_final_completion().choices[0].message.content
    assert content == "You said: Hello, who is there?", content
    with client.responses.stream(model="demo", input="Hello") as stream:
        assert stream.get_final_response().output_text == "You said: Hello"
    assert len(client.embeddings.create(model="demo-embedding", input="Hello").data[0].embedding) == 256

    class Answer(BaseModel):
        words: list[str]
        sure: bool

    parsed = client.chat.completions.parse(**HELLO, response_format=Answer).choices[0].message.parsed
    assert isinstance(parsed, Answer)
    assert isinstance(client.responses.parse(model="demo", input="Hi", text_format=Answer).output_parsed, Answer)
    try:
        client.chat.completions.create(model="demo", messages=[])
    except openai.BadRequestError as error:
        assert error.param == "messages"
    else:
        raise AssertionError("no messages were no error")


def main():
    print(f"openai {openai.__version__} against {BASE}")
    for name, more in CHATS.items():
        check(f"chat: {name}", lambda: check_chat(name, more))
    for name, more in PROMPTS.items():
        check(f"completions: {name}", lambda: check_completions(more))
    for name, more in RESPONSES.items():
        check(f"responses: {name}", lambda: check_responses(name, more))
    inputs = {"string": ("Hello", 1), "strings": (["a", "b"], 2), "tokens": ([1, 2], 1), "arrays": ([[1], [2]], 2)}
    for name, (input, count) in inputs.items():
        check(f"embeddings: {name}", lambda: check_embeddings(input, count))
    check("embeddings: dimensions", check_dimensions)
    check("models", check_models)
    check("errors: chat", lambda: refused("chat/completions", {**HELLO, "messages": []}, "messages"))
    check("errors: n", lambda: refused("chat/completions", {**HELLO, "n": 129}, "n"))
    check("errors: embeddings", lambda: refused("embeddings", {"model": "demo", "input": []}, "input"))
    check("errors: responses", lambda: refused("responses", {"model": "demo", "input": []}, "input"))
    check("sdk", check_sdk)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
