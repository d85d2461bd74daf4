"""Runs decision rules on a study: what each says, why, and which of them contradict each other.

A fact that the study does not state leaves a condition open. Where every way on leads to one verdict, the rule gives
it; where not, the rule *can not tell*, and names the fact and the line of the study that would state it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from breakeven.advice.conditions import Expression, Unknown, parse, value_of
from breakeven.advice.decision import RuleVerdict
from breakeven.advice.facts import FACTS, Measured, Value, measure, show_fact
from breakeven.advice.published_rules import PUBLISHED_RULES
from breakeven.advice.rule import Rule, Step, names_of
from breakeven.economics.outcome import Outcome
from breakeven.study.model import CandidateKind, Study

__all__ = ["SAYS_OF_KIND", "contradictions", "judge", "run_rules"]

SAYS_OF_KIND: Final[Mapping[CandidateKind, str]] = {
    "prompt": "prompt",
    "wait": "prompt",
    "tuned": "tune",
    "classifier": "tune",
    "hybrid": "hybrid",
}
"""The verdict that choosing a candidate of this kind amounts to now: waiting is prompting until its month comes."""

_TRAINS: Final[Mapping[str, bool]] = {"prompt": False, "tune": True, "hybrid": True}
"""The verdicts that take a side: whether a model is trained. Tuning all of it or a part is no contradiction."""


def run_rules(
    study: Study, outcome: Outcome, recommended: str | None, rules: Sequence[Rule] = PUBLISHED_RULES
) -> tuple[RuleVerdict, ...]:
    """What each rule says of this study, in the order of ``rules``.

    ``agrees`` tells whether the verdict and the recommended candidate are on one side: both train a model (all of it or
    a hybrid), or both do not. It is None for a rule that takes no side, and for all where nothing is recommended.
    """
    facts = measure(study, outcome)
    ours = None if recommended is None else SAYS_OF_KIND[study.candidates[recommended].kind]
    return tuple(_compared(rule, facts, ours) for rule in rules)


def _compared(rule: Rule, facts: Mapping[str, Measured], ours: str | None) -> RuleVerdict:
    verdict, because = judge(rule, facts)
    return RuleVerdict(
        rule=rule.id, title=rule.title, source=rule.source, verdict=verdict, because=because,
        agrees=_TRAINS[verdict] is _TRAINS[ours] if ours is not None and verdict in _TRAINS else None,
    )  # fmt: skip


def judge(rule: Rule, facts: Mapping[str, Measured]) -> tuple[str, str]:
    """The verdict of one rule, and the sentence that says why with the figures put in."""
    case = _Case.of(rule, facts)
    ends = case.ends(rule.all_steps)
    if len({step.verdict for step in ends}) > 1:
        return "cannot tell", case.what_is_missing()
    return ends[-1].verdict, case.filled(ends[-1].because)


@dataclass(frozen=True)
class _Known:
    """A fact or a figure of the rule: its value, unit, and the facts that it lacks."""

    value: Value | None
    unit: str
    missing: tuple[str, ...] = ()


class _Case:
    """One rule on one study."""

    def __init__(self, rule: Rule, known: dict[str, _Known]) -> None:
        self._names = names_of(rule)
        self._known = known
        self._missing: dict[str, None] = {}

    @classmethod
    def of(cls, rule: Rule, facts: Mapping[str, Measured]) -> _Case:
        """The facts, and the rule's figures computed from them in order."""
        case = cls(rule, {name: _Known(fact.value, fact.unit, (name,)) for name, fact in facts.items()})
        for figure in rule.figures:
            value = case._value(parse(figure.formula, case._names))
            if isinstance(value, Unknown):
                case._known[figure.name] = _Known(None, figure.unit, case._lacks(value) or (figure.name,))
            else:
                case._known[figure.name] = _Known(value, figure.unit)
        return case

    def ends(self, steps: Iterable[Step]) -> list[Step]:
        """The steps that may decide, given what is known; the last one does so if no earlier one does."""
        found: list[Step] = []
        for step in steps:
            holds = self._holds(step.when)
            if holds is False:
                continue
            found += self.ends(step.steps) if step.steps else [step]
            if holds:
                break
        return found

    def filled(self, text: str) -> str:
        """A sentence with its figures put in, each with its unit."""

        def shown(match: re.Match[str]) -> str:
            known = self._known[match[1]]
            return show_fact(known.value, known.unit)

        return re.sub(r"{(\w+)}", shown, text)

    def what_is_missing(self) -> str:
        """Which facts would let the rule tell, and where to state them."""
        stated = [f"{FACTS[name].meaning} (`{FACTS[name].key}`)" for name in self._missing if name in FACTS]
        computed = [
            f"{name} has no value here: its formula divides by zero"
            for name in self._missing
            if name not in FACTS
        ]
        sentences = [f"Not stated: {'; '.join(stated)}."] if stated else []
        return " ".join([*sentences, *(f"{text}." for text in computed)])

    def _holds(self, when: str) -> bool | None:
        if not when:
            return True
        expression = parse(when, self._names)
        value = self._value(expression)
        if not isinstance(value, Unknown):
            return bool(value)
        lacks = self._lacks(value)
        self._missing.update(dict.fromkeys(lacks or (f"`{when}`",)))
        return None

    def _value(self, expression: Expression) -> Value | Unknown:
        return value_of(expression, {name: known.value for name, known in self._known.items()})

    def _lacks(self, unknown: Unknown) -> tuple[str, ...]:
        """The facts behind what is unknown; a figure that divides by zero stands for itself."""
        return tuple(dict.fromkeys(name for what in unknown.missing for name in self._known[what].missing))


# ----------------------------------------------------------------------------------------- disagreement


def contradictions(
    verdicts: Sequence[RuleVerdict], rules: Sequence[Rule] = PUBLISHED_RULES
) -> tuple[str, ...]:
    """One sentence for each subject on which rules contradict each other, then for each document that does so."""
    about = {rule.id: rule.about for rule in rules}
    subjects = _grouped((f"On {about.get(v.rule, 'own rules')}", v) for v in verdicts)
    documents = _grouped(
        (f"{v.source.split(',')[0].capitalize()} contradicts itself here", v) for v in verdicts
    )
    sentences = [f"{head}: {said}." for head, said in [*_opposed(subjects), *_opposed(documents)]]
    return tuple(dict.fromkeys(sentences))


def _grouped(pairs: Iterable[tuple[str, RuleVerdict]]) -> dict[str, list[RuleVerdict]]:
    found: dict[str, list[RuleVerdict]] = {}
    for head, verdict in pairs:
        if verdict.verdict in _TRAINS:
            found.setdefault(head, []).append(verdict)
    return found


def _opposed(groups: Mapping[str, Sequence[RuleVerdict]]) -> Iterable[tuple[str, str]]:
    for head, verdicts in groups.items():
        sides: dict[str, list[str]] = {}
        for verdict in verdicts:
            sides.setdefault(verdict.verdict, []).append(verdict.rule)
        if len({_TRAINS[word] for word in sides}) > 1:
            yield (
                head,
                "; ".join(
                    f"{_listed(ids)} {'says' if len(ids) == 1 else 'say'} {word}"
                    for word, ids in sides.items()
                ),
            )


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
