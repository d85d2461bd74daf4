"""Token counts for logs that keep texts and no usage: each record gets its own, counted offline, as it is read."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any, Final

from breakeven.evidence.calls.detect import unpacked
from breakeven.evidence.calls.engines.base import Filled, Source
from breakeven.evidence.calls.files import LogFile
from breakeven.evidence.calls.format import LogFormat
from breakeven.evidence.calls.lines import Line
from breakeven.evidence.prompts.counting import prompt_tokens
from breakeven.evidence.prompts.reading import (
    PromptSource,
    answer_of,
    records_of,
    texts_of,
    value_at,
    word_of,
)
from breakeven.evidence.prompts.tokens import counter_for, vocabulary_of
from breakeven.evidence.prompts.words import shown

__all__ = ["TokenFiller"]

_SEEN: Final = 1_000
"""Records by which it is told whether a file states tokens."""
_ADDED: Final[Mapping[str, str]] = {
    "input_tokens": "breakeven_counted_input", "output_tokens": "breakeven_counted_output",
}  # fmt: skip
_FAILED: Final = 400


@dataclass(kw_only=True)
class TokenFiller:
    """Says of each file whether its tokens are to be counted, and counts them.

    ``wanted``: whether texts may be read; None: of files up to ``most`` bytes. ``said`` holds what a user can do about
    the others, ``vocabularies`` what was counted with, and whether it is the model's own.
    """

    wanted: bool | None = None
    most: int = 50_000_000
    said: list[str] = field(default_factory=list)
    vocabularies: dict[str, bool] = field(default_factory=dict)

    def __call__(self, file: Source, log_format: LogFormat, records: Sequence[Any]) -> Filled | None:
        """How the file is read with counts; None where it states tokens, keeps no texts, or is not to be counted."""
        if log_format.kind != "calls" or log_format.tree or not isinstance(file, LogFile):
            return None
        seen = [*unpacked(log_format, records)]
        if not _states_none(seen, log_format):
            return None
        seen += islice(records_of(PromptSource(file=file, format=log_format)), _SEEN)
        if not _states_none(seen, log_format) or not any(texts_of(one, log_format) for one in seen):
            return None
        if not self._may(file):
            return None
        counter_for(None)  # where it is not installed, said at once
        fields = {name: (*log_format.fields.get(name, ()), added) for name, added in _ADDED.items()}
        counted = replace(log_format, fields={**log_format.fields, **fields})
        return Filled(format=counted, fill=lambda line: self._filled(line, log_format))

    @property
    def note(self) -> tuple[str, ...]:
        """What a reader of figures should know: that tokens were counted, or could be."""
        if not self.vocabularies:
            return tuple(self.said)
        names = " and ".join(name.removesuffix("_base") for name in sorted(self.vocabularies))
        return (f"the log states no tokens: counted with {names} from its texts", *self.said)

    def mark(self, profile: dict[str, Any]) -> None:
        """Say in a profile which of its tokens were counted, and what could be."""
        profile["warnings"] += self.said
        if self.said:
            profile["texts_uncounted"] = True
        for side in ("input", "output"):
            if self.vocabularies and profile["tokens"].get(side) is not None:
                profile["tokens"][side] |= {
                    "counted": True,
                    "vocabularies": dict(sorted(self.vocabularies.items())),
                }

    def _may(self, file: LogFile) -> bool:
        may = file.path.stat().st_size <= self.most if self.wanted is None else self.wanted
        if not may:
            how = "`profile` without --no-prompts" if self.wanted is False else "`profile --prompts`"
            self.said.append(f"{file.shown} states no tokens, but keeps texts: {how} counts them from these")
        return may

    def _filled(self, line: Line, log_format: LogFormat) -> Line:
        """The line with counts in it; one that is no record stays as it is, to be refused for what is wrong with it."""
        if line.broken is not None:
            return line
        try:
            record = json.loads(line.text)
        except (ValueError, RecursionError):
            return line
        if not isinstance(record, dict) or not (counts := self._counts(record, log_format)):
            return line
        head, end, _ = line.text.rstrip().rpartition("}")
        comma = "," if record else ""
        return line._replace(text=f"{head}{comma}{json.dumps(counts)[1:-1]}{end}")

    def _counts(self, record: Mapping[str, Any], log_format: LogFormat) -> dict[str, int]:
        """Tokens of the prompt and of the answer, as far as there are any; a call that failed was not billed."""
        if _failed(record, log_format):
            return {}
        model = word_of(record, log_format, "model")
        messages, answer = texts_of(record, log_format), answer_of(record, log_format)
        found = {}
        if messages:
            found[_ADDED["input_tokens"]] = prompt_tokens(shown(messages), model)
        if answer:
            found[_ADDED["output_tokens"]] = counter_for(model).recalled(answer)
        if found:
            vocabulary, own = vocabulary_of(model)
            self.vocabularies[vocabulary] = self.vocabularies.get(vocabulary, True) and own
        return found


def _states_none(records: Sequence[Mapping[str, Any]], log_format: LogFormat) -> bool:
    places = [at.path for name in _ADDED for at in log_format.places(name)]
    return all(value_at(record, path) is None for record in records for path in places)


def _failed(record: Mapping[str, Any], log_format: LogFormat) -> bool:
    if word_of(record, log_format, "error") is not None:
        return True
    status = word_of(record, log_format, "status") or ""
    return status.lower() == "error" or (status.isdigit() and int(status) >= _FAILED)
