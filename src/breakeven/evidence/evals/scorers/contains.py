"""Contains: the answer holds the expected text somewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from breakeven.evidence.evals.case import Case
from breakeven.evidence.evals.scorers.exact import TextForm, accepted_texts
from breakeven.evidence.evals.scorers.options import Options
from breakeven.evidence.evals.scorers.reading import lacking
from breakeven.evidence.evals.scorers.scorer import FindFile, Scored

__all__ = ["Contains", "contains"]


@dataclass(frozen=True, kw_only=True)
class Contains:
    """1 where one of the expected texts is in the answer; with ``every``, the share of them that is."""

    form: TextForm
    every: bool

    @property
    def title(self) -> str:
        """What the score is."""
        return "share of the expected texts that it holds" if self.every else "holds the expected text"

    def score(self, case: Case, output: str) -> Scored:
        """Within 0..1."""
        wanted = [self.form.of(text) for text in accepted_texts(case, "contains")]
        if "" in wanted:
            raise lacking(case, "contains", "a text that is not empty: every answer holds that one")
        text = self.form.of(output)
        found = [one in text for one in wanted]
        return Scored(score=sum(found) / len(found) if self.every else float(any(found)))


def contains(options: Mapping[str, Any], find: FindFile) -> Contains:
    """``contains``: case and spacing are forgiven, unless an option says otherwise."""
    read = Options("contains", options, ("every", "ignore_case"))
    form = TextForm(ignore_case=read.flag("ignore_case", default=True), ignore_space=True)
    return Contains(form=form, every=read.flag("every", default=False))
