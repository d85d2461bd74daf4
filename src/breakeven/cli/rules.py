"""``breakeven rules``: the published decision rules, and what each says of a study."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from breakeven.cli.common import open_named, print_json, study_options

if TYPE_CHECKING:
    from rich.text import Text

    from breakeven.advice.decision import RuleVerdict
    from breakeven.advice.facts import Measured
    from breakeven.advice.rule import Rule
    from breakeven.economics.outcome import Outcome
    from breakeven.study.model import Study

__all__ = ["rules"]


@click.command()
@click.argument("study", required=False, type=click.Path(path_type=Path))
@click.option("--id", "ids", multiple=True, metavar="RULE", help="Only this rule; may be given again.")
@click.option("--file", "files", multiple=True, type=click.Path(path_type=Path),
              help="Rules of your own, in YAML; may be given again.")  # fmt: skip
@click.option("--facts", is_flag=True, help="List what rules can ask about instead, with the study's values.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@study_options
def rules(
    study: Path | None,
    ids: tuple[str, ...],
    files: tuple[Path, ...],
    facts: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """What published decision rules say: of STUDY, or in general where no study is named.

    Rules of your own come from a YAML file, or from installed packages.

    \b
    Examples:
      breakeven rules
      breakeven rules examples/loan-documents
      breakeven rules my-feature --id 001-volume --id 000-volume
      breakeven rules my-feature --file our-rules.yaml --json
      breakeven rules my-feature --facts
    """
    from breakeven.cli.rules_file import all_rules

    chosen = _chosen(all_rules(*files), ids)
    if study is None:
        _show_catalogue(chosen, facts=facts, as_json=as_json)
        return
    opened, outcome = _simulated(study, **options)
    if facts:
        _show_facts(opened, outcome, as_json=as_json)
    else:
        _show_verdicts(opened, outcome, chosen, as_json=as_json)


def _chosen(known: Sequence[Rule], ids: Sequence[str]) -> tuple[Rule, ...]:
    """The rules with these ids, or all; raises InputError for an id that none has."""
    from breakeven.errors import InputError, Problem, nearest

    by_id = {rule.id: rule for rule in known}
    for unknown in [name for name in ids if name not in by_id]:
        near = ", ".join(nearest(unknown, by_id))
        hint = f"nearest: {near}" if near else "`breakeven rules` lists all"
        raise InputError(Problem(message=f"no rule is called {unknown!r}", hint=hint))
    return tuple(by_id[name] for name in dict.fromkeys(ids)) if ids else tuple(known)


def _simulated(
    path: Path, *, seed: int, draws: int, point: bool, prices: Path | None, allow_outside: bool
) -> tuple[Study, Outcome]:
    from breakeven.economics import simulate

    study, _ = open_named(path, prices=prices, allow_outside=allow_outside)
    worlds = study.centres() if point else study.sample(draws, seed)
    return study, simulate(study, worlds)


# ------------------------------------------------------------------------------------------ what is shown


def _show_catalogue(known: Sequence[Rule], *, facts: bool, as_json: bool) -> None:
    from breakeven.advice.facts import FACTS

    if facts:
        rows = [{"fact": f.name, "meaning": f.meaning, "unit": f.unit, "key": f.key} for f in FACTS.values()]
        _print_rows(
            rows, as_json=as_json, heading="What rules can ask about", columns=("fact", "unit", "meaning")
        )
        return
    entries = [
        {"rule": r.id, "title": r.title, "source": r.source, "about": r.about, "asks": list(r.asks)}
        for r in known
    ]
    if as_json:
        print_json({"rules": entries})
        return
    lines = [
        _paragraph(rule.id, "", rule.title, f"{rule.source}; asks {', '.join(rule.asks)}") for rule in known
    ]
    _print("Decision rules", lines, ["`breakeven rules STUDY` says what they make of a study."])


def _show_facts(study: Study, outcome: Outcome, *, as_json: bool) -> None:
    from breakeven.advice.facts import measure

    rows = [_fact_row(fact) for fact in measure(study, outcome).values()]
    _print_rows(
        rows, as_json=as_json, heading=f"What rules see of {study.name}", columns=("fact", "shown", "from")
    )


def _fact_row(fact: Measured) -> dict[str, object]:
    value = fact.value
    finite = not isinstance(value, float) or abs(value) < float("inf")
    source = fact.source if value is not None else f"state {fact.key}"
    return {
        "fact": fact.name, "value": value if finite else None, "unit": fact.unit, "shown": str(fact), "from": source
    }  # fmt: skip


def _show_verdicts(study: Study, outcome: Outcome, chosen: Sequence[Rule], *, as_json: bool) -> None:
    from breakeven.advice.ranking import rank
    from breakeven.advice.rules import contradictions, run_rules

    leader = rank(study, outcome).leader
    verdicts = run_rules(study, outcome, leader, chosen)
    against = contradictions(verdicts, chosen)
    if as_json:
        entries = [_entry(verdict) for verdict in verdicts]
        print_json(
            {"study": study.name, "recommended": leader, "rules": entries, "contradictions": list(against)}
        )
        return
    lines = [_paragraph(v.rule, v.verdict, v.because, v.source) for v in verdicts]
    _print(f"What decision rules say of {study.name}", lines, [*against, _tally(verdicts, leader)])


def _entry(verdict: RuleVerdict) -> Mapping[str, object]:
    return {
        "rule": verdict.rule, "title": verdict.title, "source": verdict.source, "verdict": verdict.verdict,
        "because": verdict.because, "agrees": verdict.agrees,
    }  # fmt: skip


def _tally(verdicts: Sequence[RuleVerdict], leader: str) -> str:
    agree = sum(verdict.agrees is True for verdict in verdicts)
    sides = sum(verdict.agrees is not None for verdict in verdicts)
    of_rules = f"{agree} of {sides} rules that take a side agree" if sides else "no rule takes a side"
    return f"By the money {leader} leads: {of_rules}."


# -------------------------------------------------------------------------------------------- rich pieces

_STYLES: Final = {
    "prompt": "cyan",
    "tune": "magenta",
    "hybrid": "blue",
    "evaluate": "yellow",
    "cannot tell": "dim",
}


def _paragraph(name: str, verdict: str, text: str, aside: str) -> tuple[Text, Text, Text]:
    """Id, verdict, and what is said with its source under it; nothing in it is read as markup."""
    said = _text(text)
    said.append("\n")
    said.append_text(_text(aside, "dim"))
    return _text(name, "bold"), _text(verdict, _STYLES.get(verdict, "")), said


def _text(words: str, style: str = "") -> Text:
    from rich.text import Text

    from breakeven.report.text import clean

    return Text(clean(words), style=style, overflow="fold")


def _print(heading: str, lines: Iterable[Sequence[Text]], notes: Sequence[str]) -> None:
    from rich.console import Console
    from rich.table import Table

    from breakeven.report.text import as_ascii

    console = Console(highlight=False, markup=False, emoji=False)
    table = Table.grid(padding=(0, 2, 0, 0))
    for line in lines:
        table.add_row(*(cell for cell in line if cell.plain))
    with console.capture() as captured:
        console.print(_text(heading, "bold"), "", table, sep="\n")
        for note in notes:
            console.print("", _text(note), sep="\n")
    text = "\n".join(line.rstrip() for line in captured.get().splitlines())
    click.echo(text if console.encoding.lower().startswith("utf") else as_ascii(text))


def _print_rows(
    rows: Sequence[Mapping[str, object]], *, as_json: bool, heading: str, columns: Sequence[str]
) -> None:
    if as_json:
        print_json({"facts": list(rows)})
        return
    _print(heading, [[_text(str(row[column])) for column in columns] for row in rows], [])
