"""OpenAI's Python package asks the Worker for its models, as tests/workerd/python.test.mjs starts them.

    python catalogue_client.py ORIGIN API_KEY

Prints a line per check and exits with 1 if one failed.
"""

import json
import sys
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import openai
from openai import AzureOpenAI, OpenAI

from checks import check, run

ORIGIN, KEY = sys.argv[1:3]
NAMES = ["mine", "model-0", "model-1", "model-2", "meta-llama/Llama-4-Scout", "größe"]

client = OpenAI(base_url=f"{ORIGIN}/v1", api_key=KEY, max_retries=0)


@check
def lists():
    page = client.models.list()
    assert [model.id for model in page.data] == NAMES
    assert [model.id for model in client.models.list()] == NAMES
    assert not page.has_next_page()
    assert all(model.object == "model" and isinstance(model.created, int) and model.owned_by for model in page)


@check
def retrieves():
    for model in client.models.list():
        assert client.models.retrieve(model.id) == model, model.id


@check
def what_more_is_known():
    extra = client.models.retrieve("model-0").model_extra
    assert extra["context_length"] == 128_000
    assert extra["architecture"]["input_modalities"] == ["text", "image"]


@check
def not_found():
    for name in ["not-there", "not/there"]:
        try:
            client.models.retrieve(name)
        except openai.NotFoundError as error:
            assert error.code == "model_not_found" and error.param == "model"
        else:
            raise AssertionError(f"{name} is there")


@check
def wrong_key():
    try:
        client.with_options(api_key="wrong").models.list()
    except openai.AuthenticationError as error:
        assert error.code == "invalid_api_key"
    else:
        raise AssertionError("a wrong key opens the list")


@check
def azure():
    azure = AzureOpenAI(azure_endpoint=ORIGIN, api_key=KEY, api_version="2024-10-21", max_retries=0)
    assert [model.id for model in azure.models.list()] == NAMES
    assert [azure.models.retrieve(name).id for name in NAMES] == NAMES


@check
def google():
    def page(**query):
        url = f"{ORIGIN}/v1beta/models?{urlencode(query)}"
        with urlopen(Request(url, headers={"x-goog-api-key": KEY})) as answer:
            return json.load(answer)

    first = page(pageSize=4)
    second = page(pageSize=4, pageToken=first["nextPageToken"])
    models = [model["name"] for model in first["models"] + second["models"]]
    assert models == [f"models/{name}" for name in NAMES]
    assert len(first["models"]) == 4 and "nextPageToken" not in second


run()
