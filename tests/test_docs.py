"""The examples in the README and in docs/ run and print what the pages say."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import docs_runner
from tests.docs_runner import Session

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize("page", docs_runner.pages(ROOT), ids=lambda page: str(page.relative_to(ROOT)))
def test_the_page_runs(page: Path, tmp_path: Path) -> None:
    problems = docs_runner.check(page.read_text("utf-8"), docs_runner.playground(ROOT, tmp_path))
    assert not problems, "\n\n".join([*problems, "`make docs` rewrites the outputs that changed"])


# The runner itself, on pages made up here.


@pytest.fixture
def session(tmp_path: Path) -> Session:
    """A folder with one small file in it."""
    (tmp_path / "bill.txt").write_text("model   small\ncost    $12.50\ncalls   8M\n")
    return Session(folder=tmp_path)


def page(body: str, *, language: str = "console", above: str = "") -> str:
    return f"# A page\n\n{above}\n```{language}\n{body}\n```\n\nThe end.\n"


@pytest.mark.parametrize(
    "output",
    [
        "model   small\ncost    $12.50\ncalls   8M",
        "model   small\n...",
        "...\ncost    $12.50\n...",
        "model ...\n...\ncalls   ...M",
        "model   small\ncost    $12.50\n...\ncalls   8M\n...",
    ],
)
def test_an_output_that_the_page_foretells_passes(output: str, session: Session) -> None:
    assert docs_runner.check(page(f"$ cat bill.txt\n{output}"), session) == []


@pytest.mark.parametrize(
    "output",
    [
        "",
        "model   small",
        "model   small\ncost    $12.51\ncalls   8M",
        "model ...M",  # three dots inside a line stay on that line
        "...\ncost    $12.50",
        "model small\ncost $12.50\ncalls 8M",
    ],
)
def test_any_other_output_is_reported_with_its_line(output: str, session: Session) -> None:
    [problem] = docs_runner.check(page(f"$ cat bill.txt\n{output}"), session)
    assert problem.startswith("line 5: cat bill.txt")
    assert "+calls   8M" in problem or " calls   8M" in problem


def test_a_failing_command_must_be_announced(session: Session) -> None:
    hidden = page("$ cat absent.txt\n...")
    [problem] = docs_runner.check(hidden, session)
    assert "+[exit 1]" in problem
    assert docs_runner.check(page("$ cat absent.txt\n...\n[exit 1]"), session) == []
    [unexpected] = docs_runner.check(page("$ cat bill.txt\n...\n[exit 1]"), session)
    assert "-[exit 1]" in unexpected


def test_only_known_commands_run(session: Session) -> None:
    [problem] = docs_runner.check(page("$ touch made.txt"), session)
    assert "not run" in problem
    assert not (session.folder / "made.txt").exists()


def test_a_block_can_be_only_shown(session: Session) -> None:
    text = page("$ cat absent.txt", above=docs_runner.NO_RUN)
    assert list(docs_runner.steps(text)) == []
    assert list(docs_runner.steps(page("$ cat absent.txt", language="sh"))) == []


def test_each_command_has_its_own_output(session: Session) -> None:
    body = "$ head -n 1 bill.txt\nmodel   small\n$ cat bill.txt | \\\n> head -n 2\n...\ncost    $12.50"
    found = list(docs_runner.steps(page(body)))
    assert [step.source for step in found] == ["head -n 1 bill.txt", "cat bill.txt | \\\nhead -n 2"]
    assert docs_runner.check(page(body), session) == []


def test_python_blocks_share_their_names_and_the_folder(session: Session) -> None:
    script = "from pathlib import Path\n\ntext = Path('bill.txt').read_text()"
    follow_up = ">>> for word in text.split()[:2]:\n...     print(word)\nmodel\nsmall\n>>> len(text)\n40"
    assert (
        docs_runner.check(page(script, language="python") + page(follow_up, language="python"), session) == []
    )


def test_python_errors_are_outputs(session: Session) -> None:
    shown = page(
        ">>> 1 / 0\nTraceback (most recent call last):\n...\nZeroDivisionError: ...", language="python"
    )
    assert docs_runner.check(shown, session) == []
    [problem] = docs_runner.check(page("int('x')", language="python"), session)
    assert "ValueError" in problem


def test_refresh_writes_what_the_run_prints_and_leaves_the_rest(session: Session) -> None:
    old = page("$ head -n 2 bill.txt\nsomething else") + "\n1. A list\n\n   ```console\n   $ ls\n   ```\n"
    new = docs_runner.refresh(old, session)
    assert "$ head -n 2 bill.txt\nmodel   small\ncost    $12.50\n```\n\nThe end.\n" in new
    assert new.endswith("   ```console\n   $ ls\n   bill.txt\n   ```\n")
    assert docs_runner.check(new, session) == []
    assert docs_runner.refresh(new, session) == new


def test_refresh_keeps_wildcards_where_only_numbers_changed(session: Session) -> None:
    old = page("$ cat bill.txt\n...\ncost  $9.75\ncalls   ...M")
    assert docs_runner.refresh(old, session) == page("$ cat bill.txt\n...\ncost    $12.50\ncalls   ...M")
    longer = page("$ cat bill.txt\nmodel   large\n...")
    assert docs_runner.refresh(longer, session) == page(
        "$ cat bill.txt\nmodel   small\ncost    $12.50\ncalls   8M"
    )


def test_a_copy_of_the_examples_is_played_with(tmp_path: Path) -> None:
    study = tmp_path / "root" / "examples" / "one"
    study.mkdir(parents=True)
    (study / "breakeven.yaml").write_text("name: One\n")
    (study / "report.html").write_text("an old report")
    (tmp_path / "play").mkdir()
    session = docs_runner.playground(tmp_path / "root", tmp_path / "play")
    assert docs_runner.check(page("$ ls examples/one\nbreakeven.yaml"), session) == []
