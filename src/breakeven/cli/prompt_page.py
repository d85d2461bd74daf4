"""The prompt section of a profile as text: what a fine-tune could leave out, and what a cache would hold of it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from typing import Any, Final

from breakeven.report.text import clean, shorten

__all__ = ["prompt_section"]

_ROWS: Final = 8
_WIDE: Final = 96
_KIND: Final = {
    "instructions": "instructions",
    "few_shot": "few-shot examples",
    "tool_definitions": "tool definitions",
}


def prompt_section(found: Mapping[str, Any], *, width: int = 100, batchable: bool = True) -> str:
    """The findings (see ``prompt_findings``) in lines of at most ``width`` characters.

    batchable: whether what could wait is told here, too.
    """
    logged = _logged_share(found["counting"])
    if found["removable"] is None:
        lines = [*_wrapped(f"PROMPT     not known: {found['reason']}", width)]
    elif logged is not None and logged < _HALF:
        lines = [*_wrapped(_INCOMPLETE.format(share=logged), width)]
    else:
        lines = [
            *_removable(found, width), *_templates(found, width), *_caching(found["caching"], width), *_segments(found),
            *_counting(found["counting"], width),
        ]  # fmt: skip
    if batchable:
        lines += _wrapped(f"BATCHABLE  {_batchable(found['batchable'])}", width)
    return "\n".join(line[:width].rstrip() for line in lines) + "\n"


_HALF: Final = 0.5
_INCOMPLETE: Final = (
    "PROMPT     not known: the texts in the log make up {share:.1%} of the billed input, so most of the prompt (its "
    "system text, examples or tools) is not logged; what is static in it can not be told from the rest"
)


def _logged_share(counting: Mapping[str, Any] | None) -> float | None:
    """Tokens counted in the logged texts to tokens billed for them; None where no bill is known."""
    rows = [] if counting is None else [row for row in counting["models"].values() if row.get("billed")]
    billed = sum(row["billed"] for row in rows)
    return sum(row["counted"] for row in rows) / billed if billed else None


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, subsequent_indent=" " * 11)


def _removable(found: Mapping[str, Any], width: int) -> Iterator[str]:
    removable = found["removable"]
    share = removable["share_of_input"]
    some = (
        ""
        if found["with_texts"] == found["calls"]
        else f" (of {found['calls']:,} calls, these keep their texts)"
    )
    head = f"PROMPT     {found['with_texts']:,} calls{some}; static: {removable['tokens_per_call']:,.0f} tokens a call"
    yield from _wrapped(head + ("" if share is None else f", {share:.1%} of input{_off(found)}"), width)
    yield from _sampled(found.get("sample"), width)
    yield from _wrapped(f"           the most a fine-tune could save in tokens: {_money(removable)}", width)
    places = (
        ("static prefix", removable["static_prefix"]), ("static elsewhere", removable["static_elsewhere"]),
        ("variable", removable["variable"]),
    )  # fmt: skip
    yield "  of input   " + ", ".join(
        f"{name} {_part(tokens, removable['input'])}" for name, tokens in places
    )
    kinds = ((_KIND[kind], tokens) for kind, tokens in removable["kinds"].items() if tokens)
    yield "  static is  " + ", ".join(
        f"{name} {_part(tokens, removable['tokens'])}" for name, tokens in kinds
    )


def _off(found: Mapping[str, Any]) -> str:
    """How far off a sample may be."""
    ends = (found.get("sample") or {}).get("share_of_input")
    return "" if ends is None else f" [{ends['low']:.1%}, {ends['high']:.1%}] (90%)"


def _sampled(sample: Mapping[str, Any] | None, width: int) -> Iterator[str]:
    if sample is not None:
        text = (
            f"from a sample: {sample['calls']:,} calls in {sample['stretches']} stretches from all over the log, sums "
            f"scaled up to {sample['of']:,}; --prompts reads all"
        )
        yield from textwrap.wrap(text, width, initial_indent=" " * 11, subsequent_indent=" " * 11)


def _part(tokens: float, whole: float) -> str:
    return f"{tokens / whole:.1%}" if whole else "0%"


def _money(removable: Mapping[str, Any]) -> str:
    if removable["usd"] is None:
        return f"dollars not known, as no price is for {clean(', '.join(removable['unpriced'][:3]))}"
    plain, after = _usd(removable["usd"]), _usd(removable["usd_after_cache"])
    return f"{plain} over this log" + ("" if plain == after else f"; {after} as cached input was billed")


def _usd(value: float) -> str:
    return f"${value:,.2f}" if value >= 1 else f"${value:.4f}"


def _templates(found: Mapping[str, Any], width: int) -> Iterator[str]:
    templates = found["templates"]
    columns = [*("calls", "share", "input", "static"), *(["examples"] if width >= _WIDE else []), "save"]
    name_width = max(20, width - 2 - 10 * len(columns))
    if templates:
        yield ""
        yield f"  {'by template':<{name_width}}" + "".join(f"{name:>10}" for name in columns)
    for one in templates[:_ROWS]:
        per_call = one["per_call"]
        static = per_call["static_prefix"] + per_call["static_elsewhere"]
        usd = "not known" if one["usd"] is None else _usd(one["usd"])
        cells = {
            "calls": f"{one['calls']:,}", "share": f"{one['share']:.1%}", "input": f"{per_call['input']:,.0f}",
            "static": f"{static:,.0f}", "examples": f"{per_call['few_shot']:,.0f}", "save": usd,
        }  # fmt: skip
        name = shorten(_name(one), name_width - 3)
        yield f"    {name:<{name_width - 2}}" + "".join(f"{cells[column]:>10}" for column in columns)
    more = len(templates) - _ROWS + found["templates_left_out"]
    if more > 0:
        yield f"    … and {more:,} more"
    unmatched = found["unmatched"]
    if unmatched["calls"]:
        calls = f"{unmatched['calls']:,} calls ({unmatched['share']:.1%})"
        yield f"    {calls} fit no template: their static part is not known"


def _name(template: Mapping[str, Any]) -> str:
    """The feature or model that most of its calls name, with the beginning of its hash."""
    names = list(template["features"]) or list(template["models"])
    return clean(f"{template['id'][:6]} {names[0] if names else ''}")


def _caching(caching: Mapping[str, Any], width: int) -> Iterator[str]:
    yield ""
    if caching["reason"] is not None:
        yield from _wrapped(f"CACHE      not known: {caching['reason']}", width)
        return
    yield f"  {'a prompt cache, replayed':<34}{'minimum':>10}{'minutes':>10}{'calls hit':>12}{'input read':>12}"
    for row in caching["replay"][:_ROWS]:
        minutes = f"{row['ttl_minutes']:g}" + ("?" if row["ttl_assumed"] else "")
        shares = (row["hit_share_of_calls"], row["hit_share_of_tokens"])
        cells = "".join(f"{'–' if share is None else format(share, '.1%'):>12}" for share in shares)
        yield f"    {shorten(clean(row['provider']), 31):<32}{row['min_prefix_tokens']:>10,}{minutes:>10}{cells}"
    assumed = "; ".join(caching["assumptions"])
    marked = " ?: its life time is not published; five minutes are assumed." if _any_assumed(caching) else ""
    yield from textwrap.wrap(
        f"assuming {assumed}.{marked}", width, initial_indent="    ", subsequent_indent="    "
    )


def _any_assumed(caching: Mapping[str, Any]) -> bool:
    return any(row["ttl_assumed"] for row in caching["replay"][:_ROWS])


def _segments(found: Mapping[str, Any]) -> Iterator[str]:
    segments = found["segments"]
    ids = segments["for_30_percent"]
    yield f"SEGMENTS   the most frequent template takes {segments['largest']:.1%} of calls"
    if ids is not None:
        several = f"{len(ids)} templates make" if len(ids) > 1 else "one template makes"
        yield f"           {several} up 30% or more: {', '.join(one[:6] for one in ids[:6])}"


def _counting(counting: Mapping[str, Any], width: int) -> Iterator[str]:
    method = counting["method"]
    said = {"billed": "input as billed, static parts counted", "counted": "all tokens counted, none billed"}
    known = {name: row for name, row in counting["models"].items() if row["error"] is not None}
    errors = "; ".join(_error(clean(name), row) for name, row in list(known.items())[:4])
    text = said.get(method, "input as billed where the log says, else counted")
    yield from _wrapped(f"TOKENS     {text}" + (f" ({errors})" if errors else ""), width)


def _error(name: str, row: Mapping[str, Any]) -> str:
    n = f"{row['calls']:,} call{'' if row['calls'] == 1 else 's'}"
    if row["exact_share"] == 1:
        return f"{name}: counted equals billed in {n}"
    return f"{name}: counted is {row['error']:+.1%} off billed over {n}"


def _batchable(batchable: Mapping[str, Any]) -> str:
    bound = (
        ""
        if batchable["at_most"] is None or batchable["at_most"] >= 1
        else f"at most {batchable['at_most']:.1%}; "
    )
    already = f"; {batchable['already']:.1%} already are" if batchable["already"] else ""
    return f"{bound}not known: {batchable['reason']}{already}"
