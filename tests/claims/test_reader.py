"""Claims files: every mistake is one ClaimsError with its line; hostile text stays text."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from breakeven.claims import audit, read_claims, read_file
from breakeven.errors import BreakevenError, ClaimsError

ROOT = Path(__file__).resolve().parents[2]
GOOD = """\
title: A proposal
documents:
  Proposal: Tickets, routed
claims:
  - id: payback
    source: {document: Proposal, where: page 3}
    statement: Set-up is paid back.
    inputs:
      setup: $18,000
      saving: $930/month
      hosting: $450/month
    steps:
      net: saving - hosting
    formula: setup / net
    printed: 38 days
    unit: months
    also_printed: [1.25 months]
    tolerance: 5%
    other_values:
      page 5: {setup: $12K}
  - id: errors
    source: Proposal
    statement: Fewer errors.
    inputs: {tickets: 300K calls/month}
    missing: {error_cost: $/call}
    formula: tickets * 4 / 100 * error_cost
    printed: $96K/year
"""


def refused(text: str) -> ClaimsError:
    with pytest.raises(ClaimsError) as caught:
        read_claims(text, file="claims.yaml")
    return caught.value


def test_a_good_file_is_read() -> None:
    payback, errors = read_claims(GOOD, file="claims.yaml")
    assert payback.source == "Proposal, page 3"
    assert payback.title == "Tickets, routed"
    assert str(payback.place) == "claims.yaml:5:5"
    assert payback.measure.text == "months"
    assert payback.printed.measure.text == "days"
    assert errors.source == "Proposal"
    assert [missing.name for missing in errors.missing] == ["error_cost"]
    assert [claim.verdict for claim in audit(GOOD)] == ["fails", "underdetermined"]


MISTAKES = [
    # what is changed in the good file into what, and how the first problem starts
    ("printed: 38 days", "printed: 38",
     "16:11: claims[0].unit: 'months' is in months, what is printed is in (a p"),
    ("unit: months", "unit: dollars",
     "16:11: claims[0].unit: 'dollars' is in usd, what is printed is in months"),
    ("    unit: months\n", "    units: months\n",
     "16:5: claims[0].units: the key 'units' is not known\n    did you mean 'unit'?"),
    ("setup / net", "setup * net",
     "14:14: claims[0].formula: the formula gives usd^2/month; '38 days' is in months"),
    ("setup / net", "setup / nett",
     "14:14: claims[0].formula: no input is called 'nett'\n    did you mean 'net'?"),
    ("saving - hosting", "saving - setup",
     "14:14: claims[0].formula: can not subtract $930/month and $18K"),
    ("saving - hosting", "saving - saving", "14:14: claims[0].formula: $18K is divided by zero"),
    ("saving - hosting", "saving - net", "13:12: claims[0].steps.net: no input is called 'net'"),
    ("      net:", "      month:", "13:7: claims[0].steps.month: the name 'month' has a meaning in formulas"),
    ("      net:", "      setup:", "13:7: claims[0].steps.setup: the name 'setup' is used twice"),
    ("      net:", "      Net worth:", "13:7: claims[0].steps.Net worth: 'Net worth' can not be a name"),
    ("$18,000", "18,000 dolars",
     "9:14: claims[0].inputs.setup: '18,000 dolars': unknown unit 'dolars', did you"),
    ("saving: $930/month", "saving: [1]", "10:15: claims[0].inputs.saving: text is wanted, [1] was read"),
    ("saving: $930/month", "saving:", "10:7: claims[0].inputs.saving: text is wanted, nothing was read"),
    ("    formula: setup / net\n", "", "5:5: claims[0].formula: is missing"),
    ("id: errors", "id: payback", "21:9: claims[1].id: the id 'payback' stands here again; first at line 5"),
    ("id: errors", "id: a b", "21:9: claims[1].id: 'a b' can not be a claim's id"),
    ("id: errors", 'id: ""', "21:9: claims[1].id: '' can not be a claim's id"),
    ("tolerance: 5%", "tolerance: 5", "18:16: claims[0].tolerance: text is wanted, 5 was read"),
    ("tolerance: 5%", "tolerance: five", "18:16: claims[0].tolerance: 'five' is not a quantity"),
    ("{setup: $12K}", "{setups: $12K}", "20:16: claims[0].other_values.page 5.setups: no input is called"),
    ("{setup: $12K}", "{setup: 3 months}", "20:23: claims[0].other_values.page 5.setup: 3 months is in mo"),
    ("[1.25 months]", "[$1.25]",
     "17:20: claims[0].also_printed[0]: '$1.25' is in usd; the claim's figure is in months"),
    ("{error_cost: $/call}", "{error_cost: $/cal}",
     "25:27: claims[1].missing.error_cost: '$1/cal': unknown unit 'cal'"),
    ("  Proposal: Tickets", "  Offer: Tickets", "3:3: documents.Offer: no claim is of 'Offer'"),
    ("title: A proposal", "title: [", "3:11: this is not YAML: "),
    ("title: A proposal", "tite: A proposal",
     "1:1: tite: the key 'tite' is not known\n    did you mean 'title'?"),
    ("title: A proposal", "title: &a A proposal", "1:8: the anchor or alias"),
    ("title: A proposal", "title: !!python/name:os.system x", "1:8: the tag"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "said"), MISTAKES)
def test_every_mistake_is_named_with_its_place(old: str, new: str, said: str) -> None:
    assert GOOD.count(old) == 1
    problem = str(refused(GOOD.replace(old, new)))
    assert problem.startswith(f"claims.yaml:{said}"), problem


def test_several_mistakes_come_in_one_error() -> None:
    error = refused(
        GOOD.replace("$18,000", "18000 monhts")
        .replace("id: errors", "id: payback")
        .replace("$/call", "$/cll")
    )
    assert len(error.problems) == 3
    assert all(problem.place is not None and problem.place.line for problem in error.problems)


def test_a_comma_inside_braces_is_explained() -> None:
    error = refused(GOOD.replace("{tickets: 300K calls/month}", "{tickets: 300,000 calls/month}"))
    assert "stands in quotes: {hosting: '$2,000/month'}" in str(error)


@pytest.mark.parametrize(
    "text", ["", "claims:", "claims: []", "claims: {}", "- a", "3", "claims: [3]", "\ufeff", "\x00"]
)
def test_a_file_without_claims_is_refused(text: str) -> None:
    error = refused(text)
    assert "study" not in str(error)
    assert all(problem.place is not None for problem in error.problems)


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(ClaimsError, match="not UTF-8"):
        read_claims(GOOD.encode() + b"\xff", file="claims.yaml")


@pytest.mark.parametrize("character", ["\\e[31m", "\\u202e", "\\u200b", "\\b"])
def test_characters_that_steer_a_terminal_are_refused(character: str) -> None:
    error = refused(GOOD.replace("Set-up is paid back.", f'"Set-up{character} is paid"'))
    assert "can not stand in a claim" in str(error)
    assert str(error).startswith("claims.yaml:7:16: ")
    label = refused(GOOD.replace("page 5:", f'"page{character} 5":'))
    assert "can not stand in a claim" in str(label)
    assert str(error).isprintable() or "\n" in str(error)


def test_limits_on_size() -> None:
    assert "at most 500,000 bytes" in str(refused("# " + "x" * 600_000 + "\n" + GOOD))
    many = "claims:\n" + "".join(
        f"  - {{id: a{i}, source: s, statement: t, formula: 1 + 1, printed: 2}}\n" for i in range(501)
    )
    assert "at most 500 are read" in str(refused(many))
    inputs = "{" + ", ".join(f"i{n}: 1" for n in range(41)) + "}"
    assert "at most 40" in str(refused(GOOD.replace("{tickets: 300K calls/month}", inputs)))
    assert "at most 600" in str(refused(GOOD.replace("Fewer errors.", "x" * 601)))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ClaimsError, match=r"absent\.yaml: can not read the claims file: No such file"):
        read_file(tmp_path / "absent.yaml")
    with pytest.raises(ClaimsError, match="can not read the claims file"):
        read_file(tmp_path)
    with pytest.raises(ClaimsError):
        read_file(Path("a\x00b"))


def test_prices_can_be_named() -> None:
    [claim] = audit(
        "claims:\n  - id: a\n    source: s\n    statement: t\n"
        "    inputs: {price: openai/gpt-4o-mini output, tuned: 'azure/gpt-4.1-mini:tuned input'}\n"
        "    formula: price + 0 * tuned\n    printed: $0.60/1M tokens\n"
    )
    assert claim.verdict == "holds"
    near = refused(GOOD.replace("{tickets: 300K calls/month}", "{tickets: openai/gpt-4o-mimi output}"))
    assert "no price for 'openai/gpt-4o-mimi'" in str(near)
    assert "nearest: " in str(near)


# ------------------------------------------------------------------------------------------------- fuzz

_PIECES = [
    "", " ", "\n", "  ", ":", "-", "[", "]", "{", "}", "#", "&a", "*a", "!!x", "|", ">", "'", '"', "%", "@", "`",
    "\t", "\x00", "\x1b[2J", "é", "\U0001f600", "0", "-1", "1e309", "1e-320", "nan", ".inf", "null", "true", "..",
    "5..1", "$", "$$", "/", "//", "**", "((", "))", "month", "year/0", "__import__('os')", "a.b", "ceil(", "min()",
    "9" * 400, "never", "about", "~", "? ", "<<: ", "---\n", "...\n", "1M", "K", "m", "printed:", "formula: 1/0\n",
    "missing: {x: y}", "steps: {a: a}", "id:", "unit: %", "tolerance: 100%", "other_values: {a: {b: c}}", "- - -",
    "{}", "[]", "0x1F", "1_0",
]  # fmt: skip


def mutated(text: str, rng: random.Random) -> str:
    for _ in range(rng.choice([1, 1, 2, 4])):
        kind = rng.randrange(5)
        at, to = sorted(rng.randrange(len(text) + 1) for _ in range(2))
        to = min(to, at + rng.choice([1, 3, 12, 80]))
        if kind == 0:
            text = text[:at] + text[to:]
        elif kind == 1:
            text = text[:at] + rng.choice(_PIECES) + text[at:]
        elif kind == 2:
            text = text[:at] + rng.choice(_PIECES) + text[to:]
        elif kind == 3:
            text = text[:at] + text[at:to] * 2 + text[to:]
        else:
            lines = text.splitlines(keepends=True) or [""]
            i, j = rng.randrange(len(lines)), rng.randrange(len(lines))
            lines[i], lines[j] = lines[j], lines[i]
            text = "".join(lines)
        text = text or "x"
    return text


def outcome(text: str) -> BreakevenError | None:
    """The error of a text; None where it can be audited. Anything but our own errors goes through."""
    try:
        for claim in audit(text):
            claim.as_json()
    except BreakevenError as error:
        return error
    return None


def test_mutated_files_are_read_or_refused_with_a_place() -> None:
    rng = random.Random(20261122)
    sample = (ROOT / "examples" / "claims" / "vendor-proposal.yaml").read_text("utf-8")
    texts = [mutated(rng.choice([GOOD, sample]), rng) for _ in range(320)]
    errors = [outcome(text) for text in texts]
    for text, error in zip(texts, errors, strict=True):
        assert error is None or isinstance(error, ClaimsError), text
        assert error is None or all(problem.place for problem in error.problems), (text, str(error))
    assert 20 < errors.count(None) < 300, "most mutations should matter, not all"
