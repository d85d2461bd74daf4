"""Regular expressions: the answer holds a pattern, or what the pattern takes out of it is the expected text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from breakeven.evidence.evals.case import Case
from breakeven.evidence.evals.scorers.exact import TextForm, accepted_texts
from breakeven.evidence.evals.scorers.options import Options, bad_option
from breakeven.evidence.evals.scorers.scorer import FindFile, Scored

__all__ = ["Extracted", "Matched", "pattern"]


@dataclass(frozen=True, kw_only=True)
class Matched:
    """1 where the pattern is found in the answer, else 0."""

    pattern: re.Pattern[str]

    @property
    def title(self) -> str:
        """What the score is."""
        return f"holds /{self.pattern.pattern}/"

    def score(self, case: Case, output: str) -> Scored:
        """1 or 0."""
        return Scored(score=float(self.pattern.search(output) is not None))


@dataclass(frozen=True, kw_only=True)
class Extracted:
    """1 where the pattern's first group is the expected text; an answer without the pattern is a format failure."""

    pattern: re.Pattern[str]
    form: TextForm

    @property
    def title(self) -> str:
        """What the score is."""
        return f"what /{self.pattern.pattern}/ takes out, exact match"

    def score(self, case: Case, output: str) -> Scored:
        """1 or 0. The last match counts: models reason first and answer last."""
        wanted = accepted_texts(case, "regex")
        found = [match[1] for match in self.pattern.finditer(output)]
        if not found or found[-1] is None:
            return Scored(score=0.0, format_failure=True, note="the pattern is not in the answer")
        return Scored(score=float(self.form.of(found[-1]) in map(self.form.of, wanted)))


def pattern(options: Mapping[str, Any], find: FindFile) -> Matched | Extracted:
    """``regex``: with a group in the pattern, what it takes out is compared; without, finding it is enough."""
    read = Options("regex", options, ("pattern", "ignore_case"))
    text = read.text("pattern")
    if text is None:
        raise bad_option("regex.pattern", "is missing", "{regex: {pattern: 'Answer: (.+)'}}")
    ignore_case = read.flag("ignore_case", default=False)
    try:
        compiled = re.compile(text, re.MULTILINE | (re.IGNORECASE if ignore_case else re.NOFLAG))
    except re.error as exc:
        raise bad_option("regex.pattern", f"{text!r} is no regular expression: {exc}") from exc
    if compiled.groups:
        return Extracted(pattern=compiled, form=TextForm(ignore_case=ignore_case, ignore_space=True))
    return Matched(pattern=compiled)
