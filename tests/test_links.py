"""Every link of the documentation that points into the repository leads somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests import docs_runner

ROOT = Path(__file__).resolve().parents[1]
PAGES = [
    *docs_runner.pages(ROOT),
    ROOT / "CONTRIBUTING.md",
    ROOT / "CHANGELOG.md",
    ROOT / "examples/README.md",
]

_CODE = re.compile(r"^ *(`{3,}).*?^ *\1", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def anchors(text: str) -> set[str]:
    """The places of a page that a link can name, as GitHub makes them from headings."""
    headings = re.findall(r"^#+ (.+)$", _CODE.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken(page: Path) -> list[str]:
    """Links of a page that lead nowhere."""
    found = []
    for link in _LINK.findall(_CODE.sub("", page.read_text("utf-8"))):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target.read_text("utf-8"))):
            found.append(link)
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    assert broken(page) == []


def test_a_broken_link_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "b.md").write_text("# A heading, with marks\n\n```sh\n# no heading\n```\n")
    page = tmp_path / "a.md"
    page.write_text(
        "[1](b.md) [2](b.md#a-heading-with-marks) [3](b.md#no-heading) [4](c.md) [5](https://x.org/c)\n"
    )
    assert broken(page) == ["b.md#no-heading", "c.md"]


def test_every_page_of_docs_is_named_in_its_index() -> None:
    index = (ROOT / "docs/README.md").read_text("utf-8")
    decisions = (ROOT / "docs/decisions/README.md").read_text("utf-8")
    for page in docs_runner.pages(ROOT)[1:]:
        path = page.relative_to(ROOT / "docs")
        if str(path) == "README.md":
            continue
        if path.parts[0] == "decisions" and path.name != "README.md":
            assert f"]({path.name})" in decisions
        else:
            assert f"]({path})" in index
