"""OpenAI's Python package, through the Worker, at the mock of tests/workerd/azure.mjs.

    python azure_client.py BASE_URL API_KEY

Prints a line per check and exits with 1 if one failed.
"""

import base64
import json
import sys

import openai
from openai import OpenAI

from checks import check, run

URL, KEY = sys.argv[1:3]
SOUND = bytes((i * 7 + (i >> 8)) % 256 for i in range(4096))
MESSAGES = [{"role": "user", "content": "hello"}]
TOOLS = [{"type": "function", "function": {"name": "weather", "parameters": {"type": "object", "properties": {}}}}]
FORMS = ["", "v1/"]

client = OpenAI(base_url=URL, api_key=KEY, max_retries=0)


@check
def chat():
    for model in ["gpt-4o", "v1/gpt-4o", "foundry/Mistral-large", "single/gpt-4o"]:
        answer = client.chat.completions.create(model=model, messages=MESSAGES)
        assert answer.choices[0].message.content == "Hello, world!", model
        assert answer._request_id.startswith("req_")


@check
def streams():
    whole = ["sync", "async", "plain", "no-done", "crlf", "nulls", "nameless", "own-data", "late", "json"]
    for kind in whole:
        chunks = list(client.chat.completions.create(model=kind, messages=MESSAGES, stream=True))
        assert all(chunk.id and chunk.object == "chat.completion.chunk" for chunk in chunks), kind
        assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == "Hello, world!", kind
        with client.chat.completions.stream(model=kind, messages=MESSAGES) as stream:
            assert stream.get_final_completion().choices[0].finish_reason == "stop", kind


@check
def stream_with_usage():
    options = {"include_usage": True}
    *chunks, last = client.chat.completions.create(
        model="async", messages=MESSAGES, stream=True, stream_options=options
    )
    assert last.choices == [] and last.usage.total_tokens == 7
    assert all(chunk.usage is None for chunk in chunks)


@check
def stream_the_filter_ends():
    *_, last = client.chat.completions.create(model="blocked", messages=MESSAGES, stream=True)
    assert last.choices[0].finish_reason == "content_filter"


@check
def stream_that_is_cut():
    heard = []
    try:
        for chunk in client.chat.completions.create(model="truncated", messages=MESSAGES, stream=True):
            heard.append(chunk.choices[0].delta.content)
    except openai.APIError as error:
        assert error.code == "stream_truncated"
    else:
        raise AssertionError("half an answer was taken for a whole one")
    assert "".join(heard) == "Hello, "


@check
def tool_call():
    answer = client.chat.completions.create(model="gpt-4o", messages=MESSAGES, tools=TOOLS)
    assert answer.choices[0].message.tool_calls[0].function.name == "weather"
    with client.chat.completions.stream(model="gpt-4o", messages=MESSAGES, tools=TOOLS) as stream:
        [call] = stream.get_final_completion().choices[0].message.tool_calls
    assert json.loads(call.function.arguments) == {"city": "Paris"}


@check
def responses():
    assert client.responses.create(model="gpt-5-codex", input="hello").output_text == "Hello, world!"
    events = list(client.responses.create(model="gpt-4o", input="hello", stream=True))
    deltas = [event.delta for event in events if event.type == "response.output_text.delta"]
    assert "".join(deltas) == "Hello, world!"
    assert events[-1].type == "response.completed"


@check
def embeddings():
    for form in [*FORMS, "foundry/"]:
        answer = client.embeddings.create(model=f"{form}text-embedding-3-small", input="x")
        assert list(answer.data[0].embedding) == [0.5, -0.25, 1.0], form


@check
def audio():
    file = ("speech.mp3", SOUND, "audio/mpeg")
    for form in FORMS:
        assert client.audio.transcriptions.create(model=f"{form}whisper", file=file).text == "heard every byte", form
        assert client.audio.speech.create(model=f"{form}tts", voice="alloy", input="hello").read() == SOUND, form


@check
def images():
    for form in FORMS:
        made = client.images.generate(model=f"{form}gpt-image-1", prompt="a cat")
        assert base64.b64decode(made.data[0].b64_json) == SOUND, form
        picture = ("cat.png", SOUND, "image/png")
        edited = client.images.edit(model=f"{form}gpt-image-1", image=picture, prompt="a dog")
        assert base64.b64decode(edited.data[0].b64_json) == SOUND, form


@check
def files():
    file = client.files.create(file=("a.bin", SOUND), purpose="assistants")
    assert file.id in [file.id for file in client.files.list()]
    assert client.files.content(file.id).read() == SOUND
    assert client.files.delete(file.id).deleted


@check
def typed_errors():
    kinds = {
        "filtered": (openai.BadRequestError, "content_filter"),
        "throttled": (openai.RateLimitError, "rate_limit_exceeded"),
        "nowhere": (openai.NotFoundError, "model_not_found"),
        "overloaded-page": (openai.InternalServerError, None),
        "too-long": (openai.BadRequestError, "context_length_exceeded"),
    }
    for model, (kind, code) in kinds.items():
        for stream in (False, True):
            error = refused(kind, model=model, stream=stream)
            assert code is None or error.code == code, (model, error.code)
    assert refused(openai.RateLimitError, model="throttled").response.headers["retry-after"] == "45"
    refused(openai.InternalServerError, model="error-first", stream=True)


def refused(kind, **request):
    try:
        client.chat.completions.create(messages=MESSAGES, **request)
    except kind as error:
        return error
    raise AssertionError(f"no {kind.__name__} for {request}")


run()
