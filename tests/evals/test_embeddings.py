"""Vectors in an eval: similarity, classifiers on embeddings, what they cost, and that nothing is paid twice."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from breakeven.cli.eval_run_linear import trained
from breakeven.cli.root import root
from breakeven.errors import EvidenceError, InputError
from breakeven.evidence.evals.case import Case
from breakeven.evidence.evals.classifying.curves import linear_runs
from breakeven.evidence.evals.classifying.running import said_of
from breakeven.evidence.evals.embedding.asking import MOST_BYTES, MOST_TEXTS, Embedding, batches
from breakeven.evidence.evals.embedding.vectors import Embedded, Vectors, from_line, to_line
from breakeven.evidence.evals.estimating import estimate_run
from breakeven.evidence.evals.executing import execute
from breakeven.evidence.evals.journal import Journal, read_journal
from breakeven.evidence.evals.metering import Budget, Metered
from breakeven.evidence.evals.planning import Plan, make_plan, most_tokens
from breakeven.evidence.evals.result import EvalResult
from breakeven.evidence.evals.running import Run, results
from breakeven.evidence.evals.scorers import make_scorer
from breakeven.evidence.evals.scorers.similarity import Similarity
from breakeven.evidence.evals.suite import open_suite
from breakeven.evidence.evals.summarising import summarise_result
from breakeven.prices import load_book
from breakeven.providers import EmbeddingReply, EmbeddingRequest, ProviderError, Usage
from breakeven.providers.embedding import text_key
from breakeven.providers.fake_embedding import fake_vectors
from tests.evals.killing import command, counts
from tests.evals.test_run_engine import DAY, NOW, Scripted, suite_folder

USD_PER_MTOK = 100.0
PRICES = (
    "{x/a: {input: $2/1M tokens, output: $8/1M tokens}, x/b: {input: $2/1M tokens, output: $8/1M tokens}, "
    "x/e: {input: $100/1M tokens, output: $0/1M tokens}}"
)


class Embedding_(Scripted):  # noqa: N801
    """Answers like ``Scripted`` and embeds like the fake: ten tokens a text."""

    def __init__(self, *, refuses: str | None = None, silent: bool = False, **over: Any) -> None:
        super().__init__(**over)
        self.refuses = refuses
        self.silent = silent
        self.embedded: Counter[str] = Counter()
        self.batches: list[int] = []

    async def embed(self, request: EmbeddingRequest) -> EmbeddingReply:
        await asyncio.sleep(0)
        self.batches.append(len(request.texts))
        if self.refuses in request.texts:
            raise ProviderError("too long", "too long a text", status=400)
        self.embedded.update(request.texts)
        usage = Usage() if self.silent else Usage(input_tokens=10 * len(request.texts), output_tokens=0)
        return EmbeddingReply(vectors=fake_vectors(request.texts), usage=usage, latency_s=0.01)


def plan_of(path: Path, **over: Any) -> Plan:
    given = {"score": "{similarity: {model: x/e}}", "prices": PRICES} | over
    return make_plan(open_suite(suite_folder(path, **given)), book=load_book())


def run(plan: Plan, provider: Any, path: Path) -> tuple[Run, tuple[EvalResult, ...]]:
    async def go() -> Run:
        with Journal(path / "journal.jsonl", now=lambda: NOW) as journal:
            return await execute(plan, journal, provider=provider, rng=np.random.default_rng(0))

    made = asyncio.run(go())
    return made, results(made.plan, made, date=DAY)


def vectors_of(*texts: str) -> Vectors:
    rows = fake_vectors(texts)
    known = {
        text_key("x/e", text): Embedded(vector=row, tokens=10) for text, row in zip(texts, rows, strict=True)
    }
    return Vectors(known)


# -------------------------------------------------------------------------------------------------- the store


@given(
    st.lists(st.text(min_size=1, max_size=30), min_size=1, max_size=8, unique=True),
    st.one_of(st.none(), st.integers(0, 10_000)),
)
def test_a_line_keeps_vectors_and_shares_all_its_tokens(texts: list[str], tokens: int | None) -> None:
    request = EmbeddingRequest(model="x/e", texts=tuple(texts))
    usage = Usage() if tokens is None else Usage(input_tokens=tokens, output_tokens=0)
    reply = EmbeddingReply(vectors=fake_vectors(texts), usage=usage, latency_s=0.5)
    found = from_line(json.loads(json.dumps(to_line(request, reply))))
    for text, row in zip(texts, reply.vectors, strict=True):
        np.testing.assert_array_equal(found[text_key("x/e", text)].vector, row)
    shares = [one.tokens for one in found.values()]
    assert shares == [None] * len(texts) if tokens is None else sum(n or 0 for n in shares) == tokens
    # A batch's time is no call's time.
    assert {one.latency_s for one in found.values()} == {0.5 if len(texts) == 1 else None}


@given(st.lists(st.integers(1, 90_000), max_size=300), st.integers(0, 3))
def test_batches_hold_every_text_once_and_keep_their_limits(sizes: list[int], alone: int) -> None:
    texts = [f"{k}".ljust(n, ".") for k, n in enumerate(sizes)]
    found = list(batches("x/e", texts, alone=texts[:alone]))
    assert sorted(text for request in found for text in request.texts) == sorted(texts)
    assert all(len(request.texts) == 1 for request in found[:alone] if request.texts[0] in texts[:alone])
    for request in found:
        assert len(request.texts) <= MOST_TEXTS
        assert len(request.texts) == 1 or sum(map(len, request.texts)) <= MOST_BYTES


def test_a_text_that_is_refused_leaves_the_others_of_its_batch_their_vectors() -> None:
    provider = Embedding_(refuses="t5")
    texts = [f"t{k}" for k in range(9)]
    filled = Embedding(provider, Vectors(), concurrency=2)
    asyncio.run(filled.fill("x/e", texts))
    assert filled.vectors.missing("x/e", texts) == ("t5",)
    assert filled.failed[text_key("x/e", "t5")].kind == "too long"
    assert set(provider.embedded.values()) == {1}


def test_blank_texts_are_never_sent_and_lie_nowhere() -> None:
    vectors = vectors_of("a card")
    assert vectors.missing("x/e", ["", "  ", "a card"]) == ()
    assert not vectors.rows("x/e", ["a card", " "])[1].any()


def test_vectors_of_two_lengths_are_refused() -> None:
    vectors = vectors_of("a")
    vectors.add({text_key("x/e", "b"): Embedded(vector=np.ones(3, dtype=np.float32), tokens=1)})
    with pytest.raises(EvidenceError, match="2 lengths"):
        vectors.rows("x/e", ["a", "b"])


# ---------------------------------------------------------------------------------------------- the score


def unit(*values: float) -> Embedded:
    return Embedded(vector=np.array(values, dtype=np.float32), tokens=1)


def geometry() -> Vectors:
    """By hand: ``east`` and ``north`` at right angles, ``3-4-5`` between them, ``west`` against ``east``."""
    known = {"east": unit(2, 0), "north": unit(0, 5), "3-4-5": unit(3, 4), "west": unit(-1, 0)}
    return Vectors({text_key("x/e", text): vector for text, vector in known.items()})


@pytest.mark.parametrize(
    ("expected", "answer", "options", "score"),
    [
        ("east", "3-4-5", {}, 0.6),
        ("north", "3-4-5", {}, 0.8),
        (["east", "north"], "3-4-5", {}, 0.8),  # the nearest of several references
        ("east", "west", {}, 0.0),  # a cosine of -1
        ("east", "3-4-5", {"at_least": 0.6}, 1.0),
        ("east", "3-4-5", {"at_least": 0.61}, 0.0),
        ("east", "east", {"at_least": 1.0}, 1.0),
    ],
)
def test_the_score_is_the_cosine_or_on_which_side_of_a_threshold_it_lies(
    expected: Any, answer: str, options: dict[str, Any], score: float
) -> None:
    scorer = make_scorer("similarity", {"model": "x/e", **options}, Path)
    assert isinstance(scorer, Similarity)
    found = scorer.scored(Case(id="c", variables={}, expected=expected), answer, geometry())
    assert found is not None
    assert found.score == pytest.approx(score, abs=1e-6)


def test_an_empty_answer_is_a_format_failure_and_a_missing_vector_no_score() -> None:
    scorer = Similarity(model="x/e")
    case = Case(id="c", variables={}, expected="east")
    empty = scorer.scored(case, " \n", geometry())
    assert empty is not None
    assert (empty.score, empty.format_failure) == (0.0, True)
    assert scorer.scored(case, "unknown", geometry()) is None


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({}, "provider/model is wanted"),
        ({"model": "minilm"}, "provider/model is wanted"),
        ({"model": "x/e", "at_least": 85}, "within 0..1"),
        ({"model": "x/e", "threshold": 1}, "is not known"),
    ],
)
def test_options_that_can_not_be_used_are_refused(options: dict[str, Any], why: str) -> None:
    with pytest.raises(EvidenceError, match=why):
        make_scorer("similarity", options, Path)


def test_scored_in_a_second_pass_and_paid_apart_from_the_candidates(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, score="[{similarity: {model: x/e, at_least: 0.9}}, exact]")
    provider = Embedding_()
    made, found = run(plan, provider, tmp_path)
    # Answers and expected texts are the same three words: three texts, one call, ten tokens each.
    assert provider.embedded == Counter({"card": 1, "loan": 1, "other": 1})
    for result in found:
        assert result.complete
        for one in result.runs:
            assert one.score == one.scores["exact"]  # of three words with nothing in common
            assert one.cost_usd is not None
            assert one.cost_usd < 1e-4
            # The answer's share of the thirty tokens, and the expected text's where that is another.
            expected = 1 if one.score == 1 else 2
            assert one.judge_cost_usd == pytest.approx(10 * expected * USD_PER_MTOK / 1e6, rel=0.25)
        assert result.settings["similarity"] == {"model": "x/e", "at_least": 0.9}
        assert "right from 0.9" in str(result.scorer)
    answers = sum(one.cost_usd or 0 for result in found for one in result.runs)
    assert made.progress.spent_usd == pytest.approx(answers + 30 * USD_PER_MTOK / 1e6)
    again = Embedding_()
    made, same = run(plan, again, tmp_path)
    assert (again.asked.total(), again.embedded.total()) == (0, 0)
    assert made.progress.spent_usd == pytest.approx(answers + 30 * USD_PER_MTOK / 1e6)
    assert [one.score for result in same for one in result.runs] == [
        one.score for result in found for one in result.runs
    ]


def test_a_second_scorer_of_similarity_is_a_named_score(tmp_path: Path) -> None:
    _, found = run(plan_of(tmp_path, score="[exact, {similarity: {model: x/e}}]"), Embedding_(), tmp_path)
    for one in found[0].runs:
        assert one.scores["similarity"] == pytest.approx(1.0 if one.score else one.scores["similarity"])
    assert summarise_result("a", found[0]).judge_cost_usd is not None


def test_the_estimate_holds_the_vectors_and_bounds_what_they_cost(tmp_path: Path) -> None:
    plan = plan_of(tmp_path)
    before = estimate_run(plan, {})
    [row] = [one for one in before.candidates if one.name == "(similarity)"]
    assert (row.model, row.answered) == ("x/e", 0)
    assert row.usd is not None
    assert row.usd.value > 0
    made, _ = run(plan, Embedding_(), tmp_path)
    assert before.most_usd is not None
    assert made.progress.spent_usd <= before.most_usd
    known = read_journal(tmp_path / "journal.jsonl")
    after = estimate_run(plan, known.answers, Vectors(known.embedded))
    assert (after.calls, after.usd and after.usd.value) == (0, 0)


def test_the_dollar_stop_holds_for_vectors_too(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, budget="$0.003")
    most = most_tokens(plan.countings["x/e"], ["card", "loan", "other"]) * USD_PER_MTOK / 1e6
    assert most > 0.003  # what the vectors may cost alone
    provider = Embedding_()
    made, found = run(plan, provider, tmp_path)
    assert made.stopped == "budget"
    assert provider.embedded.total() == 0
    assert made.progress.spent_usd <= 0.003
    assert {one.failure for result in found for one in result.runs} == {"not embedded"}
    assert all(one.score is None for result in found for one in result.runs)


def test_what_a_provider_does_not_say_that_it_billed_counts_at_the_most(tmp_path: Path) -> None:
    plan = plan_of(tmp_path)
    provider = Embedding_(silent=True)
    made, found = run(plan, provider, tmp_path)
    answers = sum(one.cost_usd or 0 for result in found for one in result.runs)
    assert made.progress.spent_usd > answers + len("cardloanother") * USD_PER_MTOK / 1e6


def test_a_price_that_is_not_known_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match="no price is known for 'x/e'"):
        plan_of(tmp_path, prices=PRICES.replace("x/e", "x/other"))


def test_cases_without_an_expected_text_are_found_before_anything_is_asked(tmp_path: Path) -> None:
    folder = suite_folder(tmp_path, score="{similarity: {model: x/e}}", prices=PRICES)
    (folder / "cases.jsonl").write_text('{"id": "c1", "input": "q"}\n')
    with pytest.raises(EvidenceError, match="compares with `expected`"):
        make_plan(open_suite(folder), book=load_book())


def test_a_call_under_way_at_a_kill_counts_at_the_most_that_it_can_have_cost(tmp_path: Path) -> None:
    plan = plan_of(tmp_path)
    request = EmbeddingRequest(model="x/e", texts=("card", "loan"))
    with Journal(tmp_path / "journal.jsonl", now=lambda: NOW) as journal:
        journal.asked_to_embed(request, 1_000)
    made, found = run(plan, Embedding_(), tmp_path)
    answers = sum(one.cost_usd or 0 for result in found for one in result.runs)
    assert made.progress.spent_usd == pytest.approx(answers + (1_000 + 30) * USD_PER_MTOK / 1e6)


def test_metered_vectors_are_on_the_disk_before_they_count(tmp_path: Path) -> None:
    async def go() -> float:
        with Journal(tmp_path / "e.jsonl", now=lambda: NOW) as journal:
            budget = Budget(None)
            price = plan_of(tmp_path / "suite").prices["x/e"]
            metered = Metered(Embedding_(), budget=budget, journal=journal, price_of=lambda model: price,
                              most_usd=lambda key: 0.0, most_tokens=lambda request: 100)  # fmt: skip
            await metered.embed(EmbeddingRequest(model="x/e", texts=("one", "two")))
            return budget.spent_usd

    assert asyncio.run(go()) == pytest.approx(20 * USD_PER_MTOK / 1e6)
    assert len(read_journal(tmp_path / "e.jsonl").embedded) == 2


# ------------------------------------------------------------------------------------------- the classifier


def classifier_suite(folder: Path, url: str, features: str = "{embeddings: local/e}") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    topics = {"card": "my card is lost", "loan": "rates of a loan", "pin": "the pin is blocked"}
    train = [f"{text} {k},{label}" for k in range(8) for label, text in topics.items()]
    cases = [f"c{k}{label},please {text} {k * 7},{label}" for k in range(4) for label, text in topics.items()]
    (folder / "train.csv").write_text("input,label\n" + "\n".join(train) + "\n")
    (folder / "cases.csv").write_text("id,input,expected\n" + "\n".join(cases) + "\n")
    (folder / "eval.yaml").write_text(
        "cases: cases.csv\nscore: exact\n"
        f"candidates: {{small: {{linear: {{features: {features}, train: train.csv, machine: $0.10/hour}}}}}}\n"
        "prices: {local/e: {input: $100/1M tokens, output: $0/1M tokens}}\n"
        f"endpoints: {{local: {{url: '{url}'}}}}\n"
    )
    return folder


def test_a_classifier_on_embeddings_pays_once_and_says_what_a_call_costs(tmp_path: Path) -> None:
    folder = classifier_suite(tmp_path / "suite", "http://127.0.0.1:1/v1")
    plan = make_plan(open_suite(folder), book=load_book())
    provider, again = Embedding_(), Embedding_()
    made, _ = run(plan, provider, tmp_path)
    [result], unmade = trained(plan, made, say=lambda text: None)
    assert not unmade
    assert provider.embedded.total() == len(provider.embedded) == 24 + 12
    assert provider.batches[:12] == [1] * 12  # each of so few cases is sent alone, and timed
    assert result.model == "linear/embeddings:local/e"
    assert all(one.score == 1 for one in result.runs)
    per_call = result.settings["embeddings"]["per_call"]
    for one in result.runs:
        assert one.input_tokens == 10
        assert one.cost_usd == pytest.approx(10 * USD_PER_MTOK / 1e6 + per_call["machine_usd"])
        assert one.latency_s is not None
        assert one.latency_s > 0.01  # the provider's time, and the classifier's
    assert result.settings["embeddings"]["train_usd"] == pytest.approx(240 * USD_PER_MTOK / 1e6)
    assert any(text.startswith("Per call: small: embedding $0.001 (10.0 tokens)") for text in said_of(result))
    made, _ = run(plan, again, tmp_path)
    assert again.embedded.total() == 0
    [same], _ = trained(plan, made, say=lambda text: None)
    assert [one.output for one in same.runs] == [one.output for one in result.runs]


def test_a_classifier_that_lacks_vectors_is_given_up_with_the_reason(tmp_path: Path) -> None:
    folder = classifier_suite(tmp_path / "suite", "http://127.0.0.1:1/v1")
    plan = make_plan(open_suite(folder), book=load_book())
    made, _ = run(plan, Embedding_(refuses="the pin is blocked 3"), tmp_path)
    found, unmade = trained(plan, made, say=lambda text: None)
    assert (found, unmade) == ([], ["Gave up: small: 1 text is not embedded: too long a text"])


def test_two_kinds_of_features_are_refused_and_tfidf_may_be_named(tmp_path: Path) -> None:
    folder = classifier_suite(tmp_path, "http://127.0.0.1:1/v1", "tfidf")
    [plain] = open_suite(folder).linear
    assert plain.embeddings is None
    classifier_suite(tmp_path, "http://127.0.0.1:1/v1", "{embeddings: local/e}, classifier: tfidf")
    with pytest.raises(EvidenceError, match="two kinds of features"):
        open_suite(folder)
    classifier_suite(tmp_path, "http://127.0.0.1:1/v1", "{embedding: local/e}")
    with pytest.raises(EvidenceError, match="did you mean 'embeddings'"):
        open_suite(folder)


def test_a_curve_of_a_classifier_on_embeddings_takes_the_vectors_that_are_kept(tmp_path: Path) -> None:
    suite = open_suite(classifier_suite(tmp_path, "http://127.0.0.1:1/v1"))
    asked = (suite.linear[0], suite.cases.cases, suite.scorer, [12, 24], 2)
    with pytest.raises(InputError, match=r"36 texts have no vector of local/e yet.*asks nobody"):
        linear_runs(*asked)
    provider = Embedding_()
    made, _ = run(make_plan(suite, book=load_book()), provider, tmp_path)
    runs = linear_runs(*asked, vectors=made.embedding.vectors)
    assert [(one.size, one.seed) for one in runs] == [(12, "1"), (12, "0"), (24, "1"), (24, "0")]
    assert all(one.score == 1 for one in runs)  # vectors of these topics lie apart
    # Of vectors that are all alike nothing is learned: it is these that were trained on, and no words.
    kept = read_journal(tmp_path / "journal.jsonl").embedded
    alike = Vectors({key: replace(it, vector=np.ones_like(it.vector)) for key, it in kept.items()})
    assert all(one.score < 1 for one in linear_runs(*asked, vectors=alike))


# -------------------------------------------------------------------------------------------------- kills


def test_killed_at_any_moment_no_text_that_was_journalled_is_paid_for_again(tmp_path: Path) -> None:
    pytest.importorskip("aiohttp")
    from tests.evals.gated import gated_server, killed_after

    n = 60
    folder = tmp_path / "suite"
    folder.mkdir()
    rows = [
        {"id": f"c{k}", "input": f"question {k} of {k % 7}.", "expected": f"answer {k}"} for k in range(n)
    ]
    (folder / "cases.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / "corpus.jsonl").write_text(
        "".join(json.dumps({"id": f"p{k}", "text": f"question {k} is told here."}) + "\n" for k in range(150))
    )
    (folder / "p.md").write_text("From: {{context}}\n\n{{input}}\n")

    def written(url: str) -> None:
        (folder / "eval.yaml").write_text(
            "cases: cases.jsonl\nscore: {similarity: {model: local/e}}\nconcurrency: 4\n"
            "candidates: {a: {model: local/m, prompt: p.md, max_output_tokens: 20, "
            "context: {from: corpus.jsonl, top: 2, by: embeddings, model: local/e}}}\n"
            "prices: {local/m: {input: $2/1M tokens, output: $8/1M tokens}, "
            "local/e: {input: $1/1M tokens, output: $0/1M tokens}}\n"
            f"endpoints: {{local: {{url: '{url}'}}}}\n"
        )

    with gated_server(folder / "cases.jsonl") as server:
        written(server.url)
        # Two batches of passages and questions, a call a case, a batch of answers; killed twice among the calls.
        for more, at in ((1, 1), (30, 20), (20, 13)):
            killed_after(folder, server, more=more, at=at)
        kept = read_journal(folder / "evals" / "embeddings.jsonl")
        answered = read_journal(folder / "evals" / "journal.jsonl").answers
        at_kill = counts(server.url)
        server.let = float("inf")
        ended = CliRunner().invoke(root, command(folder, "--json")[1:])
        seen = counts(server.url)
    assert ended.exit_code == 0, ended.output
    assert answered
    # Calls were asked, so passages and questions had been embedded: every one is on the disk, and is not paid again.
    assert len(kept.embedded) == 150 + n
    assert at_kill["texts_embedded"] - at_kill["texts_embedded_again"] == 150 + n
    assert seen["texts_embedded_again"] == at_kill["texts_embedded_again"]
    # With the answers, which are all right: the same texts as the expected ones.
    assert seen["texts_embedded"] - seen["texts_embedded_again"] == 150 + n + n
    assert all(seen["keys"][key]["asked"] == at_kill["keys"][key]["asked"] for key in answered)
