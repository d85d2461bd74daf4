"""What the texts of logged calls tell: removable prompt, caching, segments, what could be batched."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from typing import Any, Final

import numpy as np

from breakeven.evidence.calls.format import At
from breakeven.evidence.calls.scratch import Scratch
from breakeven.evidence.profile.costs import Prices
from breakeven.evidence.prompts.caching import caching
from breakeven.evidence.prompts.counting import Tally, text_tokens
from breakeven.evidence.prompts.examples import parts_of
from breakeven.evidence.prompts.mining import Miner
from breakeven.evidence.prompts.reading import (
    LoggedPrompt,
    find_prompts,
    read_names,
    read_prompts,
    sample_prompts,
)
from breakeven.evidence.prompts.redaction import redact
from breakeven.evidence.prompts.replay import CacheTrace
from breakeven.evidence.prompts.scaling import sampled, scaled_up
from breakeven.evidence.prompts.template import Segment, Template
from breakeven.evidence.prompts.words import BREAK, roles_of, shown
from breakeven.prices import PriceBook

__all__ = ["KINDS", "prompt_findings"]

KINDS: Final = ("instructions", "few_shot", "tool_definitions")
_SHOWN: Final = 50
_DAY_S: Final = 86_400.0
_SESSIONS: Final = 4_000_000
_SLICE: Final = 0.30

_NO_TEXTS: Final = (
    "no call in the log keeps the text of its prompt: what is static, what examples cost and what a cache would hold "
    "can not be known; log the request's messages, or a sample of them"
)
_TELLING: Final = 30
_FEW_CALLS: Final = (
    "{n} calls keep texts and no three of them share a template: what is static can not be known from so few; "
    "read more of the log"
)


def prompt_findings(
    paths: Sequence[str], *, book: PriceBook, format_name: str | None = None,
    mapping: Mapping[str, At] | None = None, keep_texts: bool = False, redacted: bool = True,
    most: int | None = None, spool: Path | None = None, sample_of: int | None = None,
) -> dict[str, Any]:  # fmt: skip
    """What the prompts in the files hold that a fine-tune would not need, as a mapping ready for JSON.

    Counts and hashes only; ``keep_texts`` adds the constant texts, masked by ``redact`` unless ``redacted`` is False.
    ``mapping``: fields of a table of one's own, as for calls. ``most``: only so many calls are read, the first ones;
    None: all. ``spool``: the folder that holds a standard input read before. ``sample_of``: read a sample, of so many
    records that the files hold together; sums are scaled up to all calls, and ``sample`` says how far off they may be.
    Raises EvidenceError for files that can not be used, MissingExtraError without the token counter.

    Keys (more may be added, none renamed; None: can not be known, and ``reason`` beside it says why):

    ``calls, with_texts, unreadable, reason``
    ``counting{method: billed|counted|both, billed_calls, models{NAME: {vocabulary, vocabulary_is_the_models_own, calls,
    billed, counted, error, mean_absolute_error, exact_share}}}``
    ``removable{calls, share_of_calls, tokens, share_of_input, tokens_per_call, usd, usd_after_cache, kinds{KIND:
    tokens}, static_prefix, static_elsewhere, variable, input, unpriced[]}``: at the input price, and with what was
    logged as read from a cache at its price. Calls that fit no template add nothing to it: what they hold is unknown
    ``templates[{id, calls, share, models{NAME: calls}, features{NAME: calls}, slots, examples, per_call{input,
    static_prefix, static_elsewhere, variable, instructions, few_shot, tool_definitions}, tokens, usd, usd_after_cache,
    segments[{hash, kind, place, tokens, share_of_calls, text?}]}]``: most calls first
    ``templates_left_out, unmatched{calls, share, input}``
    ``caching{cacheable[{provider, min_prefix_tokens, share_of_calls, share_of_input}], replay[{provider,
    min_prefix_tokens, ttl_minutes, ttl_assumed, calls, hit_share_of_calls, hit_share_of_tokens}], logged_share,
    left_out, assumptions[], reason}``
    ``segments{shares[], largest, for_30_percent[ids]}``
    ``batchable{share, at_most, already, reason}``
    ``sample{calls, of, stretches, share_of_input{low, high}, level}``: None where every call was read
    """
    work = _Work()
    miner: Miner[_Held] = Miner(settle=work.settle)
    with Scratch() as folder:
        where = folder if spool is None else spool
        sources = find_prompts(paths, spool=where, format_name=format_name, mapping=mapping)
        names = read_names(sources)
        read = read_prompts(sources) if sample_of is None else sample_prompts(sources, records=sample_of)
        for call in islice(read, most):
            work.see(call._replace(feature=names.get(call.call_id or "", call.feature)), miner)
        miner.finish()
    head = {
        "calls": work.tally.calls, "with_texts": work.tally.texts,
        "unreadable": sum(source.unreadable for source in sources),
    }  # fmt: skip
    if not work.tally.texts:
        nothing = dict.fromkeys(("counting", "removable", "caching", "segments", "sample"))
        return {**head, "reason": _NO_TEXTS, **nothing, "templates": [], "batchable": _batchable(work)}
    found = _found(work, miner.templates, book, keep_texts, redacted)
    if sample_of is not None:
        head["calls"], head["with_texts"] = scaled_up(found, head["calls"], head["with_texts"], of=sample_of)
    if not found["templates"] and work.tally.texts < _TELLING:
        return {**head, **found, "reason": _FEW_CALLS.format(n=work.tally.texts), "removable": None}
    return {**head, "reason": None, **found}


@dataclass(frozen=True, kw_only=True)
class _Held:
    """A call while its template is not known."""

    call: LoggedPrompt
    tokens: int


@dataclass(kw_only=True)
class _Work:
    """What is gathered while prompts go by."""

    tally: Tally = field(default_factory=Tally)
    trace: CacheTrace = field(default_factory=CacheTrace)
    sessions: array[int] = field(default_factory=lambda: array("q"))
    session_times: array[float] = field(default_factory=lambda: array("d"))

    def see(self, call: LoggedPrompt, miner: Miner[_Held]) -> None:
        """One call of the log."""
        self.tally.calls += 1
        self.tally.batch += call.batch
        if call.session is not None and call.time_s is not None and len(self.sessions) < _SESSIONS:
            self.sessions.append(hash(call.session))
            self.session_times.append(call.time_s)
        if not call.messages:
            return
        self.tally.texts += 1
        text = shown(call.messages)
        tokens = self.tally.tokens_of(call, text)
        self.trace.add(call.time_s, call.model, text, tokens)
        miner.add(_Held(call=call._replace(messages=()), tokens=tokens), text, call.model)

    def settle(self, held: _Held, template: Template | None, _: Sequence[Segment]) -> None:
        """One call whose template is known now."""
        self.tally.take(held.call, template, held.tokens)


def _found(
    work: _Work, templates: Sequence[Template], book: PriceBook, keep_texts: bool, redacted: bool
) -> dict[str, Any]:
    tally, prices = work.tally, Prices(book)
    used = sorted((t for t in templates if t.calls), key=lambda t: -t.calls.total())
    made = [_template(template, tally, prices) for template in used]
    ids = [one["id"] for one in made]
    alone = [sums for (key, _), sums in tally.inputs.items() if key == 0]
    unmatched = sum(sums.calls for sums in alone)
    rows = [_with_texts(one, keep_texts, redacted) for one in made[:_SHOWN]]
    return {
        "counting": _counting(tally),
        "removable": _removable(made, tally),
        "templates": rows,
        "templates_left_out": len(made) - len(rows),
        "unmatched": {
            "calls": unmatched, "share": unmatched / tally.texts, "input": sum(sums.tokens for sums in alone),
        },
        "caching": caching(work.trace, tally, made, prices, book),
        "segments": _segments(made, ids, tally.texts),
        "batchable": _batchable(work),
        "sample": sampled(tally, {(one["key"], model): each for one in made for model, each in one["static"].items()}),
    }  # fmt: skip


# ------------------------------------------------------------------------------------------ templates


def _template(template: Template, tally: Tally, prices: Prices) -> dict[str, Any]:
    """One template, its tokens summed over calls; ``_segments`` hold the texts until they are left out."""
    segments = list(_kinds(template))
    calls = template.calls.total()
    sums: dict[str, float] = dict.fromkeys(("static_prefix", "static_elsewhere", *KINDS), 0.0)
    usd, after, unpriced = 0.0, 0.0, set()
    each: dict[str | None, float] = {}
    for model, n in template.calls.items():
        inputs = tally.inputs[id(template), model]
        static = _static(segments, model, tally, n)
        total = sum(static[place] for place in ("static_prefix", "static_elsewhere"))
        each[model] = total / n
        for name, tokens in static.items():
            sums[name] += tokens
        price = None if model is None else prices.of(inputs.provider, model)
        if price is None:
            unpriced.add(model or "(no model named)")
            continue
        usd += total * price.input_usd_per_mtok / 1e6
        cached_at = (
            price.cached_usd_per_mtok if price.cached_usd_per_mtok is not None else price.input_usd_per_mtok
        )
        cheap = min(inputs.cached, static["static_prefix"])
        after += (total * price.input_usd_per_mtok - cheap * (price.input_usd_per_mtok - cached_at)) / 1e6
    tokens = sums["static_prefix"] + sums["static_elsewhere"]
    total_input = sum(tally.inputs[id(template), model].tokens for model in template.calls)
    per_call = {"input": total_input, "variable": max(0.0, total_input - tokens), **sums}
    return {
        "id": _hash(BREAK.join(s.text for s in template.segments)), "calls": calls, "share": calls / tally.texts,
        "models": _named(template.calls), "features": _named(tally.features[id(template)]),
        "slots": _slots(template), "examples": sum(s["examples"] for s in segments),
        "per_call": {name: value / calls for name, value in per_call.items()},
        "tokens": tokens, "input": total_input, "usd": None if unpriced else usd,
        "usd_after_cache": None if unpriced else after, "unpriced": sorted(unpriced), "segments": segments,
        "sums": sums, "key": id(template), "static": each,
    }  # fmt: skip


def _named(counts: Mapping[Any, int]) -> dict[str, int]:
    ordered = sorted(counts.items(), key=lambda item: (-item[1], str(item[0])))
    return {"(none)" if name is None else str(name): n for name, n in ordered}


def _slots(template: Template) -> int:
    return len(template.segments) - 1 + (not template.opens) + (not template.closes)


def _kinds(template: Template) -> Iterator[dict[str, Any]]:
    """The constant parts, cut where instructions, examples and tool definitions meet."""
    skeleton = ("" if template.opens else BREAK) + BREAK.join(s.text for s in template.segments)
    parts = parts_of(skeleton if template.closes else skeleton + BREAK)
    at = 0 if template.opens else len(BREAK)
    calls = template.calls
    # The question itself needs a message, whatever else is removed.
    marks = [start for start, _, _ in roles_of(skeleton)[:-1]]
    for i, segment in enumerate(template.segments):
        end = at + len(segment.text)
        first = i == 0 and template.opens and not segment.optional
        held = segment.held if segment.optional else calls
        for part in parts:
            start, stop = max(at, part.start), min(end, part.end)
            if start < stop:
                yield {
                    "kind": part.kind, "place": "prefix" if first else "elsewhere", "text": skeleton[start:stop],
                    "marks": sum(start <= mark < stop for mark in marks),
                    "examples": part.examples if part.start >= at else 0, "held": held,
                    "share_of_calls": held.total() / calls.total(),
                }  # fmt: skip
        at = end + len(BREAK)


def _static(
    segments: Sequence[Mapping[str, Any]], model: str | None, tally: Tally, calls: int
) -> dict[str, float]:
    """Static tokens over all calls of one model, by place and by kind; never more than the input."""
    found: dict[str, float] = dict.fromkeys(("static_prefix", "static_elsewhere", *KINDS), 0.0)
    scale = tally.scale(model)
    for segment in segments:
        tokens = (
            text_tokens(segment["text"], segment["marks"], model) * scale * min(segment["held"][model], calls)
        )
        found[f"static_{segment['place']}"] += tokens
        found[segment["kind"]] += tokens
    return found


def _hash(text: str) -> str:
    return blake2b(text.encode("utf-8", "replace"), digest_size=8).hexdigest()


def _with_texts(made: Mapping[str, Any], keep_texts: bool, redacted: bool) -> dict[str, Any]:
    """The template as it is printed: hashes in the place of texts, unless texts are to be kept."""
    segments = []
    model = next(iter(made["models"]), None)
    for part in made["segments"]:
        row = {
            "hash": _hash(part["text"]), "kind": part["kind"], "place": part["place"],
            "tokens": text_tokens(part["text"], part["marks"], model), "share_of_calls": part["share_of_calls"],
        }  # fmt: skip
        if keep_texts:
            plain = part["text"].replace("\ue000", "\n[").replace("\ue001", "] ").lstrip("\n")
            row["text"] = redact(plain).text if redacted else plain
        segments.append(row)
    hidden = ("segments", "sums", "key", "static")
    return {**{name: value for name, value in made.items() if name not in hidden}, "segments": segments}


def _removable(made: Sequence[Mapping[str, Any]], tally: Tally) -> dict[str, Any]:
    """The most that a fine-tune could save in tokens: all that is static."""
    total = sum(sums.tokens for sums in tally.inputs.values())
    tokens = sum(one["tokens"] for one in made)
    calls = sum(one["calls"] for one in made if one["tokens"])
    unpriced = sorted({name for one in made for name in one["unpriced"]})
    sums = {
        name: sum(one["sums"][name] for one in made) for name in ("static_prefix", "static_elsewhere", *KINDS)
    }
    return {
        "calls": calls, "share_of_calls": calls / tally.texts, "tokens": tokens,
        "share_of_input": tokens / total if total else None, "tokens_per_call": tokens / tally.texts,
        "usd": None if unpriced else sum(one["usd"] for one in made),
        "usd_after_cache": None if unpriced else sum(one["usd_after_cache"] for one in made),
        "kinds": {kind: sums[kind] for kind in KINDS}, "static_prefix": sums["static_prefix"],
        "static_elsewhere": sums["static_elsewhere"], "variable": max(0.0, total - tokens), "input": total,
        "unpriced": unpriced,
    }  # fmt: skip


def _counting(tally: Tally) -> dict[str, Any]:
    method = "billed" if tally.billed == tally.texts else "both" if tally.billed else "counted"
    models = {(model or "(none)"): one.summary(model) for model, one in tally.agreement.items()}
    return {"method": method, "billed_calls": tally.billed, "models": dict(sorted(models.items()))}


# -------------------------------------------------------------------------------- segments, batchable


def _segments(made: Sequence[Mapping[str, Any]], ids: Sequence[str], calls: int) -> dict[str, Any]:
    """Shares of traffic by template, and the fewest templates that make up 30% of it."""
    shares = [one["calls"] / calls for one in made]
    reached = np.cumsum(shares) >= _SLICE - 1e-12
    return {
        "shares": shares[:_SHOWN],
        "largest": shares[0] if shares else 0.0,
        "for_30_percent": list(ids[: int(reached.argmax()) + 1]) if reached.any() else None,
    }


def _batchable(work: _Work) -> dict[str, Any]:
    """What could wait a day. A log does not say who waits for an answer: at most a bound is known."""
    tally = work.tally
    already = tally.batch / tally.calls if tally.calls else None
    reason = "a log does not say who waits for an answer: state the share that may take a day"
    bound = _at_most(work) if len(work.sessions) == tally.calls and tally.calls else None
    if bound is not None:
        reason += "; at most: calls that no other call of the same session follows within a day"
    return {"share": None, "at_most": bound, "already": already, "reason": reason}


def _at_most(work: _Work) -> float:
    sessions, times = np.frombuffer(work.sessions, dtype=np.int64), np.frombuffer(work.session_times)
    order = np.lexsort((times, sessions))
    sessions, times = sessions[order], times[order]
    followed = (sessions[1:] == sessions[:-1]) & (times[1:] - times[:-1] < _DAY_S)
    return float(1 - followed.sum() / len(sessions))
