"""Retrieved context: ranking, what of it reaches a prompt, recall, and what it adds to the estimate and to the bill."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from breakeven.errors import EvidenceError
from breakeven.evidence.evals.case import Case
from breakeven.evidence.evals.embedding.vectors import Vectors
from breakeven.evidence.evals.estimating import estimate_run
from breakeven.evidence.evals.journal import read_journal
from breakeven.evidence.evals.planning import Plan, make_plan
from breakeven.evidence.evals.retrieving.bm25 import BM25
from breakeven.evidence.evals.retrieving.passages import read_passages
from breakeven.evidence.evals.retrieving.reporting import said_of
from breakeven.evidence.evals.retrieving.retrieval import recall_of, relevant_ids
from breakeven.evidence.evals.suite import open_suite
from breakeven.prices import load_book
from breakeven.providers import EmbeddingReply, EmbeddingRequest, ProviderError
from tests.evals.test_embeddings import PRICES, USD_PER_MTOK, Embedding_, run

CORPUS: list[dict[str, Any]] = [
    {"id": "card", "text": "A lost card is blocked at once."},
    {"id": "loan", "text": "A loan has a yearly rate."},
    {"id": "fee", "text": "A fee is refunded within five days."},
]
CASES: list[dict[str, Any]] = [
    {"id": "c1", "input": "my card is lost", "expected": "card", "relevant": ["card"]},
    {"id": "c2", "input": "rate of the loan", "expected": "loan", "relevant": "loan, fee"},
    {"id": "c3", "input": "hello", "expected": "other"},
]
WORDS = "{from: corpus.jsonl, top: 1}"
NEAR = "{from: corpus.jsonl, top: 1, by: embeddings, model: x/e}"


def suite(path: Path, context: str = WORDS, cases: Any = CASES, more: str = "", prompt: str = "") -> Path:
    path.mkdir(parents=True, exist_ok=True)
    for name, rows in (("cases", cases), ("corpus", CORPUS)):
        (path / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (path / "p.md").write_text(prompt or "From:\n{{context}}\n\nAsked: {{input}}\n")
    (path / "eval.yaml").write_text(
        "cases: cases.jsonl\nscore: exact\n"
        f"candidates: {{a: {{model: x/a, prompt: p.md, max_output_tokens: 5, context: {context}{more}}}}}\n"
        f"prices: {PRICES}\n"
    )
    return path


def plan_of(path: Path, *given: Any, **more: Any) -> Plan:
    return make_plan(open_suite(suite(path, *given, **more)), book=load_book())


def asked_of(plan: Plan) -> dict[str, str]:
    cases = plan.suite.cases.cases
    return {cases[it.asks[0].case].id: it.request.messages[-1].content for it in plan.calls}


# ------------------------------------------------------------------------------------------------ ranking


def test_the_scores_of_bm25_are_those_of_the_formula() -> None:
    # Three passages of 2, 2 and 4 words, 8/3 on average. "red" stands in two of them, twice in the last:
    # weight ln(1 + (3 - 2 + 0.5) / (2 + 0.5)) = ln 1.6; length norm 1.2 × (0.25 + 0.75 × words / (8/3)).
    found = BM25(["red car", "blue car", "red red red bus"]).scores("Red!")
    weight = math.log(1.6)
    short, long = 1.2 * (0.25 + 0.75 * 2 / (8 / 3)), 1.2 * (0.25 + 0.75 * 4 / (8 / 3))
    np.testing.assert_allclose(found, [weight * 2.2 / (1 + short), 0, weight * 3 * 2.2 / (3 + long)])
    assert BM25(["red car", "blue car", "red red red bus"]).top("red", 3).tolist() == [2, 0]


@given(st.lists(st.text("ab ", min_size=1, max_size=12), min_size=1, max_size=8), st.text("ab ", max_size=8))
def test_a_word_more_of_the_query_never_lowers_a_score(texts: list[str], query: str) -> None:
    index = BM25(texts)
    assert (index.scores(f"{query} a") >= index.scores(query) - 1e-12).all()
    assert (index.scores(query) >= 0).all()


def test_recall_is_the_share_of_the_relevant_passages() -> None:
    case = Case(id="c", variables={"relevant": "loan, fee"})
    assert relevant_ids(case) == {"loan", "fee"}
    assert recall_of(case, ["fee", "card"]) == 0.5
    assert recall_of(Case(id="c", variables={}), ["fee"]) is None
    assert relevant_ids(Case(id="c", variables={"relevant": 7})) == {"7"}


# ------------------------------------------------------------------------------------------------- the corpus


def test_rows_without_a_text_or_with_an_id_that_was_there_are_counted(tmp_path: Path) -> None:
    file = tmp_path / "c.jsonl"
    rows = [{"id": 1, "text": "one"}, {"id": 2, "text": " "}, {"id": 1, "text": "again"}, {"text": "fourth"}]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = read_passages(file)
    assert (found.ids, found.texts) == (("1", "4"), ("one", "fourth"))
    assert [(problem.place and problem.place.line, problem.message) for problem in found.rejected] == [
        (2, "no text"), (3, "the id '1' was there before"),
    ]  # fmt: skip


def test_a_corpus_without_a_text_column_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "c.csv"
    file.write_text("id,words\n1,a\n")
    with pytest.raises(EvidenceError, match="no column `text`"):
        read_passages(file)


# ------------------------------------------------------------------------------------------------- the prompt


def test_passages_are_found_for_each_case_and_stand_in_its_prompt(tmp_path: Path) -> None:
    asked = asked_of(plan_of(tmp_path))
    assert asked["c1"] == "From:\nA lost card is blocked at once.\n\nAsked: my card is lost"
    assert asked["c2"].startswith("From:\nA loan has a yearly rate.")
    assert asked["c3"] == "From:\n\n\nAsked: hello"  # nothing has a word in common


def test_without_a_placeholder_they_stand_before_the_question(tmp_path: Path) -> None:
    asked = asked_of(plan_of(tmp_path, prompt="Asked: {{input}}\n"))
    assert asked["c1"] == "Context:\nA lost card is blocked at once.\n\nAsked: my card is lost"


def test_a_context_that_a_case_brings_stays_as_it_is(tmp_path: Path) -> None:
    cases = [{**CASES[0], "context": "its own"}, CASES[1]]
    plan = plan_of(tmp_path, WORDS, cases)
    assert asked_of(plan)["c1"] == "From:\nits own\n\nAsked: my card is lost"
    assert plan.retrieved["a"] == ((), ("loan",))
    assert "1 cases bring a `context` of their own, which stays" in plan.suite.notes
    # The word alone still names a variable of the case.
    named = plan_of(tmp_path, "notes", [{"id": "c1", "input": "q", "expected": "card", "notes": "kept"}])
    assert asked_of(named)["c1"] == "From:\nkept\n\nAsked: q"


def test_solved_examples_get_their_passages_as_well(tmp_path: Path) -> None:
    suite(tmp_path, WORDS, CASES, ", shots: 1, shots_from: train.jsonl")
    (tmp_path / "train.jsonl").write_text('{"input": "when is the fee refunded", "expected": "fee"}\n')
    plan = make_plan(open_suite(tmp_path), book=load_book())
    assert plan.calls[0].request.messages[0].content.startswith("From:\nA fee is refunded within five days.")


def test_the_estimate_counts_the_passages(tmp_path: Path) -> None:
    one = estimate_run(plan_of(tmp_path / "1"), {})
    three = estimate_run(plan_of(tmp_path / "3", "{from: corpus.jsonl, top: 3}"), {})
    assert three.candidates[0].input_tokens.value > one.candidates[0].input_tokens.value


@pytest.mark.parametrize(
    ("context", "cases", "why"),
    [
        ("{from: corpus.jsonl, by: embeddings}", CASES, "`by: embeddings` and `model` go together"),
        ("{from: corpus.jsonl, model: x/e}", CASES, "`by: embeddings` and `model` go together"),
        ("{from: none.jsonl}", CASES, "is not a file"),
        ("{file: corpus.jsonl}", CASES, "the key 'file' is not known"),
        ("{from: corpus.jsonl, top: 0}", CASES, "at least 1 is wanted"),
        ("{from: corpus.jsonl, by: colbert}", CASES, "'colbert' was read"),
        ("{from: corpus.jsonl, query: title}", CASES, "has no variable 'title' to search with"),
        (WORDS, [{**CASES[0], "relevant": ["gone"]}], "has the id 'gone'"),
        ("{from: ../corpus.jsonl}", CASES, "leads out of the suite's folder"),
    ],
)
def test_what_can_not_be_used_is_found_before_anything_is_asked(
    tmp_path: Path, context: str, cases: Any, why: str
) -> None:
    with pytest.raises(EvidenceError, match=why):
        plan_of(tmp_path / "suite", context, cases)


# ------------------------------------------------------------------------------------------------- the run


def test_recall_is_a_named_score_and_told(tmp_path: Path) -> None:
    _, [result] = run(plan_of(tmp_path), Embedding_(), tmp_path)
    # c1: its one relevant passage; c2: one of two; c3 names none.
    assert [run.scores.get("recall@1") for run in result.runs] == [1.0, 0.5, None]
    told = result.settings["retrieval"]
    assert (told["recall@1"], told["cases_with_relevant"], told["passages"]) == (0.75, 2, 3)
    assert said_of(result) == [
        "Retrieved: a: up to 1 of 3 passages by BM25; recall@1 75.0% of the relevant ones, a mean over 2 cases that "
        "name them"
    ]


def test_vectors_rank_when_they_are_there_and_are_paid_once(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, NEAR)
    assert plan.provisional
    before = estimate_run(plan, {})
    assert [one.name for one in before.candidates] == ["a", "a (embeddings)"]
    provider, again = Embedding_(), Embedding_()
    made, [result] = run(plan, provider, tmp_path)
    assert not made.plan.provisional
    assert made.plan.retrieved["a"][:2] == (("card",), ("loan",))
    assert set(provider.embedded.values()) == {1}
    assert len(provider.embedded) == 3 + 3
    # Embedding the question is a part of what a call costs; the passages are embedded once.
    answered = (result.runs[0].input_tokens or 0) * 2e-6 + 8e-6
    query = result.runs[0].cost_usd - answered if result.runs[0].cost_usd else 0
    assert query == pytest.approx(10 * USD_PER_MTOK / 1e6, rel=0.5)
    assert result.settings["retrieval"]["passages_tokens"] == pytest.approx(30, rel=0.5)
    kept = read_journal(tmp_path / "journal.jsonl")
    known = make_plan(open_suite(tmp_path), book=load_book(), vectors=Vectors(kept.embedded))
    assert not known.provisional
    assert estimate_run(known, kept.answers, Vectors(kept.embedded)).calls == 0
    made, [same] = run(known, again, tmp_path)
    assert (again.asked.total(), again.embedded.total()) == (0, 0)
    assert [one.score for one in same.runs] == [one.score for one in result.runs]


def test_a_plan_that_waits_for_vectors_is_taken_for_nobody_elses(tmp_path: Path) -> None:
    suite(tmp_path)
    text = (tmp_path / "eval.yaml").read_text()
    both = text.replace(
        "candidates: {",
        f"candidates: {{b: {{model: x/a, prompt: p.md, max_output_tokens: 5, context: {NEAR}}}, ",
    )
    (tmp_path / "eval.yaml").write_text(both)
    plan = make_plan(open_suite(tmp_path), book=load_book())
    assert [one.calls for one in estimate_run(plan, {}).candidates][:2] == [3, 3]
    _, found = run(plan, Embedding_(), tmp_path)
    assert all(result.complete for result in found)


class Refusing(Embedding_):
    """Refuses texts that hold a word, as a provider does with one that is too long."""

    def __init__(self, word: str) -> None:
        super().__init__()
        self.word = word

    async def embed(self, request: EmbeddingRequest) -> EmbeddingReply:
        if any(self.word in text for text in request.texts):
            raise ProviderError("too long", "8,192 tokens at most")
        return await super().embed(request)


def beside_another(path: Path) -> Plan:
    """A candidate that retrieves by vectors, and one that needs none."""
    suite(path)
    text = (path / "eval.yaml").read_text()
    one = "candidates: {b: {model: x/b, prompt: p.md, max_output_tokens: 5, context: " + NEAR + "}, "
    (path / "eval.yaml").write_text(text.replace("candidates: {", one))
    return make_plan(open_suite(path), book=load_book())


def test_a_question_that_can_not_be_embedded_ends_its_case_alone(tmp_path: Path) -> None:
    made, [near, words] = run(beside_another(tmp_path), Refusing("rate of"), tmp_path)
    assert [run.failure for run in near.runs] == [None, "too long", None]
    assert near.runs[1].note == "no passages could be ranked by x/e: 8,192 tokens at most"
    assert near.runs[1].score is None
    assert [run.failure for run in words.runs] == [None] * 3
    assert not made.given_up
    # c2 has no ranking, so that its recall is not 0.
    assert near.settings["retrieval"]["cases_with_relevant"] == 1
    _, [near, _] = run(beside_another(tmp_path), Embedding_(), tmp_path)
    assert [run.failure for run in near.runs] == [None] * 3


def test_a_passage_that_can_not_be_embedded_ends_its_candidate_alone(tmp_path: Path) -> None:
    provider = Refusing("refunded")
    made, [near, words] = run(beside_another(tmp_path), provider, tmp_path)
    assert [run.failure for run in near.runs] == ["too long"] * 3
    assert list(made.given_up) == ["b"]
    assert [run.failure for run in words.runs] == [None] * 3
    assert near.settings.get("retrieval") is None
    assert provider.asked.total() == 3


def test_without_money_for_the_vectors_nothing_is_asked(tmp_path: Path) -> None:
    suite(tmp_path, NEAR)
    with (tmp_path / "eval.yaml").open("a") as file:
        file.write("budget: $0.0001\n")
    provider = Embedding_()
    made, [result] = run(make_plan(open_suite(tmp_path), book=load_book()), provider, tmp_path)
    assert made.stopped == "budget"
    assert (provider.asked.total(), provider.embedded.total(), len(result.runs)) == (0, 0, 0)
    assert not result.complete
