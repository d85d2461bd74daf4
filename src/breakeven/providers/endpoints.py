"""Finding the endpoint of a model: known providers, what a suite states, what the environment and plug-ins add.

    find_endpoint("openai/gpt-4.1-mini")        where that model is asked
    EndpointSetting                             one entry of a suite's ``endpoints:``

What a suite states comes before the environment, the environment before what is known. Keys are read from the
environment when a provider is opened, and are kept nowhere else.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from importlib.metadata import entry_points
from typing import TypeAlias

from breakeven.errors import InputError, Problem, nearest
from breakeven.providers.endpoint import Endpoint, check_url
from breakeven.providers.known import KNOWN

__all__ = ["ENTRY_POINTS", "Endpoints", "find_endpoint", "key_of", "known_endpoints"]

ENTRY_POINTS = "breakeven.providers"
"""The entry point group in which packages name their own endpoints."""

Endpoints: TypeAlias = Mapping[str, Endpoint]
"""Name before the slash → endpoint."""

_HOW_TO_ADD = (
    "add it to the suite: endpoints: {{{name}: {{url: https://host/v1, key_env: {variable}_API_KEY}}}} "
    "(any OpenAI-compatible address)"
)


def known_endpoints() -> dict[str, Endpoint]:
    """Every endpoint that is known by name or alias: ours, and over them those of installed plug-ins."""
    found: dict[str, Endpoint] = {}
    for endpoint in (*KNOWN, *_plugged_in()):
        for name in (endpoint.name, *endpoint.aliases):
            found[name] = endpoint
    return found


def _plugged_in() -> list[Endpoint]:
    found: list[Endpoint] = []
    for entry in entry_points(group=ENTRY_POINTS):
        loaded = entry.load()
        endpoints = loaded if isinstance(loaded, tuple | list) else (loaded,)
        if not all(isinstance(endpoint, Endpoint) for endpoint in endpoints):
            raise InputError(f"the entry point {entry.name!r} of {ENTRY_POINTS} is no Endpoint")
        found.extend(endpoints)
    return found


def find_endpoint(
    model: str, stated: Endpoints | None = None, *, environ: Mapping[str, str] | None = None
) -> Endpoint:
    """The endpoint that answers for ``provider/model``, its address settled.

    Raises InputError where no provider is named, none is called so, or its address is missing or none.
    """
    environ = os.environ if environ is None else environ
    provider, slash, name = model.strip().partition("/")
    if not (provider and slash and name):
        hint = "write provider/model, as in the price book: openai/gpt-4.1-mini"
        raise InputError(Problem(message=f"the model {model!r} names no provider", hint=hint))
    known = {**known_endpoints(), **(stated or {})}
    if provider not in known:
        raise _unknown(provider, known)
    return _settled(known[provider], environ)


def _settled(endpoint: Endpoint, environ: Mapping[str, str]) -> Endpoint:
    """The endpoint with its address and API version looked up."""
    url = _first_set(endpoint.url_env, environ) or endpoint.url
    version = endpoint.api_version or _first_set(endpoint.api_version_env, environ)
    if url is None and endpoint.wire == "openai" and endpoint.make is None:
        variable = endpoint.url_env[0] if endpoint.url_env else ""
        hint = f"set {variable} to its address, or state it" if variable else "state it"
        problem = Problem(
            message="has no address",
            field=f"endpoints.{endpoint.name}",
            hint=f"{hint} in the suite: endpoints: {{{endpoint.name}: {{url: https://…}}}}",
        )
        raise InputError(problem)
    if url is not None:
        url = check_url(url, field=f"endpoints.{endpoint.name}.url")
    return dataclasses.replace(endpoint, url=url, api_version=version)


def _first_set(names: tuple[str, ...], environ: Mapping[str, str]) -> str | None:
    return next((environ[name].strip() for name in names if environ.get(name, "").strip()), None)


def _unknown(provider: str, known: Mapping[str, Endpoint]) -> InputError:
    near = nearest(provider, known)
    variable = "".join(char if char.isalnum() else "_" for char in provider).upper()
    lead = f"nearest: {', '.join(near)}; or " if near else ""
    hint = lead + _HOW_TO_ADD.format(name=provider, variable=variable)
    return InputError(Problem(message=f"no provider is called {provider!r}", hint=hint))


def key_of(endpoint: Endpoint, *, environ: Mapping[str, str] | None = None) -> str | None:
    """The endpoint's key; None where it needs none and has none. InputError names the variable that is not set."""
    environ = os.environ if environ is None else environ
    if endpoint.key_env is None:
        return None
    key = environ.get(endpoint.key_env, "").strip()
    if key:
        if not key.isascii() or not key.isprintable():
            message = f"the key in {endpoint.key_env} holds a character that no header can carry"
            raise InputError(Problem(message=message, hint="copy it again, without quotes and line ends"))
        return key
    if not endpoint.key_needed:
        return None
    message = f"{endpoint.name} needs a key, and {endpoint.key_env} is not set"
    hint = f"export {endpoint.key_env}=…   (from a prompt, not from a file: read -rs {endpoint.key_env})"
    raise InputError(Problem(message=message, hint=hint))
