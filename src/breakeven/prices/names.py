"""Finding the model that was meant: the nearest names to one that the book does not hold."""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

__all__ = ["billions_in", "is_exact", "nearest_keys", "plain", "search_keys"]

# Whose models most people mean when they leave out the provider: makers before clouds, clouds before resellers.
_HOME = (
    "openai",
    "anthropic",
    "gemini",
    "mistral",
    "deepseek",
    "xai",
    "meta",
    "cohere",
    "azure",
    "bedrock",
    "vertex_ai",
    "groq",
    "together_ai",
    "fireworks_ai",
    "azure_ai",
)
_RANK = {provider: rank for rank, provider in enumerate(_HOME)}
_DATE = re.compile(r"-?(20\d{2}-?\d{2}-?\d{2}|\d{4})(?=$|[-@:])")
_CUTOFF = 0.6
_SIZE = re.compile(
    r"(?<![a-z0-9.])(?:(?P<experts>\d+)x)?(?P<size>\d+(?:[.p]\d+)?)(?P<unit>[bt])(?![a-z0-9])", re.IGNORECASE
)
_EXPERTS_APART = re.compile(r"\d+b-\d+e(?![a-z0-9])", re.IGNORECASE)


def plain(text: str) -> str:
    """Letters and digits only, small: ``GPT-4.1 mini`` and ``gpt4.1-mini`` are one."""
    return re.sub(r"[^a-z0-9]", "", text.lower())


def billions_in(name: str) -> float | None:
    """The parameters that a model's name tells, in billions, all experts counted; None: it tells none.

    ``Qwen3-30B-A3B`` → 30, ``qwen2p5-0p5b`` → 0.5, ``Mixtral-8x7B`` → 56 (shared layers counted each time). A name that
    tells the size of one expert alone, ``Llama-4-Maverick-17B-128E``, tells nothing.
    """
    if _EXPERTS_APART.search(name):
        return None
    match = _SIZE.search(name)
    if match is None:
        return None
    size = float(match["size"].lower().replace("p", "."))
    return size * int(match["experts"] or 1) * (1_000 if match["unit"].lower() == "t" else 1)


def nearest_keys(word: str, known: Iterable[str], *, n: int = 3) -> tuple[str, ...]:
    """The known keys ``provider/model`` most like ``word``, best first; empty where none is near.

    A model that only lacks its provider, or is spelt with other punctuation, comes before any fuzzy match; among
    equals the maker of the model comes before those who resell it. A provider that is named is kept to.
    """
    keys = list(known)
    wanted_provider, wanted_name = _split(word, keys)
    by_name: dict[str, list[str]] = defaultdict(list)
    for key in keys:
        by_name[plain(key.partition("/")[2])].append(key)
    found: list[str] = []
    for name in _names_like(plain(wanted_name), by_name):
        found.extend(sorted(by_name[name], key=lambda key: (_foreign(key, wanted_provider), *_order(key))))
    # Stable: names stay in order of likeness, but a provider that was named comes first.
    found.sort(key=lambda key: _foreign(key, wanted_provider))
    return tuple(_one_per_name_first(found, n=n))


def search_keys(text: str, known: Iterable[str]) -> list[str]:
    """The known keys that hold every word of ``text``, the likeliest first: exact, then beginning with it, then rest.

    Words are compared without punctuation, so ``gpt4.1 mini`` finds ``openai/gpt-4.1-mini``.
    """
    words = [plain(word) for word in text.split()]
    words = [word for word in words if word]
    if not words:
        return []
    whole = "".join(words)
    hits = [key for key in known if all(word in plain(key) for word in words)]
    return sorted(hits, key=lambda key: (_closeness(key, whole), *_order(key)))


def _split(word: str, keys: Sequence[str]) -> tuple[str | None, str]:
    """The provider that ``word`` names, if any, and the model."""
    head, slash, tail = word.strip().partition("/")
    if not slash:
        return None, head
    providers = {key.partition("/")[0] for key in keys}
    if head in providers:
        return head, tail
    alike = difflib.get_close_matches(head.lower(), providers, n=1, cutoff=0.7)
    return (alike[0] if alike else None), tail


def _names_like(wanted: str, names: Iterable[str]) -> list[str]:
    """Plain names like the wanted one: the same, the same but for its date, then the closest in spelling."""
    all_names = list(names)
    exact = [name for name in all_names if name == wanted]
    undated = plain(_DATE.sub("", wanted)) if _DATE.search(wanted) else wanted
    same = [name for name in all_names if name == undated and name not in exact]
    close = difflib.get_close_matches(wanted, all_names, n=8, cutoff=_CUTOFF) if wanted else []
    return [*exact, *same, *(name for name in close if name not in exact and name not in same)]


def _foreign(key: str, provider: str | None) -> bool:
    return provider is not None and key.partition("/")[0] != provider


def _one_per_name_first(keys: Sequence[str], *, n: int) -> list[str]:
    """The first ``n``, but a name that many resell takes only two places while other names wait."""
    taken: dict[str, int] = defaultdict(int)
    first: list[str] = []
    later: list[str] = []
    for key in keys:
        name = plain(key.partition("/")[2])
        taken[name] += 1
        (first if taken[name] <= 2 else later).append(key)
    return [*first, *later][:n]


def is_exact(key: str, text: str) -> bool:
    """Whether ``text`` is the whole key or the whole model, but for punctuation."""
    return plain(text) in (plain(key), plain(key.partition("/")[2]))


def _closeness(key: str, whole: str) -> int:
    if is_exact(key, whole):
        return 0
    starts = plain(key.partition("/")[2]).startswith(whole) or plain(key).startswith(whole)
    return 1 if starts else 2


def _order(key: str) -> tuple[int, int, str]:
    """Makers first, short names first."""
    provider, _, name = key.partition("/")
    return _RANK.get(provider, len(_HOME)), len(name), key
