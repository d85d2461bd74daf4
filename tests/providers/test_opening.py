"""From models to one provider; what is missing is said before the first call."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from breakeven.errors import BreakevenError, InputError, MissingExtraError
from breakeven.providers import (
    ChatReply,
    Endpoint,
    EndpointSetting,
    Limits,
    Provider,
    ProviderError,
    open_provider,
)
from breakeven.providers.opening import Routing
from tests.providers.asking import KEY, Scripted, request, run


def opened(*models: str, **options: Any) -> Provider:
    options.setdefault("environ", {})
    return open_provider(models, rng=np.random.default_rng(0), **options)


def test_fake_models_answer_out_of_what_they_are_given() -> None:
    async def check() -> list[str]:
        provider = opened("fake/good", "fake/bad?accuracy=0%", answers={"q": "yes", "r": "no"})
        texts = [
            (await provider.complete(request("q", model=name))).text
            for name in ("fake/good", "fake/bad?accuracy=0%")
        ]
        await provider.close()
        return texts

    assert run(check()) == ["yes", "no"]


def test_everything_that_is_missing_is_said_at_once() -> None:
    with pytest.raises(InputError) as caught:
        opened("openai/a", "openai/b", "opnai/c", "plain", "azure/d", "fake/x?accuracy=7")
    text = str(caught.value)
    assert len(caught.value.problems) == 5  # the two of OpenAI lack the same key
    for word in ("OPENAI_API_KEY", "'opnai'", "'plain'", "AZURE_OPENAI_ENDPOINT", "accuracy=7"):
        assert word in text


def test_a_model_that_was_not_opened_is_not_found() -> None:
    with pytest.raises(ProviderError, match="not among the models") as caught:
        run(opened("fake/good").complete(request(model="fake/other")))
    assert caught.value.attempts == 0


def test_a_wire_of_ones_own_is_made_with_its_key_and_time() -> None:
    made: list[Any] = []

    def make(endpoint: Endpoint, key: str | None, timeout_s: float) -> Provider:
        made.append((endpoint.name, key, timeout_s))
        return Scripted(ChatReply(text="mine"))

    acme = Endpoint(name="acme", key_env="ACME_KEY", make=make)
    provider = opened(
        "acme/one", "acme/two", endpoints={"acme": acme}, environ={"ACME_KEY": KEY}, timeout_s=7.0
    )
    assert run(provider.complete(request(model="acme/two"))).text == "mine"
    assert made == [("acme", KEY, 7.0)]


def test_models_of_one_endpoint_share_one_wire_unless_limits_part_them() -> None:
    made: list[Scripted] = []

    def make(endpoint: Endpoint, key: str | None, timeout_s: float) -> Provider:
        made.append(Scripted(ChatReply(text="mine")))
        return made[-1]

    acme = {"acme": Endpoint(name="acme", make=make)}
    provider = opened("acme/a", "acme/b", "acme/c", endpoints=acme, limits={"acme/c": Limits(concurrency=1)})
    assert len(made) == 2
    run(provider.close())
    assert [one.closed for one in made] == [1, 1]


def test_all_are_closed_even_if_one_can_not_be() -> None:
    class Stuck(Scripted):
        async def close(self) -> None:
            raise OSError("stuck")

    last = Scripted(ChatReply(text=""))
    with pytest.raises(OSError, match="stuck"):
        run(Routing({"a": Stuck(), "b": last}).close())
    assert last.closed == 1


def test_a_missing_extra_is_said_when_the_provider_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "breakeven.providers.openai_wire", None)
    monkeypatch.setitem(sys.modules, "any_llm", None)
    with pytest.raises(MissingExtraError, match=r"breakeven\[eval\]"):
        opened("ollama/x")
    with pytest.raises(MissingExtraError, match=r"breakeven\[providers\]"):
        opened("anthropic/x", environ={"ANTHROPIC_API_KEY": KEY})


def test_a_key_stands_in_no_representation() -> None:
    provider = opened("openai/a", environ={"OPENAI_API_KEY": KEY})
    setting = EndpointSetting(url="http://127.0.0.1:1/v1")
    assert KEY not in repr(provider) + repr(vars(provider)) + repr(setting)
    run(provider.close())


def test_loading_the_room_loads_nothing_heavy() -> None:
    code = (
        "import sys, breakeven.providers, breakeven.providers.opening\n"
        "print(*sorted({'aiohttp', 'any_llm', 'openai', 'anthropic', 'pydantic'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, encoding="utf-8")
    assert done.stdout.strip() == ""


def test_every_error_is_one_of_ours() -> None:
    assert issubclass(ProviderError, BreakevenError)
