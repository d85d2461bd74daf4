"""What notebooks ask a decision for."""

from __future__ import annotations

import datetime as dt
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import rich.console

import breakeven
from breakeven.advice.decision import Decision
from breakeven.report.html import to_html
from breakeven.report.notebook import to_bundle, to_card, to_frame, to_line
from breakeven.report.terminal import to_text
from tests.report import sample

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
STUDY = EXAMPLES / "support-chatbot"
TODAY = dt.date(2026, 11, 22)
VOID = {"br", "meta", "link", "img", "input", "hr"}


class Tags(HTMLParser):
    """Every tag with its attributes, and the text that people see outside style sheets."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text, self.open = "", list[str]()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self.open:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += "" if "style" in self.open else data


@pytest.fixture(scope="module")
def decision() -> Decision:
    return breakeven.decide(breakeven.open_study(STUDY, today=TODAY), draws=50)


def ids(html: str) -> set[str]:
    return {value for _, attrs in Tags(html).found if (value := attrs.get("id")) is not None}


def test_a_decision_from_the_front_door_shows_itself(decision: Any) -> None:
    bundle = decision._repr_mimebundle_(include=None, exclude=None)
    assert set(bundle) == {"text/html", "text/plain"}
    assert bundle["text/html"] == decision._repr_html_()
    assert decision.recommendation.headline[:30] in bundle["text/plain"]


def test_a_card_holds_the_answer_every_candidate_and_the_page(decision: Decision) -> None:
    card = Tags(to_card(decision))
    assert not card.open
    assert decision.recommendation.headline in card.text
    for name in decision.candidates:
        assert name in card.text
    frames = [attrs["srcdoc"] for tag, attrs in card.found if tag == "iframe"]
    assert frames == [Tags(to_frame(decision)).found[0][1]["srcdoc"]]


def test_a_card_runs_and_fetches_nothing_whatever_a_study_is_called() -> None:
    card = Tags(to_card(sample.hostile()))
    assert {"script", "link", "img", "object", "embed", "form"}.isdisjoint(tag for tag, _ in card.found)
    assert not any(
        name.startswith("on") or name in {"href", "src", "action"}
        for _, attrs in card.found
        for name in attrs
    )


def test_a_cards_rules_reach_nothing_outside_it(decision: Decision) -> None:
    sheet = re.findall(r"<style>(.*?)</style>", to_card(decision), re.DOTALL)[0]
    depth, heads, head = 0, list[str](), ""
    for char in re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL):
        if char == "{":
            heads += [head.strip()] * (depth == 0)
            depth, head = depth + 1, ""
        elif char == "}":
            depth, head = depth - 1, ""
        else:
            head += char
    assert depth == 0
    assert len(heads) == 3
    assert all(re.search(r"\.breakeven-card$", head) for head in heads)


def test_the_themes_colours_are_the_pages(decision: Decision) -> None:
    card, page = to_card(decision), to_html(decision)
    light, dark = (
        re.findall(rf"color-scheme:{scheme};\n?([^}}]*)}}", card)[0] for scheme in ("light", "dark")
    )
    assert light in page
    assert dark.strip() in page
    assert light != dark


def test_what_stands_between_two_prices_is_no_mathematics() -> None:
    """Markdown in marimo and MathJax in Jupyter set `$2,160. tuned ends at $` as a formula."""
    html = to_card(sample.rich())
    card = Tags(html)
    assert "$" not in html
    assert card.text.count("$") > 5
    assert {"mathjax_ignore", "tex2jax_ignore"} <= set((card.found[0][1]["class"] or "").split())


def test_two_decisions_among_the_cells_of_a_notebook_share_no_name(decision: Decision) -> None:
    other = breakeven.decide(breakeven.open_study(EXAMPLES / "self-hosted", today=TODAY), draws=50)
    ours, others = ids(to_card(decision)), ids(to_card(other))
    assert ours
    assert not ours & others
    assert ids(to_card(decision)) == ours


def test_the_page_stays_in_a_frame_that_runs_nothing() -> None:
    decision = sample.hostile()
    tags = Tags(to_frame(decision)).found
    assert [tag for tag, _ in tags] == ["iframe"]
    attributes = tags[0][1]
    assert attributes["sandbox"] == ""
    page = attributes["srcdoc"] or ""
    inside = Tags(page).found
    names = {tag for tag, _ in inside}
    assert "script" not in names
    assert "nav" not in names
    assert not any("href" in attrs for _, attrs in inside)
    answer = to_html(decision).partition('<section id="answer"')[2]
    assert answer in page


def test_programs_that_show_text_get_the_terminals_page() -> None:
    decision = sample.rich()
    assert to_bundle(decision)["text/plain"] == to_text(decision) == str(decision)


def test_the_text_is_given_back_where_rich_would_print_it(
    decision: Decision, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a notebook, rich shows what it prints in the cell and writes nothing to the file that it was given."""
    told = to_text(decision)
    monkeypatch.setattr(rich.console, "_is_jupyter", lambda: True)
    assert to_text(decision) == told
    assert decision.recommendation.headline[:30] in told


@pytest.mark.parametrize("made", [sample.rich, sample.hostile])
def test_in_a_list_a_decision_is_one_line(made: Any) -> None:
    decision = made()
    assert repr([decision]) == f"[{to_line(decision)}]"
    assert to_line(decision).isprintable()
    assert len(to_line(decision)) < 600
    assert all(len(repr(c)) < 300 and repr(c).isprintable() for c in decision.candidates.values())


def test_what_else_the_front_door_gives_is_one_line_too() -> None:
    study = breakeven.open_study(STUDY, today=TODAY)
    claims = breakeven.audit(EXAMPLES / "claims" / "vendor-proposal.yaml")
    assert repr(study) == "<Study 'Support chatbot': prompt today, or tuned; 36 months>"
    assert repr(claims[0]) == "<AuditedClaim 'saving': holds>"
    assert re.fullmatch(r"<PriceBook as of \d{4}-\d\d-\d\d: [\d,]+ models>", repr(breakeven.load_book()))
    explained = repr(breakeven.explain(study, "prompt.lines.input"))
    assert explained.startswith("<Explanation candidates.prompt.lines.input: 1,080 usd = N(1+r)")


def test_a_real_kernel_shows_the_card_and_prints_nothing(tmp_path: Path) -> None:
    nbclient = pytest.importorskip("nbclient", reason="nbclient, which runs notebooks, is not installed")
    pytest.importorskip("ipykernel", reason="ipykernel, which runs notebooks, is not installed")
    v4 = pytest.importorskip("nbformat", reason="nbformat comes with nbclient").v4

    cells = [
        "import datetime as dt\nfrom breakeven import decide, open_study\n"
        f"d = decide(open_study({str(STUDY)!r}, today=dt.date(2026, 11, 22)), draws=50)\nd",
        "[d, d]",
        "display(d); display(d)",
        "print(d)",
    ]
    notebook = v4.new_notebook(cells=[v4.new_code_cell(cell) for cell in cells])
    nbclient.NotebookClient(notebook, timeout=120, kernel_name="python3").execute(cwd=str(tmp_path))
    shown, listed, twice, printed = (cell.outputs for cell in notebook.cells)
    assert [output.output_type for output in shown] == ["execute_result"]
    assert shown[0].data["text/html"].startswith('<div class="breakeven-card ')
    assert "ANSWER" in shown[0].data["text/plain"]
    assert listed[0].data["text/plain"].count("<Decision 'Support chatbot'") == 2
    assert [output.output_type for output in twice] == ["display_data"] * 2
    assert printed[0].text.startswith("Support chatbot")
