"""How much personal data is found and masked, by patterns alone and with a spaCy model: recall and precision by kind.

::

    python -m bench.personal_data FOLDER            # with synth_dataset_v2.json of presidio-research (set A)
    python -m bench.personal_data FOLDER --write    # and record the table in docs/how-to/clean-training-data.md

A small named-entity model is trained from nothing on the sentences of half of the templates, and everything is measured
on the sentences of the other half: no template stands on both sides, and no pretrained weights take part. A model that
has read more finds more. A marked thing counts as found where some mask covers half of its characters or more; a mask
is right where it touches a marked thing of its kind.
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np

from breakeven.evidence.prompts.redaction import Found
from breakeven.evidence.training.names import NAMES, find_names
from breakeven.evidence.training.private import PERSONAL, find_private

KINDS: Final = {
    "PERSON": "PERSON", "STREET_ADDRESS": "ADDRESS", "GPE": "GPE", "ORGANIZATION": "ORG", "CREDIT_CARD": "CARD",
    "PHONE_NUMBER": "PHONE", "EMAIL_ADDRESS": "EMAIL", "IBAN_CODE": "IBAN", "US_SSN": "SSN", "IP_ADDRESS": "IP",
}  # fmt: skip
_PAGE: Final = Path(__file__).resolve().parents[1] / "docs" / "how-to" / "clean-training-data.md"
_BEGIN, _END = "<!-- names: begin -->", "<!-- names: end -->"


class Sentence(NamedTuple):
    text: str
    template: int
    spans: list[Found]


def read(folder: Path) -> list[Sentence]:
    rows = json.loads((folder / "synth_dataset_v2.json").read_text(encoding="utf-8"))
    return [Sentence(row["full_text"], int(row["template_id"]), _spans(row)) for row in rows]


def _spans(row: Mapping[str, Any]) -> list[Found]:
    return [
        Found(span["start_position"], span["end_position"], KINDS[span["entity_type"]])
        for span in row["spans"]
        if span["entity_type"] in KINDS
    ]


def halves(sentences: Sequence[Sentence], seed: int) -> tuple[list[Sentence], list[Sentence]]:
    """By template: the templates in random order, and cut in the middle."""
    templates = np.random.default_rng(seed).permutation(sorted({one.template for one in sentences}))
    known = set(templates[: len(templates) // 2].tolist())
    first = [one for one in sentences if one.template in known]
    return first, [one for one in sentences if one.template not in known]


def train(sentences: Sequence[Sentence], folder: Path, *, epochs: int, seed: int) -> None:
    """A blank English pipeline with a named-entity recogniser, trained on these sentences and written to a folder."""
    import spacy
    from spacy.training import Example
    from spacy.util import fix_random_seed  # type: ignore[attr-defined]

    fix_random_seed(seed)
    nlp = spacy.blank("en")
    nlp.add_pipe("ner")
    examples = []
    for one in sentences:
        doc = nlp.make_doc(one.text)
        spans = [doc.char_span(*span[:2], label=span.kind, alignment_mode="expand") for span in one.spans]
        kept = [span for span in spans if span is not None and span.label_ in NAMES]
        examples.append(
            Example.from_dict(doc, {"entities": [(s.start_char, s.end_char, s.label_) for s in kept]})
        )
    nlp.initialize(lambda: examples)
    rng = np.random.default_rng(seed)
    for _ in range(epochs):
        order = rng.permutation(len(examples)).tolist()
        for at in range(0, len(order), 32):
            nlp.update([examples[k] for k in order[at : at + 32]], drop=0.4)
    nlp.to_disk(folder)


def measure(
    truth: Sequence[Sentence], found: Sequence[Sequence[Found]]
) -> dict[str, tuple[int, int, int, int]]:
    """Kind → marked, of them found by any mask; masks, of them right."""
    counts: dict[str, Counter[str]] = {}
    for one, masks in zip(truth, found, strict=True):
        for span in one.spans:
            here = counts.setdefault(span.kind, Counter())
            here["marked"] += 1
            here["found"] += _covered(span, masks) >= 0.5
        for mask in masks:
            here = counts.setdefault(mask.kind, Counter())
            here["masks"] += 1
            here["right"] += any(_overlap(mask, span) and span.kind == mask.kind for span in one.spans)
    return {kind: (c["marked"], c["found"], c["masks"], c["right"]) for kind, c in counts.items()}


def _covered(span: Found, masks: Sequence[Found]) -> float:
    return sum(_overlap(span, mask) for mask in masks) / max(1, span.end - span.start)


def _overlap(a: Found, b: Found) -> int:
    return max(0, min(a.end, b.end) - max(a.start, b.start))


def rows(truth: Sequence[Sentence], model: str) -> list[tuple[str, ...]]:
    """The table: marked, found without and with the model, and how many masks of either are right."""
    texts = [one.text for one in truth]
    plain = [find_private(text, PERSONAL) for text in texts]
    named = [
        [*sure, *(n for n in names if not any(_overlap(n, one) for one in sure))]
        for sure, names in zip(plain, find_names(texts, model), strict=True)
    ]
    without, with_model = measure(truth, plain), measure(truth, named)
    made: list[tuple[str, ...]] = []
    for kind in dict.fromkeys(KINDS.values()):
        marked, found, masks, right = without.get(kind, (0, 0, 0, 0))
        _, found_more, masks_more, right_more = with_model.get(kind, (0, 0, 0, 0))
        made.append((kind, f"{marked:,}", _share(found, marked), _share(right, masks), _share(found_more, marked),
                     _share(right_more, masks_more)))  # fmt: skip
    return made


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.0%}" if whole else "–"


def table(made: Sequence[Sequence[str]]) -> str:
    head = ("kind", "marked", "found by patterns", "right of these", "found with the model", "right of these")
    lines = [head, ("---",) * len(head), *made]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    known, held = halves(read(given.folder), given.seed)
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        train(known, Path(folder), epochs=given.epochs, seed=given.seed)
        took = time.perf_counter() - start
        text = table(rows(held, folder))
    said = (
        f"{len(known):,} sentences of {len({s.template for s in known})} templates to train on ({took:.0f} s), "
        f"{len(held):,} of {len({s.template for s in held})} others to measure on; seed {given.seed}, "
        f"{given.epochs} epochs."
    )
    print(f"{said}\n\n{text}")
    if given.write:
        page = _PAGE.read_text(encoding="utf-8")
        section = f"{_BEGIN}\n{text}\n{_END}"
        _PAGE.write_text(
            re.sub(f"{_BEGIN}.*?{_END}", lambda _: section, page, flags=re.DOTALL), encoding="utf-8"
        )


if __name__ == "__main__":
    main()
