"""Fine-tune, or keep improving the prompt? A decision for one LLM feature, with error bars.

This is the front door. The names in ``__all__`` are what a program needs; each is loaded when it is first
used, so that ``import breakeven`` takes no time. The rooms behind it, each importing only from those under it::

    cli                     parse, call one function, render
    report                  a decision as a page
    advice   claims         published rules, the decision, what would flip it; printed claims recomputed
    economics               cost lines, simulation, break-even, value of information
    study                   the study file: opened, checked, beliefs joined to their evidence
    evidence                what was measured: call logs, evals, scores
    providers               the seam to models
    prices                  the dated price book
    statistics              intervals, pairing, selection
    beliefs                 uncertain values and where they come from
    quantities              units at the door
    yaml_places             YAML read safely, with the place of everything in it
    errors                  one tree of exceptions
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from breakeven.lazy_names import lazy_names

if TYPE_CHECKING:
    from breakeven.advice.decision import Decision
    from breakeven.claims import AuditedClaim, audit
    from breakeven.economics.explain import explain
    from breakeven.economics.explanation import Explanation
    from breakeven.economics.lines import COST_LINES, CostLine
    from breakeven.errors import BreakevenError
    from breakeven.prices import PriceBook, load_book
    from breakeven.report.as_json import to_dict
    from breakeven.report.notebook import decide
    from breakeven.study import Study, open_study, parse_study

__all__ = [
    "COST_LINES",
    "AuditedClaim",
    "BreakevenError",
    "CostLine",
    "Decision",
    "Explanation",
    "PriceBook",
    "Study",
    "__version__",
    "audit",
    "decide",
    "explain",
    "load_book",
    "open_study",
    "parse_study",
    "to_dict",
]

__version__ = "0.1.0"

# Where each name lives. A new one also goes into `__all__` and, for type checkers, into the imports above;
# a test holds the three together.
_EXPORTS: dict[str, str] = {
    "COST_LINES": "breakeven.economics.lines",
    "AuditedClaim": "breakeven.claims",
    "BreakevenError": "breakeven.errors",
    "CostLine": "breakeven.economics.lines",
    "Decision": "breakeven.advice.decision",
    "Explanation": "breakeven.economics.explanation",
    "PriceBook": "breakeven.prices",
    "Study": "breakeven.study",
    "audit": "breakeven.claims",
    "decide": "breakeven.report.notebook",
    "explain": "breakeven.economics.explain",
    "load_book": "breakeven.prices",
    "open_study": "breakeven.study",
    "parse_study": "breakeven.study",
    "to_dict": "breakeven.report.as_json",
}

# Hidden from type checkers: they know the names from the imports above, and so still report a misspelt one.
if not TYPE_CHECKING:
    __getattr__ = lazy_names(__name__, _EXPORTS)

    def __dir__() -> list[str]:
        """Every exported name, loaded or not."""
        return sorted({*globals(), *__all__})
