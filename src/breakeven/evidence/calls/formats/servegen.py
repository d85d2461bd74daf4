"""ServeGen's request rates: calls a second in windows of ten minutes, of each client or of all together."""

from __future__ import annotations

from breakeven.evidence.calls.format import LogFormat

__all__ = ["SERVEGEN", "SERVEGEN_TOTAL"]

SERVEGEN = LogFormat(
    name="servegen",
    title="ServeGen request rates by client",
    kind="windows",
    marks=(("client", "t_start_s", "req_per_s"),),
    fields={"time": ("t_start_s",), "rate_per_s": ("req_per_s",), "feature": ("client",)},
    needs=("rate_per_s",),
    clock="relative",
    time_scale=1.0,
    note="Windows of counts, not calls: volume and rhythm only, no tokens.",
)

SERVEGEN_TOTAL = LogFormat(
    name="servegen-total",
    title="ServeGen request rates in all",
    kind="windows",
    marks=(("t_start_s", "req_per_s"),),
    fields={"time": ("t_start_s",), "rate_per_s": ("req_per_s",)},
    needs=("rate_per_s",),
    clock="relative",
    time_scale=1.0,
    note="The sum over clients: passed over where the rates by client are read as well.",
)
