"""Every kind of mistake in a study file: its place, its field, what was read, what would be right, word for word."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.study.studies import EVERYTHING, SMALLEST, problems, smallest, with_lines, write_evidence

TUNED = "tuned: {kind: tuned, base: azure/test-base}"


def only(text: str) -> str:
    [problem] = problems(text)
    return problem


def changed(old: str, new: str, text: str = SMALLEST) -> str:
    assert text.count(old) == 1, f"{old!r} stands there {text.count(old)} times"
    return text.replace(old, new)


def test_the_smallest_study_is_without_problems() -> None:
    assert problems(SMALLEST) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        # quantities
        ("volume: 10K/day", "volume: 480K",
         "breakeven.yaml:4:11: workload.volume: '480K' has no unit: it could be 480K calls/month or 480K calls/day\n"
         "    write the unit, such as 480K calls/month"),
        ("volume: 10K/day", "volume: 480000",
         "breakeven.yaml:4:11: workload.volume: 480000 has no unit: it could be 480000 calls/month or "
         "480000 calls/day\n    write the unit, such as 480K calls/month"),
        ("volume: 10K/day", "volume: 10K tokens",
         "breakeven.yaml:4:11: workload.volume: '10K tokens' is in tokens; volume is wanted\n"
         "    write it like 480K calls/month"),
        ("volume: 10K/day", "volume: [10K/day]",
         "breakeven.yaml:4:11: workload.volume: a list is not a quantity\n    write it like 480K calls/month"),
        ("volume: 10K/day", "volume: {value: 10K/day, sorce: measured}",
         "breakeven.yaml:4:35: workload.volume.sorce: `sorce` has no meaning here\n    did you mean `source`? "
         "a quantity takes value, uniform, normal, lognormal, triangular, beta, draws, source, reference, date"),
        ("volume: 10K/day", "volume: {triangular: [1K/day, 2K, 3K/day]}",
         "breakeven.yaml:4:33: workload.volume.triangular[1]: '2K' has no unit: it could be 2K calls/month or "
         "2K calls/day\n    write the unit, such as 480K calls/month"),
        # keys
        ("volume: 10K/day", "volumes: 10K/day",
         "breakeven.yaml:4:3: workload.volumes: unknown key `volumes`\n    did you mean `volume`?"),
        ("  task: ner", "  task: ner\n  colour: red",
         "breakeven.yaml:4:3: workload.colour: unknown key `colour`\n    known here: task, volume, growth, tokens, "
         "profile, retries, peak_to_mean, errors, value, latency_cost, delay_benefit"),
        ("  volume: 10K/day\n", "",
         "breakeven.yaml:2:1: workload.volume: `volume` is missing\n    calls in month 1: 480K calls/month"),
        ("name: Smallest\n", "",
         "breakeven.yaml:1:1: name: `name` is missing\n    The feature, as the report's title says it."),
        ("name: Smallest", "name:",
         "breakeven.yaml:1:1: name: nothing stands here\n    write a value, or leave the key out"),
        ("today:", "wage: $100/hour\nvolume: 10K/day\ntoday:",
         "breakeven.yaml:7:1: volume: `volume` does not stand at the top\n    it stands under `workload:`"),
        ("openai/test-large}", "openai/test-large, build: $1,500}",
         "breakeven.yaml:8:62: candidates.prompt.500: `500` is read as a key: inside { } a comma separates\n"
         "    write $1.5K, or put the value in quotes"),
        ("  task: ner", "  task: ner\n  horizon: 36 months",
         "breakeven.yaml:4:3: workload.horizon: `horizon` does not stand here\n"
         "    it stands at the top of the file, not indented"),
        # shapes
        ("tokens: {static: 2600, input: 400, output: 60}", "tokens: 3000",
         "breakeven.yaml:5:11: workload.tokens: 3000 is not a mapping\n    keys: static, input, output, reasoning"),
        ("candidates:\n  prompt: {kind: prompt, model: openai/test-large}", "candidates: {}",
         "breakeven.yaml:7:13: candidates: no candidate stands here\n"
         "    `prompt: {kind: prompt, model: openai/gpt-4.1}`"),
        ("candidates:\n  prompt: {kind: prompt, model: openai/test-large}", "candidates: [prompt]",
         "breakeven.yaml:7:13: candidates: a list is not a mapping\n    write `key: value`"),
        # words
        ("task: ner", "task: NER",
         "breakeven.yaml:3:9: workload.task: 'NER' is none of the choices\n    did you mean ner? one of "
         "sentiment-classification, multi-label-classification, ner, custom-extraction, summarisation, "
         "code-generation, style, structured-output, translation, reasoning, other"),
        ("name: Smallest", "name: [a]", "breakeven.yaml:1:7: name: a list is not text\n    write text"),
        ("name: Smallest", "name: ''", "breakeven.yaml:1:7: name: the text is empty"),
        ("name: Smallest", f"name: {'x' * 201}", "breakeven.yaml:1:7: name: the text has 201 characters; 200 at most"),
        # dates and lengths of time
        ("today:", "start: soon\ntoday:",
         "breakeven.yaml:6:8: start: 'soon' is not a date\n    write it like 2026-10-01 or 2026-10"),
        ("today:", "horizon: 36\ntoday:",
         "breakeven.yaml:6:10: horizon: 36 has no unit: it could be 36 months or 36 weeks\n"
         "    write the unit, such as 36 months"),
        ("today:", "horizon: 11 years\ntoday:",
         "breakeven.yaml:6:10: horizon: '11 years' is not a horizon\n    1 to 120 whole months: 36 months, 3 years"),
        ("today:", "horizon: {draws: months.csv}\ntoday:",
         "breakeven.yaml:6:10: horizon: a mapping is not a horizon\n    1 to 120 whole months: 36 months, 3 years"),
        ("today:", "horizon: 5 weeks\ntoday:",
         "breakeven.yaml:6:10: horizon: '5 weeks' is not a horizon\n    1 to 120 whole months: 36 months, 3 years"),
        ("today:", "wage: $120K/year\ntoday:",
         "breakeven.yaml:6:7: wage: '$120K/year' is in usd/month; money per hour is wanted\n"
         "    divide it by the hours worked, not by those of the clock: $80..$140/hour"),
        ("today:", "facts: {ml_team: maybe}\ntoday:",
         "breakeven.yaml:6:18: facts.ml_team: 'maybe' is neither true nor false\n    write true or false"),
        ("today:", "facts: {eval_cases: 1.5}\ntoday:",
         "breakeven.yaml:6:21: facts.eval_cases: 1.5 is not a whole number\n    write it like 6000"),
        # price changes and prices
        ("today:", "price_change: {}\ntoday:",
         "breakeven.yaml:6:15: price_change: no provider is named\n    `openai: -10%..0%/year`, `*: steps`"),
        ("today:", "price_change: {opnai: steps}\ntoday:",
         "breakeven.yaml:6:16: price_change.opnai: no candidate pays 'opnai'\n"
         "    did you mean openai? providers here: openai; and * for all others"),
        ("today:", "price_change: {openai: 5%}\ntoday:",
         "breakeven.yaml:6:24: price_change.openai: '5%' has no period: it could be 5%/year or 5%/month\n"
         "    a yearly rate such as -20%..5%/year, or `steps`"),
        ("today:", "prices: {openai/test-larg: {input: $1/1M tokens, output: $2/1M tokens}}\ntoday:",
         "breakeven.yaml:6:10: prices.openai/test-larg: no candidate uses this model\n"
         "    did you mean openai/test-large?"),
        # errors
        ("today:", "today:", ""),
        ("  task: ner", "  task: ner\n  errors: $0.40",
         "breakeven.yaml:4:11: workload.errors: '$0.40' is not a mapping\n    keys: cost, target, kinds"),
        ("  task: ner", "  task: ner\n  errors: {kinds: {a: {share: 30%, cost: $1}}}",
         "breakeven.yaml:4:19: workload.errors.kinds: the shares make 0.3, not 1\n"
         "    every wrong answer is of one kind: the shares make 100%"),
        ("  task: ner", "  task: ner\n  errors: {cost: $1, kinds: {a: {share: 100%, cost: $1}}}",
         "breakeven.yaml:4:18: workload.errors.cost: both `cost` and `kinds` stand here\n    leave one of them out"),
        # names
        ("today: prompt", "today: promt",
         "breakeven.yaml:6:8: today: there is no candidate 'promt'\n    did you mean prompt?"),
        ("today: prompt", "today: 7",
         "breakeven.yaml:6:8: today: there is no candidate '7'\n    candidates: prompt"),
        ("  prompt: {", "  _x: {",
         "breakeven.yaml:8:3: candidates._x: '_x' can not name a candidate\n    letters, digits, "
         "spaces and . + - _, at most "
         "60, beginning with a letter or digit"),
        # models
        ("model: openai/test-large", "model: openai/test-embedder",
         "breakeven.yaml:8:33: candidates.prompt.model: openai/test-embedder makes embeddings; it does not answer\n"
         "    name a model that writes answers"),
        (", model: openai/test-large", "",
         "breakeven.yaml:8:3: candidates.prompt.model: `model` is missing\n"
         "    a model of the price book, such as openai/gpt-4.1; or state `per_call`"),
        ("openai/test-large}", "openai/test-large, base: x}",
         "breakeven.yaml:8:52: candidates.prompt.base: `base` belongs to a tuned or classifier "
         "candidate; this one is a "
         "prompt\n    `model` names the model here"),
        ("openai/test-large}", "openai/test-large, examples: 10}",
         "breakeven.yaml:8:52: candidates.prompt.examples: `examples` belongs to a tuned or classifier candidate; this "
         "one is a prompt\n    remove it, or change the kind"),
        ("openai/test-large}", "openai/test-large, region: us}",
         "breakeven.yaml:8:60: candidates.prompt.region: no uplift is known for the region 'us'\n"
         "    known: eu; or state the region's prices under `prices:`"),
        ("openai/test-large}", "openai/test-large, cached: 10%, hit_rate: 50%}",
         "breakeven.yaml:8:75: candidates.prompt.hit_rate: both `cached` and `hit_rate` stand here\n"
         "    leave one of them out"),
        ("openai/test-large}", "openai/test-small, batch: 50%}",
         "breakeven.yaml:8:59: candidates.prompt.batch: no batch price is known for openai/test-small\n"
         "    `batch: 0%`, or state batch_input and batch_output under `prices: {openai/test-small: …}`"),
        ("openai/test-large}", "openai/test-small, cached: 50%}",
         "breakeven.yaml:8:60: candidates.prompt.cached: no price for cached input is known for openai/test-small\n"
         "    `cached: 0%`, or state `cached` under `prices: {openai/test-small: …}`"),
        ("openai/test-large}", "openai/test-large, quality: {eval: x.csv}}",
         "breakeven.yaml:8:68: candidates.prompt.quality.eval: a study without a folder can name no file\n"
         "    state the value itself"),
        ("openai/test-large}", "openai/test-large, build: 3 weeks}",
         "breakeven.yaml:8:59: candidates.prompt.build: '3 weeks' is in months; hours is wanted\n"
         "    write it like 40..80 hours or $5K"),
        ("kind: prompt", "kind: promt",
         "breakeven.yaml:8:18: candidates.prompt.kind: 'promt' is no kind of candidate\n"
         "    did you mean prompt? one of prompt, tuned, hybrid, classifier, wait"),
        ("kind: prompt, ", "",
         "breakeven.yaml:8:3: candidates.prompt.kind: `kind` is missing\n"
         "    one of prompt, tuned, hybrid, classifier, wait"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_smallest_study(old: str, new: str, said: str) -> None:
    assert problems(changed(old, new)) == ([said] if said else [])


@pytest.mark.parametrize(
    ("candidates", "said"),
    [
        ("tuned: {kind: tuned}",
         "breakeven.yaml:9:3: candidates.tuned.base: `base` is missing\n"
         "    a base of the price book such as azure/gpt-4.1-mini, or self/… on GPUs of your own"),
        ("tuned: {kind: tuned, base: azure/test-bose}",
         "breakeven.yaml:9:30: candidates.tuned.base: no price to tune it is known for 'azure/test-bose'\n    nearest: "
         "azure/test-base, azure/test-closed; or state `prices: {azure/test-bose:tuned: {input: …, output: …}}`"),
        ("tuned: {kind: tuned, base: azure/test-closed}",
         "breakeven.yaml:9:30: candidates.tuned.base: azure/test-closed can not be tuned after 2026-11-30, and month 1 "
         "is 2026-12\n    name another base, or state `training` if you still can"),
        ("tuned: {kind: tuned, base: azure/test-hourly}",
         "breakeven.yaml:9:3: candidates.tuned.training: azure/test-hourly is trained by the hour, at $100; the hours "
         "are missing\n    state `training: {hours: 4..20 hours}` for one run"),
        ("tuned: {kind: tuned, base: azure/test-base, training: {price: $400, hours: 3 hours}}",
         "breakeven.yaml:9:57: candidates.tuned.training: both `price` and GPU hours stand here\n"
         "    leave one of them out"),
        ("tuned: {kind: tuned, base: azure/test-base, training: {gpu: nobody/h100-80gb}}",
         "breakeven.yaml:9:63: candidates.tuned.training.gpu: no price is known for the GPU 'nobody/h100-80gb'\n"
         "    nearest: azure/h100-80gb, together_ai/h100-80gb, azure/a100-80gb; or write $2..$5/hour"),
        ("tuned: {kind: tuned, base: azure/test-base, hosting: {fee: $2K/month, gpu: $2/hour}}",
         "breakeven.yaml:9:62: candidates.tuned.hosting.fee: both `fee` and `gpu` stand here\n    "
         "leave one of them out"),
        ("tuned: {kind: tuned, base: azure/test-base, hosting: {gpu: $2/hour}}",
         "breakeven.yaml:9:47: candidates.tuned.hosting.rps: `rps` is missing: the GPU is not named\n"
         "    measure it and write `rps: 23.6/s`, or name a `model` of the throughput table"),
        ("tuned: {kind: tuned, base: self/x, training: $400}",
         "breakeven.yaml:9:3: candidates.tuned.hosting: `hosting` is missing: what serving costs is not known\n"
         "    `$2,000/month`, `$1.70/hour`, or {gpu: lambda/h100-80gb, rps: 23.6/s}"),
        ("tuned: {kind: tuned, base: self/x, training: $400, hosting: {extra: 1}}",
         "breakeven.yaml:9:63: candidates.tuned.hosting: neither `fee` nor `gpu` stands here\n"
         "    $2,000/month, or {gpu: lambda/h100-80gb, …}"),
        ("tuned: {kind: tuned, base: self/x, hosting: $2K/month}",
         "breakeven.yaml:9:3: candidates.tuned.training: `training` is missing: what a run costs is not known\n"
         "    `$5/1M tokens`, `$400` a run, or `{gpu: lambda/h100-80gb, hours: 4..20 hours}`"),
        ("tuned: {kind: tuned, base: self/x, hosting: $2K/month, training: {hours: 5 hours}}",
         "breakeven.yaml:9:58: candidates.tuned.training.gpu: `gpu` is missing\n"
         "    a GPU such as lambda/h100-80gb, or $2..$5/hour"),
        ("tuned: {kind: tuned, base: azure/test-base, retrain: sometimes}",
         "breakeven.yaml:9:56: candidates.tuned.retrain: 'sometimes' is not a cadence\n"
         "    write: every 3 months, quarterly, yearly or never"),
        ("tuned: {kind: tuned, base: azure/test-base, retrain: 3}",
         "breakeven.yaml:9:56: candidates.tuned.retrain: 3 is not a cadence\n"
         "    write: every 3 months, quarterly, yearly or never"),
        ("tuned: {kind: tuned, base: azure/test-base, upfront: $5K, evaluation: {judge_cost: $0.01}}",
         "breakeven.yaml:9:61: candidates.tuned.evaluation.cases: `cases` is missing\n    100..300"),
        ("tuned: {kind: tuned, base: azure/test-base, quality: {date: 2026-10}}",
         "breakeven.yaml:9:57: candidates.tuned.quality.date: `date` is that of `eval`, which is missing"),
        ("tuned: {kind: tuned, base: azure/test-base, review: {share: 5%}}",
         "breakeven.yaml:9:47: candidates.tuned.review.time: `time` is missing\n    For each."),
        ("sieve: {kind: classifier}",
         "breakeven.yaml:9:3: candidates.sieve.quality: the quality of a classifier is neither "
         "stated nor measured, and "
         "nothing is published\n    `quality: {eval: scores.csv}` or `quality: 86%..90%`"),
        ("sieve: {kind: classifier, quality: 86%, training: $5/1M tokens}",
         "breakeven.yaml:9:53: candidates.sieve.training: a classifier is not trained by token\n  "
         "  `$0.10..$2` for one run"),
        ("mix: {kind: hybrid, small: prompt, large: prmpt, escalate: 10%}",
         "breakeven.yaml:9:45: candidates.mix.large: there is no candidate 'prmpt'\n    did you mean prompt?"),
        ("mix: {kind: hybrid, small: prompt, large: prompt, escalate: 10%}",
         "breakeven.yaml:9:45: candidates.mix.large: `small` and `large` are the same candidate, 'prompt'\n"
         "    name two different ones"),
        ("mix: {kind: hybrid, small: mix, large: prompt, escalate: 10%}",
         "breakeven.yaml:9:30: candidates.mix.small: 'mix' can not be a part of itself\n    name another candidate"),
        ("mix: {kind: hybrid, small: a, large: prompt}",
         "breakeven.yaml:9:3: candidates.mix.escalate: `escalate` is missing\n    Share of calls that are handed on."),
        ("mix: {kind: hybrid, small: prompt, large: prompt, escalat: 10%}",
         "breakeven.yaml:9:53: candidates.mix.escalat: unknown key `escalat`\n    did you mean `escalate`?"),
        ("later: {kind: wait, now: prompt, later: prompt, at: month 7}",
         "breakeven.yaml:9:43: candidates.later.later: `now` and `later` are the same candidate, 'prompt'\n"
         "    name two different ones"),
        (f"{TUNED}\nlater: {{kind: wait, now: prompt, later: tuned, at: month 37}}",
         "breakeven.yaml:10:54: candidates.later.at: month 37 lies beyond the horizon of 36 months\n"
         "    an earlier month, or a longer `horizon`"),
        (f"{TUNED}\nlater: {{kind: wait, now: prompt, later: tuned, at: month 1}}",
         "breakeven.yaml:10:54: candidates.later.at: 'month 1' is not a month\n    a month after the first: month 7"),
        (f"{TUNED}\na: {{kind: wait, now: prompt, later: tuned, at: 7}}\n"
         "b: {kind: wait, now: prompt, later: a, at: 9}",
         "breakeven.yaml:11:39: candidates.b.later: 'a' is a wait, which can not be part of a wait\n"
         "    name a prompt, tuned, classifier or hybrid candidate"),
        (f"{TUNED}\nlater: {{kind: wait, now: prompt, later: tuned, at: 7, quality: 90%}}",
         "breakeven.yaml:10:57: candidates.later.quality: `quality` belongs to a prompt or tuned "
         "or hybrid or classifier "
         "candidate; this one is a wait\n    remove it, or change the kind"),
    ],
)  # fmt: skip
def test_a_mistake_in_another_candidate(candidates: str, said: str) -> None:
    assert said in problems(smallest(candidates))
    assert only(smallest(candidates)) == said


def test_a_study_that_waits_today_is_told_to_name_what_serves() -> None:
    text = smallest(f"{TUNED}\nlater: {{kind: wait, now: prompt, later: tuned, at: 7}}")
    assert only(changed("today: prompt", "today: later", text)) == (
        "breakeven.yaml:6:8: today: 'later' waits; it does not serve yet\n"
        "    name the candidate in production now: its `now`"
    )


def test_all_mistakes_come_at_once_in_the_order_of_the_file() -> None:
    text = """\
name: Everything is wrong
colour: red
horizon: 36
workload:
  task: nre
  volume: 10K
  growth: 3%
  tokens: {static: 2600, input: 400, outptu: 60}
  errors: {target: 93}
today: promt
candidates:
  prompt: {kind: prompt, model: openai/test-lrge, quality: {eval: ../x.csv}}
  tuned: {kind: tune}
  mix: {kind: hybrid, small: tuned, large: prmpt, escalate: 0.1}
"""
    found = [problem.partition(": ")[0].removeprefix("breakeven.yaml:") for problem in problems(text)]
    assert found == [
        "2:1",
        "3:10",
        "5:9",
        "6:11",
        "7:11",
        "8:38",
        "9:20",
        "10:8",
        "12:33",
        "12:67",
        "13:17",
        "14:61",
    ]


def test_what_could_not_be_read_does_not_hide_the_rest() -> None:
    # A wrong unit in one candidate, an unknown model in another, a wrong name at the top: three problems.
    text = smallest(
        "small: {kind: prompt, model: openai/test-smll}\nbad: {kind: prompt, model: openai/test-large, batch: 5}"
    )
    assert [p.partition(": ")[0] for p in problems(changed("today: prompt", "today: promt", text))] == [
        "breakeven.yaml:6:8", "breakeven.yaml:9:32", "breakeven.yaml:10:56",
    ]  # fmt: skip


def test_a_problem_in_a_price_of_ones_own_is_placed_there() -> None:
    text = smallest("other: {kind: prompt, model: acme/x}", top="prices: {acme/x: {input: $2/1M tokens}}\n")
    assert only(text) == (
        "breakeven.yaml:2:10: prices.acme/x.output: `output` is missing, and the price book does not know 'acme/x'\n"
        "    write it like $0.15/1M tokens"
    )
    named = smallest(
        "other: {kind: prompt, model: x}", top="prices: {x: {input: $2/1M tokens, output: $3/1M tokens}}\n"
    )
    assert only(named) == (
        "breakeven.yaml:2:10: prices.x: 'x' names no provider\n    provider/model: openai/gpt-4.1"
    )


def test_a_candidate_too_many() -> None:
    more = "\n".join(f"c{n}: {{kind: prompt, model: openai/test-large}}" for n in range(40))
    assert (
        only(smallest(more)) == "breakeven.yaml:8:3: candidates: more than 40 candidates\n    split the study"
    )


def test_the_study_with_every_key_is_without_problems(tmp_path: Path) -> None:
    assert problems(EVERYTHING, write_evidence(tmp_path)) == []


def test_each_misspelt_key_of_the_full_study_is_found_at_its_place(tmp_path: Path) -> None:
    """Every key of every mapping, one at a time."""
    folder = write_evidence(tmp_path)
    lines = EVERYTHING.splitlines()
    free = (
        "prompt:",
        "small:",
        "summed:",
        "tuned:",
        "own:",
        "classifier:",
        "wrong amount:",
        "missing field:",
        "acme/mini:",
    )
    checked = 0
    for number, line in enumerate(lines):
        key = line.strip().partition(":")[0]
        if (
            not line.strip()
            or line.strip().startswith(free)
            or not line.partition(":")[0].strip().isidentifier()
        ):
            continue
        if key in ("hybrid", "later", "kind"):
            continue
        wrong = line.replace(f"{key}:", f"{key}zq:", 1)
        text = "\n".join([*lines[:number], wrong, *lines[number + 1 :]])
        found = problems(text, folder)
        assert any(f"breakeven.yaml:{number + 1}:" in p and f"`{key}zq`" in p for p in found), (key, found)
        checked += 1
    assert checked > 60


def test_lines_are_counted_from_the_files_start() -> None:
    assert only(with_lines("# a comment\n\n" + SMALLEST, "wages: $100/hour")).startswith(
        "breakeven.yaml:11:1: wages: "
    )
