"""The benchmark of near-duplicates: the encoder it gives semhash, and the rows it keeps of tools that did not run."""

from __future__ import annotations

import numpy as np
import pytest

from bench import duplicates
from bench.duplicates import HashedPieces, Tool, make_texts, pieces, recorded

PAGE = """\
<!-- bench.duplicates -->
| head | Wall | Measured |
| --- | --: | --: |
| ours | 20.0 s | 2026-11-01 |
| old | 3.0 s |
<!-- /bench.duplicates -->
| ours | of another section | 2026-11-02 |
"""


def test_a_row_that_did_not_run_stays_as_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    assert recorded(Tool("ours", 1), 3, PAGE) == ["ours", "20.0 s", "2026-11-01"]
    assert recorded(Tool("old", 1), 3, PAGE) == ["old", "3.0 s", "earlier"]
    assert recorded(Tool("new", 1), 3, PAGE) == ["new", "not run", ""]
    assert recorded(Tool("new", 1, ("no_such_module",), "pip install it"), 3, PAGE) == [
        "new",
        "not installed",
        "",
    ]
    monkeypatch.setattr(duplicates, "_installed", lambda tool: tool.name.startswith("bare"))
    assert set(duplicates._wanted(None)) == {"rensa", "rensa-words"}


def test_hashed_pieces_have_the_cosine_of_their_sets() -> None:
    """|A ∩ B| ÷ √(|A| |B|), up to collisions at 1,024 places."""
    texts = make_texts(200, seed=3)[0]
    rows = HashedPieces().encode(texts)
    assert rows.dtype == np.float32
    for a, b in ((0, 0), (0, 1), (190, 20), (195, 5)):
        mine, theirs = pieces(texts[a]), pieces(texts[b])
        expected = len(mine & theirs) / np.sqrt(len(mine) * len(theirs))
        assert float(rows[a] @ rows[b]) == pytest.approx(expected, abs=0.12)
