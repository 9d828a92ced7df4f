"""azure-ai-inference, through the Worker, at the mocks of tests/workerd/inference.mjs, azure.mjs and google.mjs.

    python inference_client.py SERVER_URL AZURE_URL GOOGLE_URL API_KEY

Prints a line per check and exits with 1 if one failed.
"""

import sys

from azure.ai.inference import ChatCompletionsClient, EmbeddingsClient, load_client
from azure.ai.inference.models import SystemMessage, UserMessage
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    HttpResponseError,
    ResourceNotFoundError,
)

from checks import check, run

SERVER, AZURE, GOOGLE, KEY = sys.argv[1:5]
MESSAGES = [SystemMessage("be brief"), UserMessage("hello")]
# The last is where Azure OpenAI has its deployments: the SDK takes that for an endpoint, too.
PLACES = [
    (SERVER, None),
    (f"{SERVER}/models", "m"),
    (f"{AZURE}/models", "gpt-4o"),
    (f"{AZURE}/models", "v1/gpt-4o"),
    (f"{AZURE}/models", "foundry/Mistral-large"),
    (f"{AZURE}/openai/deployments/gpt-4o", None),
    (f"{GOOGLE}/models", "gemini-3.8-flash"),
]


def chats(url, key=KEY, **options):
    return ChatCompletionsClient(url, AzureKeyCredential(key), retry_total=0, **options)


def embedder(url):
    return EmbeddingsClient(url, AzureKeyCredential(KEY), retry_total=0)


def text(chunks):
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)


def refused(kind, call):
    try:
        call()
    except kind as error:
        return error
    raise AssertionError(f"no {kind.__name__}")


@check
def complete():
    for url, model in PLACES:
        answer = chats(url).complete(messages=MESSAGES, model=model)
        assert answer.choices[0].message.content, (url, model)
        assert answer.usage.total_tokens > 0 and answer.created.year >= 1970 and answer.model, (url, model)


@check
def stream():
    for url, model in PLACES:
        chunks = list(chats(url).complete(messages=MESSAGES, model=model, stream=True))
        assert text(chunks), (url, model)
        # Azure's own says it where it likes.
        assert model == "foundry/Mistral-large" or any(chunk.usage for chunk in chunks), (url, model)
        reasons = [choice.finish_reason for chunk in chunks for choice in chunk.choices if choice.finish_reason]
        assert reasons == ["stop"], (url, model, reasons)


@check
def streams_that_no_other_parser_minds():
    for kind in ["noisy", "no-done"]:
        chunks = list(chats(SERVER).complete(messages=MESSAGES, model=kind, stream=True))
        assert text(chunks) == "Hello, world!", kind
        assert chunks[-1].usage.total_tokens == 7, kind
    for kind in ["sync", "async", "plain", "no-done", "crlf", "nameless", "late", "json"]:
        chunks = list(chats(f"{AZURE}/models").complete(messages=MESSAGES, model=kind, stream=True))
        assert text(chunks) == "Hello, world!", kind
    for kind in ["other-lines", "usage-behind"]:
        messages = [UserMessage(f"do {kind}")]
        assert text(chats(f"{GOOGLE}/models").complete(messages=messages, model="gemini-3.8-flash", stream=True)), kind


@check
def streams_that_fail_are_seen_to():
    for url, model, prompt in [
        (SERVER, "truncated", "hello"),
        (SERVER, "error-later", "hello"),
        (f"{AZURE}/models", "truncated", "hello"),
        (f"{AZURE}/models", "error-later", "hello"),
        (f"{GOOGLE}/models", "gemini-3.8-flash", "do cut"),
        (f"{GOOGLE}/models", "gemini-3.8-flash", "do error-later"),
    ]:
        chunks = []
        updates = chats(url).complete(messages=[UserMessage(prompt)], model=model, stream=True)
        refused(AzureError, lambda: chunks.extend(updates))
        assert not any(choice.finish_reason for chunk in chunks for choice in chunk.choices), (url, model)


@check
def an_error_before_the_stream_has_its_status():
    error = refused(
        HttpResponseError, lambda: chats(SERVER).complete(messages=MESSAGES, model="error-first", stream=True)
    )
    assert error.status_code >= 500, error.status_code


@check
def errors():
    error = refused(HttpResponseError, lambda: chats(SERVER).complete(messages=MESSAGES, model="status-429"))
    assert error.status_code == 429 and error.error.code == "rate_limit_exceeded", error
    assert "The upstream says 429." in error.message, error.message
    assert error.response.headers["retry-after"] == "7"
    assert error.response.headers["x-ms-error-code"] == "rate_limit_exceeded"
    error = refused(ResourceNotFoundError, lambda: chats(SERVER).complete(messages=MESSAGES, model="status-404"))
    assert error.error.code == "unknown_model"
    refused(ClientAuthenticationError, lambda: chats(SERVER, "another").complete(messages=MESSAGES))
    error = refused(
        HttpResponseError, lambda: chats(f"{AZURE}/models").complete(messages=MESSAGES, model="filtered")
    )
    assert error.status_code == 400 and error.error.code == "content_filter", error
    error = refused(HttpResponseError, lambda: chats(f"{AZURE}/models").complete(messages=MESSAGES))
    assert error.error.code == "no_model_name" and error.status_code == 400, error


@check
def extra_parameters():
    client = chats(SERVER)
    assert client.complete(messages=MESSAGES, model_extras={"foo": 1}).choices
    error = refused(
        HttpResponseError,
        lambda: client.complete({"messages": [], "foo": 1}, headers={"extra-parameters": "error"}),
    )
    assert error.status_code == 400 and "['foo']" in error.message, error
    error = refused(
        HttpResponseError, lambda: client.complete({"messages": []}, headers={"extra-parameters": "ignore"})
    )
    assert error.response.json()["detail"].startswith("Unexpected EXTRA_PARAMETERS option ignore, "), error


@check
def embeddings():
    for url, model in [
        (SERVER, "m"),
        (f"{AZURE}/models", "text-embedding-3-small"),
        (f"{GOOGLE}/models", "gemini-embedding-001"),
    ]:
        for format in ["float", "base64"]:
            answer = embedder(url).embed(input=["a"], model=model, input_type="query", encoding_format=format)
            assert answer.id.startswith("embd-") and answer.usage is not None and answer.model, (url, format)
            assert isinstance(answer.data[0].embedding, str if format == "base64" else list), (url, format)
    error = refused(HttpResponseError, lambda: embedder(SERVER).embed(input=["a"], model="m", encoding_format="int8"))
    assert error.status_code == 422 and error.error.code == "parameter_not_supported", error


@check
def the_client_for_what_is_there():
    client = load_client(SERVER, AzureKeyCredential(KEY))
    assert isinstance(client, ChatCompletionsClient)
    info = client.get_model_info()
    assert (info.model_name, info.model_provider_name) == ("TinyLlama-1.1B", "TinyLlama"), info
    assert info.model_type == "chat_completion", info
    assert client.complete(messages=MESSAGES).choices


run()
