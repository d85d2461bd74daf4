"""The decision rules of the five documents, as data: add one by adding its entry to ``PUBLISHED_RULES``.

The rules are the documents', thresholds and all, right or wrong: where they contradict each other is shown, not
mended. A comment says where a document leaves a word open (*often*, *costly*, *millions*) and how it is read here.
Where a document gives two ranges that share an end, the end belongs to the upper one, unless it writes ``>``.
"""

from __future__ import annotations

from typing import Final

from breakeven.advice.rule import Figure, Row, Rule, Step, Table

__all__ = ["PUBLISHED_RULES"]

# Document 001 calls an error dear from $100; document 003 says "costly" and no figure, so it borrows that one.
_DEAR = "error_cost >= $100"
# Document 000: stable is what "does not change quarterly". Document 001 retrains each quarter and keeps up with that.
_STABLE = 'domain_changes in ("yearly", "rarely")'
_RESTLESS = 'domain_changes in ("weekly", "monthly")'

_DOCUMENT_000 = (
    Rule(
        id="000-gate", about="readiness", source="document 000, order of operations",
        title="Eval set, prompt iterations, retrieval, a smaller model: only then volume",
        steps=(
            Step(when="eval_cases < 100", verdict="prompt",
                 because="The eval set has {eval_cases}; 100 come first."),
            Step(when="prompt_iterations < 10", verdict="prompt",
                 because="The prompt has had {prompt_iterations}; 10 come first."),
            Step(when="not retrieval_tried", verdict="prompt",
                 because="Retrieval has not been tried: it adds missing context, tuning can not."),
            Step(when="not smaller_model_tried", verdict="prompt",
                 because="A smaller model with a good prompt has not been tried."),
            Step(when="calls_per_month < 1M", verdict="prompt",
                 because="All was tried, but {calls_per_month} are under 1M."),
            Step(verdict="tune", because="All was tried first, and {calls_per_month} are 1M or more."),
        ),
    ),
    Rule(
        id="000-volume", about="volume", source="document 000, the break-even arithmetic",
        title="Under about 1M calls a month a tuned model is a cost centre",
        table=Table(fact="calls_per_month", rows=(
            Row(below=1e6, verdict="prompt", because="{calls_per_month} are under 1M: it costs more than it saves."),
            Row(verdict="tune", because="{calls_per_month} are 1M or more: the savings start to count."),
        )),
    ),
    Rule(
        id="000-wins", about="the task", source="document 000, when fine-tuning wins",
        title="Narrow and stable, or millions of calls, or rigid format, or long prompts, or off the cloud",
        steps=(
            # Narrow: its examples are coding, classification and extraction.
            Step(when=f"task_is_narrow and {_STABLE}", verdict="tune",
                 because="The task is narrow ({task}) and its domain is stable (it changes {domain_changes})."),
            # "Millions": at least two.
            Step(when="calls_per_month >= 2M", verdict="tune", because="{calls_per_month}: millions of calls."),
            Step(when="task_is_format and target > 95%", verdict="tune",
                 because="A rigid format is wanted right {target} of the time, and prompts reach about 95%."),
            Step(when="static_tokens >= 4000 and calls_per_month >= 1M", verdict="tune",
                 because="{static_tokens} of instructions and examples in each of {calls_per_month}."),
            Step(when='deployment in ("edge", "on-premises")', verdict="tune",
                 because="It has to run {deployment}, where a small tuned model beats a small untuned one."),
            Step(verdict="prompt", because="None of the five cases in which tuning wins is this one."),
        ),
    ),
    Rule(
        id="000-first-year", about="break-even", source="document 000, the break-even arithmetic",
        title="(Tuning up front + a year's upkeep) ÷ saving per call, against the calls of a year",
        figures=(
            Figure(name="calls_needed", unit="calls/year",
                   formula="(tuned_upfront + tuned_upkeep_per_year) / saving_per_call"),
        ),
        steps=(
            Step(when="saving_per_call <= 0", verdict="prompt",
                 because="A call of the tuned model costs no less than one of the prompt: {saving_per_call} saved."),
            Step(when="calls_in_first_year >= calls_needed", verdict="tune",
                 because="({tuned_upfront} + {tuned_upkeep_per_year}) ÷ {saving_per_call} = {calls_needed}; "
                         "there are {calls_in_first_year}."),
            Step(verdict="prompt",
                 because="({tuned_upfront} + {tuned_upkeep_per_year}) ÷ {saving_per_call} = {calls_needed}; "
                         "there are only {calls_in_first_year}."),
        ),
    ),
)  # fmt: skip

_PEAK = Figure(name="most_within_12_months", unit="calls/month",
               formula="max(calls_per_month, calls_per_month_in_12_months)")  # fmt: skip

_DOCUMENT_001 = (
    Rule(
        id="001-five-questions", about="conditions", source="document 001, five questions",
        title="50K calls a month within a year, an ML team, critical accuracy, labels at hand, a stable domain",
        figures=(_PEAK,),
        steps=(
            Step(when="most_within_12_months < 50K", verdict="prompt",
                 because="Question 1: {most_within_12_months} within 12 months are under 50K."),
            Step(when="not ml_team", verdict="prompt",
                 because="Question 2: there is no team to train a model and keep it."),
            Step(when="accuracy_critical", verdict="tune", because="Question 3: accuracy is critical."),
            # The smallest set that the document prices for a tune is 100 examples.
            Step(when="labelled_examples < 100", verdict="prompt",
                 because="Question 4: {labelled_examples} have labels; the rest would have to be made."),
            Step(when=_RESTLESS, verdict="prompt", because="Question 5: the domain changes {domain_changes}."),
            Step(verdict="tune", because="Question 5: it changes {domain_changes}, and training keeps up."),
        ),
    ),
    Rule(
        id="001-volume", about="volume", source="document 001, break-even by volume",
        title="100K calls a month within a year: tune; under 50K: prompt",
        figures=(_PEAK,),
        table=Table(fact="most_within_12_months", rows=(
            Row(below=50e3, verdict="prompt", because="{most_within_12_months} within 12 months are under 50K."),
            Row(below=100e3, verdict="evaluate",
                because="{most_within_12_months} within 12 months are between 50K and 100K: it may pay."),
            Row(verdict="tune", because="{most_within_12_months} within 12 months are 100K or more."),
        )),
    ),
    Rule(
        id="001-staged", about="readiness", source="document 001, staged migration",
        title="Prompt for three months, look at accuracy, consider tuning from month 6, tune from month 8",
        steps=(
            Step(when="months_in_production < 3", verdict="prompt",
                 because="{months_in_production} in production: the first three belong to the prompt."),
            Step(when=f"months_in_production >= 8 and {_DEAR}", verdict="tune",
                 because="{months_in_production} in production, and a wrong answer costs {error_cost}."),
            Step(when="months_in_production >= 8 and calls_per_month >= 100K", verdict="tune",
                 because="{months_in_production} in production, and {calls_per_month} are 100K or more."),
            Step(when="months_in_production >= 6 and calls_per_month >= 50K and 80% <= quality_today <= 90%",
                 verdict="evaluate",
                 because="{months_in_production} in production, {calls_per_month}, {quality_today} right: "
                         "time to work out what tuning would bring."),
            Step(when="quality_today >= 85%", verdict="prompt", because="{quality_today} right is good enough."),
            Step(verdict="prompt",
                 because="{quality_today} right after {months_in_production}: no stage calls for tuning yet."),
        ),
    ),
    Rule(
        id="001-roi", about="break-even", source="document 001, spreadsheet formula",
        title="(Tuning up front − prompting up front) ÷ (prompting a month − tuning a month)",
        figures=(
            Figure(name="break_even", unit="months", formula="(tuned_upfront - prompt_upfront) / saving_per_month"),
        ),
        steps=(
            Step(when="saving_per_month <= 0", verdict="prompt",
                 because="Running the tuned model saves {saving_per_month}: it never breaks even."),
            Step(when="tuned_upfront <= prompt_upfront", verdict="tune",
                 because="It costs no more to build ({tuned_upfront}) and {saving_per_month} less to run."),
            # Its own words: 9.7 months "getting viable", 36 months "never positive".
            Step(when="break_even <= 12", verdict="tune",
                 because="({tuned_upfront} − {prompt_upfront}) ÷ {saving_per_month} = {break_even}, within a year."),
            Step(when="break_even < 36", verdict="evaluate",
                 because="({tuned_upfront} − {prompt_upfront}) ÷ {saving_per_month} = {break_even}: more than a year."),
            Step(verdict="prompt",
                 because="({tuned_upfront} − {prompt_upfront}) ÷ {saving_per_month} = {break_even}: 36 or more."),
        ),
    ),
    Rule(
        id="001-hybrid", about="a hybrid", source="document 001, case study 3",
        title="Tune a small model for the frequent 30% of requests, prompt for the rest",
        steps=(
            # One case, at 150K calls a month, with 30% of requests on the tuned model: it says nothing of less.
            Step(when="calls_per_month < 150K", verdict="cannot tell",
                 because="The case stood at 150K calls a month; it says nothing of {calls_per_month}."),
            Step(when="frequent_share < 30%", verdict="prompt",
                 because="A small model would keep {frequent_share} of the calls; in the case it kept 30%."),
            Step(verdict="hybrid",
                 because="A small model would keep {frequent_share} of {calls_per_month}; in the case, 30% of 150K."),
        ),
    ),
)  # fmt: skip

_DOCUMENT_002 = (
    Rule(
        id="002-structured-output", about="the task", source="document 002, structured output",
        title="Where format is the motive, structured output comes first",
        steps=(
            Step(when='motive != "format"', verdict="cannot tell",
                 because="The rule is about tuning for format; the motive here is {motive}."),
            Step(when="not structured_output_tried", verdict="prompt",
                 because="The motive is format, and structured output has not been tried."),
            Step(verdict="evaluate", because="The motive is format, and structured output was tried: compare the two."),
        ),
    ),
    Rule(
        id="002-four-conditions", about="conditions", source="document 002, when fine-tuning wins",
        title="Tens of millions of calls, a stable task, 500 labelled examples, a team: all four or prompt",
        steps=(
            # "Tens of millions"; its worked example starts to pay at ten.
            Step(when="calls_per_month < 10M", verdict="prompt", because="{calls_per_month} are under 10M."),
            Step(when=_RESTLESS, verdict="prompt", because="The task is not stable: it changes {domain_changes}."),
            Step(when="labelled_examples < 500", verdict="prompt",
                 because="{labelled_examples} have labels; under 500 the gain is rarely stable."),
            Step(when="not ml_team", verdict="prompt", because="There is no team to keep the training pipeline."),
            Step(when="labelled_examples < 1000", verdict="tune",
                 because="All four hold, with {labelled_examples}: 1,000 would be better."),
            Step(verdict="tune", because="All four hold: {calls_per_month}, {labelled_examples}, stable, a team."),
        ),
    ),
)  # fmt: skip

_DOCUMENT_003 = (
    Rule(
        id="003-volume", about="volume", source="document 003, volume table",
        title="By requests a day: 100, 1,000, 10,000, 100,000",
        table=Table(fact="requests_per_day", rows=(
            Row(below=100, verdict="prompt", because="{requests_per_day} are under 100: training is never recovered."),
            Row(below=1_000, steps=(
                Step(when=f"quality_gap_tuned_vs_today > 5% and {_DEAR}", verdict="tune",
                     because="{requests_per_day}, but {quality_gap_tuned_vs_today} gained at {error_cost}."),
                Step(verdict="prompt",
                     because="{requests_per_day}, and not both of 5 points to gain ({quality_gap_tuned_vs_today}) "
                             "and costly errors ({error_cost})."),
            )),
            Row(below=10_000, steps=(
                Step(when="not tuned_quality_measured", verdict="evaluate",
                     because="{requests_per_day}: compare both on your cases; nobody has scored a tuned model yet."),
                Step(when="quality_gap_tuned_vs_today > 3%", verdict="tune",
                     because="{requests_per_day}, and {quality_gap_tuned_vs_today} gained, above 3."),
                Step(verdict="prompt",
                     because="{requests_per_day}, and {quality_gap_tuned_vs_today} gained, not above 3."),
            )),
            Row(up_to=100_000, verdict="tune",
                because="{requests_per_day} are 10,000 or more: saved tokens pay for training in weeks."),
            Row(verdict="hybrid",
                because="{requests_per_day} are over 100,000: a tuned base, and a prompt for what differs by request."),
        )),
    ),
    Rule(
        id="003-tree", about="conditions", source="document 003, decision tree",
        title="Over 1,000 requests a day, 100 examples, over 5 points to the target, format or a proven gain",
        steps=(
            Step(when="requests_per_day <= 1000", verdict="prompt",
                 because="Question 1: {requests_per_day} are not over 1,000."),
            Step(when="labelled_examples < 100", verdict="prompt",
                 because="Question 2: {labelled_examples} are under 100: collect data first."),
            Step(when="gap_to_target <= 5%", verdict="prompt",
                 because="Question 3: the prompt is {gap_to_target} below the target, not over 5: good enough."),
            Step(when="task_is_format", verdict="tune", because="Question 4: the task is mainly format or style."),
            Step(when="not tuned_quality_measured", verdict="evaluate",
                 because="Question 5: nobody has scored a tuned model on your cases."),
            Step(when="quality_gap_tuned_vs_today > 0", verdict="tune",
                 because="Question 5: on your cases tuning gains {quality_gap_tuned_vs_today}."),
            Step(verdict="prompt", because="Question 5: on your cases tuning gains {quality_gap_tuned_vs_today}."),
        ),
    ),
    Rule(
        id="003-task", about="the task", source="document 003, quality by task type",
        title="Tuning is justified by the type of task",
        steps=(
            Step(when='task in ("multi-label-classification", "custom-extraction", "style")',
                 verdict="tune", because="For {task} the table says yes."),
            Step(when='task in ("reasoning", "summarisation")', verdict="prompt",
                 because="For {task} the table says no, or rarely: tuning gains little, and reasoning can lose."),
            Step(when=f'task == "sentiment-classification" and {_DEAR}', verdict="tune",
                 because="For {task} the table says only where errors are costly, and one costs {error_cost}."),
            Step(when='task == "sentiment-classification"', verdict="prompt",
                 because="For {task} the table says only where errors are costly, and one costs {error_cost}."),
            Step(verdict="evaluate",
                 because="For {task} the table says only for terms, entities, frameworks or schemas of your own."),
        ),
    ),
    Rule(
        id="003-training", about="break-even", source="document 003, break-even formula",
        title="Training cost ÷ a month's saving on calls",
        figures=(
            Figure(name="break_even", unit="months", formula="tuned_training / (saving_per_call * calls_per_month)"),
        ),
        steps=(
            Step(when="saving_per_call <= 0", verdict="prompt",
                 because="A call of the tuned model costs no less than one of the prompt: {saving_per_call} saved."),
            # Its own words: 1–2 months is worth it; 6–18 months is not.
            Step(when="break_even <= 2", verdict="tune",
                 because="{tuned_training} of training ÷ ({saving_per_call} × {calls_per_month}) = {break_even}."),
            Step(when="break_even < 6", verdict="evaluate",
                 because="{tuned_training} of training ÷ ({saving_per_call} × {calls_per_month}) = {break_even}: "
                         "between the 2 months that pay and the 6 that do not."),
            Step(verdict="prompt",
                 because="{tuned_training} of training ÷ ({saving_per_call} × {calls_per_month}) = {break_even}, "
                         "6 or more."),
        ),
    ),
    Rule(
        id="003-hybrid", about="a hybrid", source="document 003, hybrid layers",
        title="A tuned base behaviour, and a prompt for what differs by request",
        steps=(
            # The tuned layer needs what the document's own tree asks of any tuned model.
            Step(when="requests_per_day <= 1000", verdict="prompt",
                 because="{requests_per_day} are not over 1,000: too few for the tuned layer."),
            Step(when="labelled_examples < 100", verdict="prompt",
                 because="{labelled_examples} are under 100: too few for the tuned layer."),
            Step(verdict="hybrid",
                 because="{requests_per_day} and {labelled_examples} carry a tuned base; requests, edge cases and "
                         "guardrails stay with the prompt."),
        ),
    ),
)  # fmt: skip

_DOCUMENT_004 = (
    Rule(
        id="004-tree", about="conditions", source="document 004, decision tree",
        title="Tokens a month, accuracy over 95%, weekly changes, budget",
        steps=(
            Step(when="tokens_per_month < 1M", verdict="prompt", because="{tokens_per_month} are under 1M."),
            # Over 10M it says "consider": the questions go on, and decide only what they can.
            Step(when="target > 95%", verdict="tune", because="{target} right is needed, more than 95%."),
            Step(when='domain_changes == "weekly"', verdict="prompt", because="Requirements change weekly."),
            Step(when="budget_usd_per_month < $5K", verdict="prompt",
                 because="The budget of {budget_usd_per_month} is under $5K/month."),
            Step(when="tokens_per_month > 10M", verdict="evaluate",
                 because="{tokens_per_month} are over 10M: consider tuning; no other question decides."),
            Step(verdict="prompt", because="{tokens_per_month} are not over 10M, and no question speaks for tuning."),
        ),
    ),
    Rule(
        id="004-evidence", about="readiness", source="document 004, strategic recommendation",
        title="Six months of data, 20 prompt iterations, a prompt stuck below the target, 10M tokens a day",
        steps=(
            Step(when="months_in_production < 6", verdict="prompt",
                 because="{months_in_production} in production: six months of data come first."),
            # "20–30 iterations": a plateau can be judged from 20.
            Step(when="prompt_iterations < 20", verdict="prompt",
                 because="{prompt_iterations}: a plateau is judged after 20 to 30."),
            Step(when="best_prompt_quality >= target", verdict="prompt",
                 because="The prompt reaches its target: {best_prompt_quality} against {target}."),
            Step(when="target > 95%", verdict="tune",
                 because="The prompt is stuck at {best_prompt_quality}; {target} is needed, beyond 95%."),
            Step(when="tokens_per_day >= 10M", verdict="tune",
                 because="The prompt is stuck at {best_prompt_quality}, and {tokens_per_day} are 10M or more."),
            Step(verdict="prompt", because="{tokens_per_day} are under 10M."),
        ),
    ),
    Rule(
        id="004-tco", about="break-even", source="document 004, three-year formula",
        title="Training + 36 months of the tuned model, against 36 months of the prompt",
        figures=(
            Figure(name="tuned_36_months", unit="usd", formula="tuned_upfront + tuned_monthly * 36"),
            Figure(name="prompt_36_months", unit="usd", formula="prompt_monthly * 36"),
        ),
        steps=(
            Step(when="tuned_36_months < prompt_36_months", verdict="tune",
                 because="{tuned_upfront} + 36 × {tuned_monthly} = {tuned_36_months}, under {prompt_36_months}."),
            Step(verdict="prompt",
                 because="{tuned_upfront} + 36 × {tuned_monthly} = {tuned_36_months}, not under {prompt_36_months}."),
        ),
    ),
)  # fmt: skip

PUBLISHED_RULES: Final[tuple[Rule, ...]] = (
    *_DOCUMENT_000, *_DOCUMENT_001, *_DOCUMENT_002, *_DOCUMENT_003, *_DOCUMENT_004
)  # fmt: skip
"""Every published rule, by document."""
