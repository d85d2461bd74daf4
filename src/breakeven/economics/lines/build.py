"""Lines 10–15 and 22–23: what it costs to make a model, to make it again, and to move when its base retires."""

from __future__ import annotations

import numpy as np

from breakeven.beliefs import Values
from breakeven.economics.lines.entry import CostLine
from breakeven.economics.lines.tokens import MILLION, call_cost
from breakeven.economics.world import Terms, World
from breakeven.study.model import Training

__all__ = ["BUILD_LINES"]


def _run(world: World, training: Training) -> Values:
    """Dollars for one training run: line 10."""
    if training.run_usd is not None:
        return world[training.run_usd]
    if training.gpu_hours is not None and training.gpu_price is not None:
        return world[training.gpu_hours] * world[training.gpu_price]
    if training.price is None or training.epochs is None:
        return np.zeros(1)
    trained = world[training.epochs] * world[training.examples] * _tokens_per_example(world, training)
    return trained * (1 + world.get(training.validation)) * world[training.price] / MILLION


def _tokens_per_example(world: World, training: Training) -> Values:
    if training.tokens_per_example is not None:
        return world[training.tokens_per_example]
    tokens = world.candidate.tokens
    return (
        np.zeros(1) if tokens is None else world[tokens.static] + world[tokens.input] + world[tokens.output]
    )


def _label(world: World, training: Training) -> Values:
    """Dollars for one label that can be used."""
    return world[training.redundancy] * world[training.label_cost] * (1 + world[training.qa])


def _evaluation(world: World, training: Training) -> Values:
    """Dollars to score every run: line 15."""
    if training.eval_cases is None:
        return np.zeros(1)
    scoring = call_cost(world) + world.get(training.judge_cost)
    return world[training.eval_cases] * (world.get(training.eval_label_cost) + world[training.runs] * scoring)


def _first_training(world: World) -> Training | None:
    """How it is made the first time; None for a model that serves already."""
    return None if world.candidate.trained_already else world.candidate.training


def _line_training(world: World) -> Terms:
    training = _first_training(world)
    return {} if training is None else {world.once: _run(world, training)}


def _line_discarded(world: World) -> Terms:
    training = _first_training(world)
    if training is None:
        return {}
    return {world.once: np.maximum(0.0, world[training.runs] - 1) * _run(world, training)}


def _line_labels(world: World) -> Terms:
    training = _first_training(world)
    if training is None:
        return {}
    new = np.maximum(0.0, world[training.examples] - world[training.labelled])
    return {world.once: new * _label(world, training)}


def _line_guidelines(world: World) -> Terms:
    hours = world.candidate.labour.guideline_hours
    return {} if hours is None else {world.once: world[hours] * world.wage}


def _line_synthetic(world: World) -> Terms:
    training = _first_training(world)
    if training is None or training.synthetic_examples is None:
        return {}
    return {world.once: world[training.synthetic_examples] * world.get(training.synthetic_cost)}


def _line_evaluation(world: World) -> Terms:
    training = _first_training(world)
    return (
        {} if training is None or training.eval_cases is None else {world.once: _evaluation(world, training)}
    )


def _line_retraining(world: World) -> Terms:
    training, retraining = world.candidate.training, world.candidate.retraining
    if retraining is None or retraining.every_months is None:
        return {}
    if retraining.event_usd is not None:
        return {world.retrain: world[retraining.event_usd]}
    event = world[retraining.hours] * world.wage
    if training is not None:
        relabelled = world[retraining.label_share] * world[training.examples] * _label(world, training)
        event = event + _run(world, training) + relabelled + _evaluation(world, training)
    return {world.retrain: event}


def _line_migration(world: World) -> Terms:
    candidate, training = world.candidate, world.candidate.training
    if not candidate.migration_months:
        return {}
    move = world.get(candidate.migration_hours) * world.wage
    if training is not None:
        move = move + _run(world, training) + _evaluation(world, training)
    return {world.migrate: move}


BUILD_LINES = (
    CostLine(number=10, key="training", title="Training run", group="build", source="document 003, host price lists",
             formula="epochs·T_train·p_train + validation, or GPU hours·p_gpu", terms=_line_training,
             unit="US dollars, once"),
    CostLine(number=11, key="discarded_runs", title="Discarded runs", group="build", source="document 000",
             formula="(runs per kept model − 1)·line 10", terms=_line_discarded, unit="US dollars, once"),
    CostLine(number=12, key="labels", title="Labels", group="build", source="document 001",
             formula="n·redundancy·c·(1+QA), for examples without a label", terms=_line_labels,
             unit="US dollars, once"),
    CostLine(number=13, key="guidelines", title="Guidelines and tooling", group="build", source="document 000",
             formula="h·w", terms=_line_guidelines, unit="US dollars, once"),
    CostLine(number=14, key="synthetic", title="Synthetic data", group="build", source="document 003",
             formula="n·c_teacher", terms=_line_synthetic, unit="US dollars, once"),
    CostLine(number=15, key="evaluation", title="Evaluation", group="build", source="documents 000 and 003",
             formula="n_eval·c_label + runs·n_eval·(c_call + c_judge)", terms=_line_evaluation,
             unit="US dollars, once"),
    CostLine(number=22, key="retraining", title="Retraining", group="build", source="documents 001 and 004",
             formula="events·(line 10 + share·n·redundancy·c·(1+QA) + line 15 + h·w)", terms=_line_retraining,
             unit="US dollars in months k, 2k, 3k …"),
    CostLine(number=23, key="migration", title="Forced migration", group="build", source="provider retirement notices",
             formula="when the base retires: line 10 + line 15 + h·w", terms=_line_migration,
             unit="US dollars in the month of retirement"),
)  # fmt: skip
