"""The page as Markdown shows names literally and renders as tables."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from breakeven.report.markdown import escape, to_markdown
from breakeven.report.text import clean
from tests.report import sample

RENDER = MarkdownIt("commonmark").enable("table")


def shown(html: str) -> str:
    """What a reader sees."""
    plain = re.sub(r"<[^>]*>", "", html)
    for entity, char in {"&lt;": "<", "&gt;": ">", "&quot;": '"', "&amp;": "&"}.items():
        plain = plain.replace(entity, char)
    return plain.strip()


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs", "Cc"]), min_size=1))
def test_escaped_text_is_shown_literally(text: str) -> None:
    line = clean(text)
    assert shown(RENDER.render(escape(line))).split() == line.split()


BLOCKS = [
    "1. first",
    "- item",
    "+ item",
    "# head",
    "===",
    "---",
    "> quote",
    "*a*",
    "`x`",
    "a|b",
    "$x$ and $y$",
    "![",
]


@pytest.mark.parametrize("text", BLOCKS)
def test_nothing_begins_a_block_or_a_span(text: str) -> None:
    assert RENDER.render(escape(text)).startswith("<p>")
    assert shown(RENDER.render(escape(text))) == text


def test_links_and_mentions_do_not_come_alive() -> None:
    safe = escape("see https://example.org, www.example.org and @someone")
    assert "://" not in safe
    assert "www." not in safe
    assert "@" not in safe


@pytest.mark.parametrize("make", [sample.rich, sample.bare, sample.hostile])
def test_the_page_renders(make) -> None:
    decision = make()
    html = RENDER.render(to_markdown(decision))
    assert set(re.findall(r"<(\w+)", html)) <= {
        "h1", "h2", "p", "strong", "ul", "li", "table", "thead", "tbody", "tr", "th", "td", "code", "hr", "br",
    }  # fmt: skip
    assert f"<h1>{clean(decision.study).replace('<', '&lt;').replace('>', '&gt;')}</h1>" in html
    rows = [table.count("<tr>") for table in html.split("<table>")[1:]]
    assert rows[0] == 1 + len(decision.candidates)


def test_every_row_has_as_many_cells_as_its_head() -> None:
    for table in re.findall(r"(?:^\|.*\n)+", to_markdown(sample.hostile()), flags=re.M):
        cells = {len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}
        assert len(cells) == 1
