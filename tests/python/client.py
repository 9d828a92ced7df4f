"""OpenAI's Python package, through the Worker.

    python client.py UPSTREAM_BASE_URL DEMO_BASE_URL API_KEY

The first Worker stands before the mock of tests/workerd/upstream.mjs, the second answers from its demo. Prints a
line per check and exits with 1 if one failed.
"""

import json
import sys

import openai
from openai import OpenAI
from pydantic import BaseModel

from checks import check, run

UPSTREAM, DEMO, KEY = sys.argv[1:4]
SOUND = bytes((i * 7 + (i >> 8)) % 256 for i in range(4096))
MESSAGES = [{"role": "user", "content": "The rain in Spain"}]

client = OpenAI(base_url=UPSTREAM, api_key=KEY, max_retries=0)
demo = OpenAI(base_url=DEMO, api_key="any-key-will-do", max_retries=0)


@check
def chat():
    answer = client.chat.completions.create(model="m", messages=MESSAGES)
    assert answer.choices[0].message.content == "Hello, world!"
    assert answer._request_id.startswith("req_")


@check
def chat_streamed():
    stream = client.chat.completions.create(model="m", messages=MESSAGES, stream=True)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in stream) == "Hello, world!"


@check
def tool_call():
    tools = [{"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}]
    answer = client.chat.completions.create(model="m", messages=MESSAGES, tools=tools)
    assert answer.choices[0].message.tool_calls[0].function.name == "weather"


@check
def responses():
    assert client.responses.create(model="m", input="hello").output_text == "Hello, world!"


@check
def responses_streamed():
    events = list(client.responses.create(model="m", input="hello", stream=True))
    deltas = [event.delta for event in events if event.type == "response.output_text.delta"]
    assert "".join(deltas) == "Hello, world!"
    assert events[-1].type == "response.completed"


@check
def embeddings():
    answer = client.embeddings.create(model="m", input="x")
    assert list(answer.data[0].embedding) == [0.5, -0.25, 1.0]


@check
def models():
    assert [model.id for model in client.models.list()] == ["m-1", "m-2"]


@check
def audio():
    heard = client.audio.transcriptions.create(model="m", file=("speech.mp3", SOUND, "audio/mpeg"))
    assert heard.text.startswith("heard ")
    spoken = client.audio.speech.create(model="m", voice="alloy", input="hello")
    assert spoken.read() == SOUND


@check
def images():
    assert client.images.generate(model="m", prompt="a cat").data[0].b64_json == "aW1n"
    edited = client.images.edit(model="m", image=("cat.png", SOUND, "image/png"), prompt="a dog")
    assert edited.data[0].b64_json == "aW1n"


@check
def files():
    assert client.files.create(file=("a.jsonl", SOUND), purpose="batch").id == "file-1"
    assert [file.id for file in client.files.list()] == ["file-1"]
    assert client.files.content("file-1").read() == SOUND


@check
def typed_errors():
    kinds = {
        400: openai.BadRequestError,
        401: openai.AuthenticationError,
        403: openai.PermissionDeniedError,
        404: openai.NotFoundError,
        409: openai.ConflictError,
        422: openai.UnprocessableEntityError,
        429: openai.RateLimitError,
        500: openai.InternalServerError,
    }
    for status, kind in kinds.items():
        for stream in (False, True):
            error = refused(kind, model=f"status-{status}", stream=stream)
            assert error.status_code == status
            assert error.body["message"] == f"The upstream says {status}."
            assert error.request_id.startswith("req_")


def refused(kind, **request):
    try:
        client.chat.completions.create(messages=MESSAGES, **request)
    except kind as error:
        return error
    raise AssertionError(f"no {kind.__name__}")


@check
def our_own_refusal():
    stranger = OpenAI(base_url=UPSTREAM, api_key="key-of-a-stranger", max_retries=0)
    try:
        stranger.models.list()
    except openai.AuthenticationError as error:
        assert error.code == "invalid_api_key"
    else:
        raise AssertionError("a stranger got in")


@check
def demo_chat():
    whole = demo.chat.completions.create(model="demo", messages=MESSAGES)
    assert "Spain" in whole.choices[0].message.content
    with demo.chat.completions.stream(model="demo", messages=MESSAGES) as stream:
        collected = stream.get_final_completion()
    assert collected.choices[0].message.content == whole.choices[0].message.content


class Weather(BaseModel):
    city: str
    degrees: int


@check
def demo_structured_output():
    answer = demo.chat.completions.parse(model="demo", messages=MESSAGES, response_format=Weather)
    assert isinstance(answer.choices[0].message.parsed, Weather)
    answer = demo.responses.parse(model="demo", input="weather?", text_format=Weather)
    assert isinstance(answer.output_parsed, Weather)


@check
def demo_tool():
    tools = [openai.pydantic_function_tool(Weather, name="report_weather")]
    answer = demo.chat.completions.create(model="demo", messages=MESSAGES, tools=tools, tool_choice="required")
    call = answer.choices[0].message.tool_calls[0]
    Weather.model_validate_json(call.function.arguments)
    answered = {"role": "assistant", "content": None, "tool_calls": [call.model_dump()]}
    result = {"role": "tool", "tool_call_id": call.id, "content": json.dumps({"ok": True})}
    answer = demo.chat.completions.create(model="demo", messages=[*MESSAGES, answered, result], tools=tools)
    assert answer.choices[0].finish_reason == "stop"


@check
def demo_embeddings():
    packed = demo.embeddings.create(model="demo-embedding", input=["one", "two"])
    plain = demo.embeddings.create(model="demo-embedding", input=["one", "two"], encoding_format="float")
    for left, right in zip(packed.data, plain.data, strict=True):
        assert max(abs(a - b) for a, b in zip(left.embedding, right.embedding, strict=True)) < 1e-6


@check
def demo_responses():
    assert "Spain" in demo.responses.create(model="demo", input="The rain in Spain").output_text


run()
