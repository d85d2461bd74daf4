"""The study: one decision, opened from its file, checked, and joined to its prices and evidence.

``open_study`` gives a frozen ``Study`` in which every input is a belief with its source. In this room::

    model            what comes out: the study as the money model sees it
    given, fields    what may stand in a field, and how it is read
    file             the models of the file; candidate_file those of its candidates
    problems         everything that is wrong, with its place, in our words
    scored           the scores behind measured qualities, as pages show them
    learning_curves  the runs that a candidate's learning curve goes through
    references       candidates that name candidates
    defaults         what is believed where the file says nothing (``defaults.yaml``)
    resolve          file → study: workload, profile, candidates, operations, model_prices, training, hosting,
                     retirement, quality, measured, not_counted, tasks; context and folder are what they share
    opening          a folder, a file or a text → study
    schema           the file's JSON Schema, for editors
    starting         a new study from a template or from answers

Names are loaded when they are first used: the model alone needs no YAML reader.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from breakeven.lazy_names import lazy_names

if TYPE_CHECKING:
    from breakeven.study.model import Study
    from breakeven.study.opening import FILE_NAME, open_study, parse_study
    from breakeven.study.schema import json_schema

__all__ = ["FILE_NAME", "Study", "json_schema", "open_study", "parse_study"]

_EXPORTS = {
    "FILE_NAME": "breakeven.study.opening",
    "Study": "breakeven.study.model",
    "json_schema": "breakeven.study.schema",
    "open_study": "breakeven.study.opening",
    "parse_study": "breakeven.study.opening",
}

if not TYPE_CHECKING:
    __getattr__ = lazy_names(__name__, _EXPORTS)
