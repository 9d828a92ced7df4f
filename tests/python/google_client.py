"""OpenAI's Python package, through the Worker, at the mock of tests/workerd/google.mjs.

    python google_client.py BASE_URL API_KEY

Prints a line per check and exits with 1 if one failed.
"""

import base64
import json
import math
import sys
from typing import Literal, Optional

import openai
from openai import OpenAI
from pydantic import BaseModel

from checks import check, run

URL, KEY = sys.argv[1:3]
SOUND = bytes((i * 7 + (i >> 8)) % 256 for i in range(4096))
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
GREETING = "Grüße, 世界! 🌍"
TRANSCRIPT = "heard every byte"
MODELS = ["gemini-3.8-flash", "gemini-2.5-flash", "vertex/gemini-3.8-flash", "express/gemini-3.8-flash"]
CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
TOOLS = [{"type": "function", "function": {"name": "weather", "parameters": CITY}}]

client = OpenAI(base_url=URL, api_key=KEY, max_retries=0)


def said(content):
    return [{"role": "user", "content": content}]


def chat(model="gemini-3.8-flash", content="hello", **more):
    return client.chat.completions.create(model=model, messages=said(content), **more)


@check
def chats():
    for model in MODELS:
        answer = chat(model)
        assert answer.choices[0].message.content == GREETING, model
        assert answer.choices[0].finish_reason == "stop"
        assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens


@check
def streams():
    for model in MODELS:
        for content in ["hello", "bytes: hello", "burst: hello", "do other-lines"]:
            chunks = list(chat(model, content, stream=True))
            assert all(chunk.id and chunk.object == "chat.completion.chunk" for chunk in chunks), model
            assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == GREETING, (model, content)
        with client.chat.completions.stream(model=model, messages=said("hello")) as stream:
            assert stream.get_final_completion().choices[0].finish_reason == "stop", model


@check
def stream_with_usage():
    *chunks, last = chat(stream=True, stream_options={"include_usage": True})
    assert last.choices == [] and last.usage.completion_tokens == 7
    assert all(chunk.usage is None for chunk in chunks)


@check
def stream_that_is_cut():
    try:
        heard = [chunk.choices[0].delta.content for chunk in chat(content="do cut", stream=True)]
    except openai.APIError as error:
        assert error.code
    else:
        raise AssertionError(f"half an answer was taken for a whole one: {heard}")


@check
def three_choices():
    answer = chat(content="say Paris", n=3)
    assert [(it.index, it.message.content) for it in answer.choices] == [(i, "Paris") for i in range(3)]
    with client.chat.completions.stream(model="gemini-3.8-flash", messages=said("say Paris"), n=3) as stream:
        choices = stream.get_final_completion().choices
    assert sorted((it.index, it.message.content, it.finish_reason) for it in choices) == [
        (i, "Paris", "stop") for i in range(3)
    ]


@check
def tools_over_two_turns():
    for model in [*MODELS, "named/gemini-3.8-flash", "restricted/gemini-3.8-flash"]:
        for streamed in (False, True):
            for keeps in (False, True):
                two_turns(model, streamed, keeps)


def two_turns(model, streamed, keeps):
    messages = said("weather in Paris and Rome")
    message = answered(model, messages, streamed)
    paris, rome = message.tool_calls
    assert [json.loads(it.function.arguments)["city"] for it in (paris, rome)] == ["Paris", "Rome"]
    history = [*messages, message.to_dict(exclude_unset=True) if keeps else plain(message)]
    for call, content in ((rome, "rainy"), (paris, '{"sun":1}')):
        history.append({"role": "tool", "tool_call_id": call.id, "content": content})
    expected = 'weather said {"sun":1}; weather said {"output":"rainy"}'
    assert answered(model, history, streamed).content == expected, (model, streamed, keeps)


def answered(model, messages, streamed):
    asked = {"model": model, "messages": messages, "tools": TOOLS}
    if not streamed:
        return client.chat.completions.create(**asked).choices[0].message
    with client.chat.completions.stream(**asked) as stream:
        return stream.get_final_completion().choices[0].message


def plain(message):
    def known(call):
        function = {"name": call.function.name, "arguments": call.function.arguments}
        return {"id": call.id, "type": "function", "function": function}

    return {"role": "assistant", "content": None, "tool_calls": [known(call) for call in message.tool_calls]}


class City(BaseModel):
    name: str
    people: int
    tags: list[Literal["big", "old"]]
    mayor: Optional[str]


class Country(BaseModel):
    capital: City
    others: list[City]


@check
def structured_output():
    for model in MODELS:
        answer = client.chat.completions.parse(model=model, messages=said("a country"), response_format=Country)
        country = answer.choices[0].message.parsed
        assert country.capital.name == "Paris" and country.others[0].tags == ["big"], model
        asked = {"model": model, "messages": said("a country"), "response_format": Country}
        with client.chat.completions.stream(**asked) as stream:
            streamed = stream.get_final_completion().choices[0].message.parsed
        assert streamed == country, model


@check
def vision():
    url = f"data:image/png;base64,{base64.b64encode(PICTURE).decode()}"
    content = [{"type": "text", "text": "What is it?"}, {"type": "image_url", "image_url": {"url": url}}]
    seen = f"{len(PICTURE)} bytes of image/png"
    for model in MODELS:
        assert chat(model, content).choices[0].message.content == seen, model
        chunks = chat(model, content, stream=True)
        assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == seen, model


@check
def thoughts():
    answer = chat("thinking/gemini-3.8-flash", "think Paris")
    assert answer.choices[0].message.reasoning_content == "Let me think."
    assert answer.usage.completion_tokens_details.reasoning_tokens == 5
    extra = {"extra_body": {"google": {"thinking_config": {"include_thoughts": True}}}}
    asked = chat(content="think Paris", extra_body=extra)
    assert asked.choices[0].message.reasoning_content == "Let me think."
    chunks = chat("thinking/gemini-3.8-flash", "think Paris", stream=True)
    shown = [getattr(chunk.choices[0].delta, "reasoning_content", None) or "" for chunk in chunks]
    assert "".join(shown) == "Let me think."


@check
def completions():
    answer = client.completions.create(model="gemini-3.8-flash", prompt=["say Paris", "say Rome"])
    assert [(it.index, it.text) for it in answer.choices] == [(0, "Paris"), (1, "Rome")]
    chunks = client.completions.create(model="gemini-3.8-flash", prompt="hello", stream=True)
    assert "".join(chunk.choices[0].text for chunk in chunks if chunk.choices) == GREETING


@check
def embeddings():
    model = "gemini-embedding-001"
    packed = client.embeddings.create(model=model, input=["x", "y"])
    plain = client.embeddings.create(model=model, input=["x", "y"], encoding_format="float")
    for ours, theirs in zip(packed.data, plain.data):
        assert len(ours.embedding) == 3072
        assert all(math.isclose(a, b, abs_tol=1e-6) for a, b in zip(ours.embedding, theirs.embedding))
    short = client.embeddings.create(model=model, input="x", dimensions=768).data[0].embedding
    assert len(short) == 768 and math.isclose(math.hypot(*short), 1, abs_tol=1e-4)


@check
def many_embeddings():
    texts = [f"text {i}" for i in range(230)]
    for model in ["gemini-embedding-001", "vertex/text-embedding-005"]:
        many = client.embeddings.create(model=model, input=texts, dimensions=256)
        assert [it.index for it in many.data] == list(range(230)), model
        one = client.embeddings.create(model=model, input=texts[150], dimensions=256)
        assert many.data[150].embedding == one.data[0].embedding, model


@check
def images():
    picture = ("cat.png", PICTURE, "image/png")
    for model in ["gemini-2.5-flash-image", "vertex/gemini-2.5-flash-image"]:
        made = client.images.generate(model=model, prompt="a cat", size="1024x1536", n=2)
        assert [base64.b64decode(it.b64_json) for it in made.data] == [PICTURE, PICTURE], model
        edited = client.images.edit(model=model, image=picture, prompt="a dog")
        assert base64.b64decode(edited.data[0].b64_json) == PICTURE, model


@check
def speech():
    for model in ["gemini-3.1-flash-tts-preview", "vertex/gemini-2.5-flash-tts"]:
        asked = {"model": model, "voice": "alloy", "input": "hello"}
        assert client.audio.speech.create(**asked, response_format="pcm").read() == SOUND, model
        wave = client.audio.speech.create(**asked, response_format="wav").read()
        assert wave[:4] == b"RIFF" and wave[44:] == SOUND, model
        with client.audio.speech.with_streaming_response.create(**asked, response_format="pcm") as answer:
            assert b"".join(answer.iter_bytes()) == SOUND, model
        events = client.audio.speech.create(**asked, response_format="pcm", stream_format="sse").text.split("\n\n")
        parsed = [json.loads(event.removeprefix("data: ")) for event in events if event.startswith("data: {")]
        heard = [base64.b64decode(it["audio"]) for it in parsed if it["type"] == "speech.audio.delta"]
        assert len(heard) > 1 and b"".join(heard) == SOUND, model
        assert parsed[-1]["type"] == "speech.audio.done", model


@check
def speech_in_a_chat():
    asked = {"modalities": ["text", "audio"], "audio": {"voice": "alloy", "format": "pcm16"}}
    answer = chat("gemini-3.1-flash-tts-preview", **asked)
    assert base64.b64decode(answer.choices[0].message.audio.data) == SOUND


@check
def transcripts():
    file = ("speech.mp3", SOUND, "audio/mpeg")
    for model in ["whisper-1", "vertex/gemini-3.8-flash"]:
        asked = {"model": model, "file": file}
        assert client.audio.transcriptions.create(**asked).text == TRANSCRIPT, model
        assert client.audio.transcriptions.create(**asked, response_format="text").strip() == TRANSCRIPT, model
        assert client.audio.translations.create(**asked).text == TRANSCRIPT, model
        *deltas, last = client.audio.transcriptions.create(**asked, stream=True)
        assert "".join(it.delta for it in deltas) == TRANSCRIPT, model
        assert last.type == "transcript.text.done" and last.text == TRANSCRIPT, model


@check
def models():
    ids = [model.id.removeprefix("studio/") for model in client.models.list()]
    assert "gemini-3.8-flash" in ids and len(set(ids)) == len(ids)
    assert client.models.retrieve("gemini-3.8-flash").object == "model"


@check
def typed_errors():
    kinds = {
        "throttled": (openai.RateLimitError, "rate_limit_exceeded"),
        "daily": (openai.RateLimitError, "insufficient_quota"),
        "location": (openai.PermissionDeniedError, "unsupported_country_region_territory"),
        "too-long": (openai.BadRequestError, "context_length_exceeded"),
        "overloaded": (openai.InternalServerError, "unavailable"),
        "page": (openai.InternalServerError, None),
    }
    for name, (kind, code) in kinds.items():
        for stream in (False, True):
            error = refused(kind, content=f"do {name}", stream=stream)
            assert code is None or error.code == code, (name, error.code)
    assert refused(openai.RateLimitError, content="do throttled").response.headers["retry-after"] == "35"
    assert refused(openai.NotFoundError, model="gemini-1.5-ultra").code == "model_not_found"
    refused(openai.InternalServerError, content="do error-first", stream=True)


def refused(kind, **request):
    try:
        chat(**request)
    except kind as error:
        return error
    raise AssertionError(f"no {kind.__name__} for {request}")


run()
