"""Scores of public data sets, as arrays."""

from __future__ import annotations

import csv
import gzip
import json
from collections import defaultdict

import numpy as np


def zeroeval(real_data) -> tuple[list[str], np.ndarray]:
    """Names of the models that answered every GSM8K item, and their scores (1319, models)."""
    with gzip.open(real_data("zeroeval_gsm8k") / "correct.csv.gz", "rt", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    names = [name for name in rows[0] if name != "id" and all(row[name] for row in rows)]
    return names, np.array([[float(row[name]) for name in names] for row in rows])


def mmlu(real_data) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Scores of Mixtral and of GPT-4 Turbo on MMLU, and the subject of each question."""
    with gzip.open(real_data("routellm_mmlu") / "mmlu_outcomes.csv.gz", "rt", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    small, large = (np.array([row[m] == "True" for row in rows], dtype=float) for m in list(rows[0])[2:4])
    return small, large, np.array([row["subject"] for row in rows])


def gsm8k_systems(real_data) -> dict[str, np.ndarray]:
    """Scores of four fine-tuned systems on the same 1,319 problems."""
    path = real_data("openai_gsm8k_finetuned") / "example_model_solutions.jsonl"
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    names = [name for name in rows[0] if name not in ("question", "ground_truth")]
    return {name: np.array([row[name]["is_correct"] for row in rows], dtype=float) for name in names}


def repeats(real_data, mode: str) -> tuple[np.ndarray, list[str]]:
    """Scores of ten runs of 800 CRUXEval items, and the item of each."""
    with (real_data("cruxeval_repeats") / "repeats.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["mode"] == mode]
    scores = np.array([int(digit) for row in rows for digit in row["outcomes"]], dtype=float)
    return scores, [row["item"] for row in rows for _ in row["outcomes"]]


def setfit_curves(real_data) -> dict[tuple[str, str], dict[tuple[int, int], float]]:
    """(method, data set) → (shots a class, seed) → accuracy as a share, where six sizes were run."""
    found: dict[tuple[str, str], dict[tuple[int, int], float]] = defaultdict(dict)
    with (real_data("setfit_curves_a") / "curves.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["measure"] == "accuracy":
                run = int(row["shots_per_class"]), int(row["seed"])
                found[row["method"], row["dataset"]][run] = float(row["score"]) / 100
    return {key: runs for key, runs in found.items() if len({size for size, _ in runs}) == 6}
