"""Where a model is asked, and what is said when that can not be told."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from breakeven.errors import InputError
from breakeven.providers import Endpoint, EndpointSetting, endpoints, find_endpoint, known_endpoints
from breakeven.providers.endpoint import chat_url, masked
from breakeven.providers.endpoints import key_of
from tests.providers.asking import KEY


def test_a_known_provider_needs_no_telling() -> None:
    openai = find_endpoint("openai/gpt-4.1-mini", environ={})
    assert chat_url(openai, "openai/gpt-4.1-mini") == "https://api.openai.com/v1/chat/completions"
    assert openai.model_at("openai/gpt-4.1-mini") == "gpt-4.1-mini"
    together = find_endpoint("together_ai/meta-llama/Llama-3.3-70B", environ={})
    assert together.model_at("together_ai/meta-llama/Llama-3.3-70B") == "meta-llama/Llama-3.3-70B"


def test_every_known_endpoint_is_whole() -> None:
    for name, endpoint in known_endpoints().items():
        assert endpoint.name == name or name in endpoint.aliases
        if endpoint.wire == "openai":
            assert endpoint.url or endpoint.url_env
            assert endpoint.key_env
        if endpoint.url:
            assert endpoint.url.startswith("https://") or "127.0.0.1" in endpoint.url


def test_the_environment_moves_a_known_provider_and_the_suite_moves_it_again() -> None:
    environ = {"OPENAI_BASE_URL": "http://proxy.internal:4000/v1/"}
    assert find_endpoint("openai/x", environ=environ).url == "http://proxy.internal:4000/v1"
    stated = {"openai": EndpointSetting(url="https://other.example/v1", key_env="OTHER").endpoint("openai")}
    found = find_endpoint("openai/x", stated, environ=environ)
    assert (found.url, found.key_env) == ("https://other.example/v1", "OTHER")


def test_a_key_does_not_follow_to_another_host_unless_told() -> None:
    moved = EndpointSetting(url="https://other.example/v1").endpoint("openai")
    assert key_of(moved, environ={"OPENAI_API_KEY": KEY}) is None
    assert moved.headers_env == {}
    assert moved.max_tokens_field == "max_completion_tokens"


def test_a_suite_can_name_a_provider_of_its_own() -> None:
    setting = EndpointSetting(
        url="http://127.0.0.1:8000/v1", key_env="LOCAL_KEY", models={"small": "org/small"}
    )
    found = find_endpoint("local/small", {"local": setting.endpoint("local")}, environ={})
    assert chat_url(found, "local/small") == "http://127.0.0.1:8000/v1/chat/completions"
    assert found.model_at("local/small") == "org/small"
    with pytest.raises(InputError, match="LOCAL_KEY is not set"):
        key_of(found, environ={})


@pytest.mark.parametrize(
    ("url", "version", "expected"),
    [
        ("https://r.openai.azure.com", None, "https://r.openai.azure.com/openai/v1/chat/completions"),
        ("https://r.openai.azure.com/openai", None, "https://r.openai.azure.com/openai/v1/chat/completions"),
        ("https://r.openai.azure.com/openai/v1", "2024-10-21", "https://r.openai.azure.com/openai/v1/chat/completions"),
        ("https://r.openai.azure.com", "2024-10-21",
         "https://r.openai.azure.com/openai/deployments/d/chat/completions?api-version=2024-10-21"),
        ("https://r.openai.azure.com/openai/deployments/mine", "2024-10-21",
         "https://r.openai.azure.com/openai/deployments/mine/chat/completions?api-version=2024-10-21"),
    ],
)  # fmt: skip
def test_azure_has_two_kinds_of_address(url: str, version: str | None, expected: str) -> None:
    environ = {"AZURE_OPENAI_ENDPOINT": url} | ({"AZURE_OPENAI_API_VERSION": version} if version else {})
    assert chat_url(find_endpoint("azure/d", environ=environ), "azure/d") == expected


def test_azure_without_an_address_says_which_variable_to_set() -> None:
    with pytest.raises(InputError, match="AZURE_OPENAI_ENDPOINT"):
        find_endpoint("azure/gpt-4.1", environ={})


def test_an_unknown_provider_names_the_nearest_and_how_to_add_one() -> None:
    with pytest.raises(InputError) as caught:
        find_endpoint("opnai/gpt-4.1", environ={})
    assert "'opnai'" in str(caught.value)
    assert "openai" in str(caught.value)
    assert "endpoints: {opnai: {url: https://host/v1, key_env: OPNAI_API_KEY}}" in str(caught.value)


@pytest.mark.parametrize("model", ["gpt-4.1", "", "/gpt", "openai/", " "])
def test_a_model_without_a_provider(model: str) -> None:
    with pytest.raises(InputError, match="names no provider"):
        find_endpoint(model, environ={})


def test_a_missing_key_names_its_variable() -> None:
    with pytest.raises(InputError, match=r"OPENAI_API_KEY is not set(.|\n)*export OPENAI_API_KEY"):
        key_of(find_endpoint("openai/x", environ={}), environ={"OPENAI_API_KEY": "  "})
    assert key_of(find_endpoint("ollama/x", environ={}), environ={}) is None


def test_a_key_with_a_line_end_inside_is_refused_without_being_shown() -> None:
    with pytest.raises(InputError) as caught:
        key_of(find_endpoint("openai/x", environ={}), environ={"OPENAI_API_KEY": f"{KEY}\n{KEY}"})
    assert KEY not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["api.example/v1", "ftp://x/v1", "http://", "https://ho st/v1", "https://x:port/v1"]
)
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(InputError, match="is no address"):
        find_endpoint("openai/x", environ={"OPENAI_BASE_URL": url})


def test_credentials_in_an_address_are_masked_in_messages() -> None:
    with pytest.raises(InputError) as caught:
        find_endpoint("openai/x", environ={"OPENAI_BASE_URL": f"https://me:{KEY}@ho st/v1?key={KEY}"})
    assert KEY not in str(caught.value)


@given(st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=6))
def test_masking_leaves_no_password_and_no_value(secret: str) -> None:
    secret = f"S{secret}"
    shown = masked(f"https://me:{secret}@host.example/v1?sig={secret}&b={secret}")
    assert secret not in shown
    assert shown.startswith("https://***@host.example/v1?sig=")


@pytest.mark.parametrize(
    "wrong",
    [{"key": KEY}, {"url": 3}, {"wire": "soap"}, {"key_env": "not a name"}, {"max_tokens_field": "n"}],
)
def test_a_setting_takes_nothing_else(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        EndpointSetting(**wrong)


ACME = Endpoint(name="acme", url="https://acme.example/v1", key_env="ACME_KEY")


def test_an_installed_package_adds_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = EntryPoint(name="acme", value=f"{__name__}:ACME", group=endpoints.ENTRY_POINTS)
    monkeypatch.setattr(endpoints, "entry_points", lambda *, group: [entry])
    assert find_endpoint("acme/one", environ={}) == ACME


def test_a_package_that_adds_something_else_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = EntryPoint(name="acme", value=f"{__name__}:KEY", group=endpoints.ENTRY_POINTS)
    monkeypatch.setattr(endpoints, "entry_points", lambda *, group: [entry])
    with pytest.raises(InputError, match=r"'acme' of breakeven\.providers is no Endpoint"):
        known_endpoints()
