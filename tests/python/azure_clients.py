"""OpenAI's Python client for Azure and LangChain's, through the Worker, at the upstreams of
tests/workerd/azure-clients.mjs.

    python azure_clients.py KIND URL API_KEY NAMES

KIND is openai, azure or google; NAMES is JSON: what the deployments are called by what they are for. Prints a line per
check and exits with 1 if one failed.
"""

import asyncio
import base64
import json
import sys

import openai
from langchain_core.tools import tool
from langchain_openai import AzureChatOpenAI, AzureOpenAIEmbeddings
from openai import AsyncAzureOpenAI, AzureOpenAI

from checks import check, run

KIND, URL, KEY, NAMES = sys.argv[1:5]
NAMES = json.loads(NAMES)
VERSION = "2025-03-01-preview"
SOUND = bytes((i * 7 + (i >> 8)) % 256 for i in range(4096))
GREETING = "Grüße, 世界! 🌍" if KIND == "google" else "Hello, world!"
MESSAGES = [{"role": "user", "content": "hello"}]
WEATHER = [{"role": "user", "content": "weather in Paris and Rome"}]
CITY = {"type": "object", "properties": {"city": {"type": "string"}}}
TOOLS = [{"type": "function", "function": {"name": "weather", "parameters": CITY}}]
USUAL = {"api_key": KEY, "api_version": VERSION, "max_retries": 0}

client = AzureOpenAI(azure_endpoint=URL, **USUAL)
# Each asks at another path.
clients = [
    client,
    AzureOpenAI(azure_endpoint=URL, azure_deployment=NAMES["chat"], **USUAL),
    AzureOpenAI(azure_endpoint=f"{URL}/team/PTU/", **USUAL),
    AzureOpenAI(base_url=f"{URL}/PTU/", **USUAL),
    AzureOpenAI(base_url=f"{URL}/openai/deployments/{NAMES['chat']}", **USUAL),
    AzureOpenAI(azure_endpoint=URL, **{**USUAL, "api_version": "preview"}),
    AzureOpenAI(azure_endpoint=URL, azure_ad_token=KEY, api_version=VERSION, max_retries=0),
]


@check
def chat():
    for each in clients:
        answer = each.chat.completions.create(model=NAMES["chat"], messages=MESSAGES)
        assert answer.choices[0].message.content == GREETING
        assert answer._request_id


@check
def streams():
    for each in clients:
        with each.chat.completions.stream(model=NAMES["chat"], messages=MESSAGES) as stream:
            assert stream.get_final_completion().choices[0].message.content == GREETING


@check
def at_once():
    async def ask():
        async with AsyncAzureOpenAI(azure_endpoint=URL, **USUAL) as each:
            asked = [each.chat.completions.create(model=NAMES["chat"], messages=MESSAGES) for _ in range(4)]
            return await asyncio.gather(*asked)

    assert [it.choices[0].message.content for it in asyncio.run(ask())] == [GREETING] * 4


@check
def tools():
    answer = client.chat.completions.create(model=NAMES["chat"], messages=WEATHER, tools=TOOLS)
    assert answer.choices[0].message.tool_calls[0].function.name == "weather"


@check
def embeddings():
    packed = client.embeddings.create(model=NAMES["embeddings"], input="x").data[0].embedding
    plain = client.embeddings.create(model=NAMES["embeddings"], input="x", encoding_format="float").data[0].embedding
    assert len(packed) == len(plain) >= 3
    assert all(abs(one - other) < 1e-6 for one, other in zip(packed, plain))


@check
def images():
    made = client.images.generate(model=NAMES["images"], prompt="a cat")
    assert base64.b64decode(made.data[0].b64_json)


@check
def audio():
    file = ("speech.mp3", SOUND, "audio/mpeg")
    heard = client.audio.transcriptions.create(model=NAMES["transcription"], file=file).text
    assert heard.startswith("heard"), heard
    spoken = client.audio.speech.create(model=NAMES["speech"], voice="alloy", input="hello", response_format="wav")
    assert spoken.read()


@check
def models():
    for each in clients[:3]:
        assert [model.id for model in each.models.list()]


@check
def files_and_responses():
    if KIND == "google":
        refused(openai.BadRequestError, "unsupported_operation", client.files.list)
        return
    file = client.files.create(file=("a.bin", SOUND), purpose="assistants")
    assert file.id in [it.id for it in client.files.list()]
    assert client.files.content(file.id).read() == SOUND
    model = "gpt-5-codex" if KIND == "azure" else "m"
    each = AzureOpenAI(azure_endpoint=URL, **{**USUAL, "api_version": "2024-10-21"})
    assert each.responses.create(model=model, input="hello").output_text == GREETING


@check
def errors():
    def ask(model=NAMES["missing"], each=client):
        return each.chat.completions.create(model=model, messages=MESSAGES)

    refused(openai.NotFoundError, "DeploymentNotFound", ask)
    stranger = AzureOpenAI(azure_endpoint=URL, **{**USUAL, "api_key": "key-of-a-stranger"})
    refused(openai.AuthenticationError, "invalid_api_key", lambda: ask("m", stranger))
    if KIND == "azure":
        error = refused(openai.BadRequestError, "content_filter", lambda: ask("filtered"))
        assert error.body["innererror"]["content_filter_result"]["jailbreak"]["filtered"]


@check
def filter_of_a_stream():
    if KIND == "azure":
        chunks = list(client.chat.completions.create(model="async", messages=MESSAGES, stream=True))
        assert chunks[0].prompt_filter_results and not chunks[0].choices
        deltas = [choice.delta for chunk in chunks for choice in chunk.choices if choice.delta]
        assert "".join(delta.content or "" for delta in deltas) == GREETING


def refused(kind, code, ask):
    try:
        ask()
    except kind as error:
        assert error.code == code, error.code
        return error
    raise AssertionError(f"no {kind.__name__}")


# LangChain.


def langchain(**more):
    return AzureChatOpenAI(azure_endpoint=URL, azure_deployment=NAMES["chat"], **USUAL, **more)


@check
def langchain_chat():
    for more in ({}, {"model": "gpt-4o"}, {"max_tokens": 50}):
        answer = langchain(**more).invoke("hello")
        assert answer.content == GREETING, more
        assert answer.usage_metadata["total_tokens"] > 0


@check
def langchain_streams():
    for more in ({}, {"stream_usage": False}):
        assert "".join(chunk.content for chunk in langchain(**more).stream("hello")) == GREETING


@check
def langchain_tools():
    @tool
    def weather(city: str = "") -> str:
        """The weather."""
        return "fine"

    answer = langchain().bind_tools([weather]).invoke("weather in Paris and Rome")
    assert answer.tool_calls[0]["name"] == "weather"


@check
def langchain_embeddings():
    # Without its own count of tokens, which would have to be downloaded.
    each = AzureOpenAIEmbeddings(
        azure_endpoint=URL, azure_deployment=NAMES["embeddings"], check_embedding_ctx_length=False, **USUAL
    )
    assert len(each.embed_query("x")) >= 3


@check
def langchain_filter():
    if KIND == "azure":
        each = AzureChatOpenAI(azure_endpoint=URL, azure_deployment="filtered", **USUAL)
        refused(openai.BadRequestError, "content_filter", lambda: each.invoke("hello"))
        asynchronous = AzureChatOpenAI(azure_endpoint=URL, azure_deployment="async", **USUAL)
        assert "".join(chunk.content for chunk in asynchronous.stream("hello")) == GREETING


run()
