"""The page in the terminal: narrow, wide, in ASCII, in colour, in a pipe."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import pytest
from rich.cells import cell_len
from rich.console import Console

from breakeven.advice.decision import Decision, Spread
from breakeven.report.terminal import show, to_text
from tests.report import sample, snapshots

ANSI = re.compile(r"\x1b\[[0-9;]*m")


@pytest.fixture(scope="module")
def decision() -> Decision:
    return sample.rich()


@pytest.mark.parametrize("width", [80, 120])
def test_the_page_reads_as_kept(decision: Decision, width: int) -> None:
    snapshots.check(f"terminal-{width}.txt", to_text(decision, width=width))


def test_the_bare_page_reads_as_kept() -> None:
    snapshots.check("terminal-bare-80.txt", to_text(sample.bare(), width=80))


@pytest.mark.parametrize("width", [60, 80, 96, 100, 120, 300])
@pytest.mark.parametrize("make", [sample.rich, sample.bare, sample.hostile])
def test_no_line_is_wider_than_the_screen(make, width: int) -> None:
    lines = to_text(make(), width=width).splitlines()
    assert max(cell_len(line) for line in lines) <= min(width, 120)
    assert all(line == line.rstrip() for line in lines)


def test_intervals_stand_beneath_where_the_screen_is_narrow(decision: Decision) -> None:
    narrow, wide = (to_text(decision, width=width).splitlines() for width in (80, 100))
    assert any(re.search(r"> hybrid +92\.8\* +47%", line) and "[" not in line for line in narrow)
    assert any(re.search(r"> hybrid +92\.8\* \[89\.7, 96\.0\]", line) for line in wide)


def test_markup_in_names_is_shown_as_it_is() -> None:
    text = to_text(sample.hostile(), width=100)
    assert text.startswith("<script>alert(1)</script>[red]")
    assert "[link=https://evil.example]here[/link]" in text
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "\\x1b[31m\\u202e" in text


def test_colour_adds_nothing_but_colour() -> None:
    decision = sample.hostile()
    coloured = to_text(decision, width=100, colour=True)
    assert ANSI.search(coloured)
    plain = "".join(f"{line.rstrip()}\n" for line in ANSI.sub("", coloured).splitlines())
    assert plain == to_text(decision, width=100)


def test_ascii_says_the_same_in_ascii() -> None:
    text = to_text(sample.hostile(), width=80, ascii_only=True)
    assert text.isascii()
    assert "P(>=93%)" in text
    assert "-> prompt" in text


def test_extrapolation_is_in_capitals(decision: Decision) -> None:
    text = to_text(decision)
    assert "EXTRAPOLATED: published, document 003" in text
    assert "* EXTRAPOLATED: nobody has measured it" in text


def test_one_world_shows_no_probability() -> None:
    text = to_text(sample.bare())
    assert "P(best)" not in text
    assert "90%" not in text
    assert "no interval and no probability" in " ".join(text.split())


class Pipe(io.StringIO):
    """Output that is no terminal, in an encoding of its own."""

    def __init__(self, encoding: str) -> None:
        super().__init__()
        self._encoding = encoding

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self._encoding


ENCODINGS = [("utf-8", False), ("UTF8", False), ("latin-1", True), ("cp1252", True)]


@pytest.mark.parametrize(("encoding", "ascii_only"), ENCODINGS)
def test_a_pipe_gets_plain_text_it_can_encode(decision: Decision, encoding: str, ascii_only: bool) -> None:
    pipe = Pipe(encoding)
    show(decision, Console(file=pipe, width=80, highlight=False, _environ={}))
    assert pipe.getvalue() == to_text(decision, width=80, ascii_only=ascii_only)
    pipe.getvalue().encode(encoding)


def test_a_terminal_gets_colours_unless_it_wants_none(decision: Decision) -> None:
    def printed(environment: dict[str, str]) -> str:
        screen = Pipe("utf-8")
        console = Console(
            file=screen, width=100, force_terminal=True, _environ={"TERM": "xterm", **environment}
        )
        show(decision, console)
        return screen.getvalue()

    assert "\x1b[" in printed({})
    assert not re.search(r"\x1b\[[0-9;]*3[0-7]m", printed({"NO_COLOR": "1"}))
    assert ANSI.sub("", printed({})).split() == to_text(decision, width=100).split()


def test_names_stay_whole_at_80_columns_however_wide_the_figures_are(decision: Decision) -> None:
    huge = Spread(mean=123_456e3, p05=-987_654e3, p95=987_654e3)
    wide = {
        name: replace(c, cost=huge, net_benefit_vs_today=huge, p_target=0.5, regret_usd=123_456e3)
        for name, c in decision.candidates.items()
    }
    lines = to_text(replace(decision, candidates=wide, target="93%"), width=80).splitlines()
    short = [name for name in wide if len(name) <= 10 and name.isascii() and name.isalnum()]
    assert short
    for name in short:
        assert any(line[2:].startswith(f"{name} ") for line in lines)
