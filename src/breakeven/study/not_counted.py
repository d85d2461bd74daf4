"""Cost lines that stay out of a candidate's bill because the study says nothing about them, by name."""

from __future__ import annotations

from collections.abc import Iterator

from breakeven.study.model import Candidate, Workload

__all__ = ["not_counted"]


def not_counted(workload: Workload, candidate: Candidate) -> tuple[str, ...]:
    """The lines left out for one candidate; a ``wait`` leaves out what its phases leave out."""
    return () if candidate.kind == "wait" else tuple(_missing(workload, candidate))


def _missing(workload: Workload, c: Candidate) -> Iterator[str]:
    trained = c.training is not None
    on_gpus = c.hosting is not None and c.hosting.gpus is not None
    by_token = c.prices is not None and c.per_call is None
    late = workload.delay_benefit is not None and c.build_months is not None
    slow = workload.latency_cost is not None and c.latency is not None
    lines = {
        "retrieval and tools": c.retrieval_queries is None,  # line 8
        "inline guard": c.guard_share is None,  # 9
        "synthetic data": trained and c.training is not None and c.training.synthetic_examples is None,  # 14
        "cold starts": on_gpus and c.hosting is not None and c.hosting.cold_starts is None,  # 20
        "storage and logs": c.storage_gb is None and c.log_cost is None,  # 21
        "wrong answers": workload.error_cost is None,  # 24
        "human review": c.review_share is None,  # 25
        "incidents": c.incidents is None,  # 26
        "compliance": c.compliance_once is None and c.compliance_monthly is None,  # 27
        "latency and delay": not (late or slow),  # 28
        "commitments": by_token and c.commitment is None,  # 29
    }
    return (line for line, missing in lines.items() if missing)
