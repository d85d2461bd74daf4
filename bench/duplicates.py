"""Find near-duplicates among 100,000 texts: time, memory, recall and precision, against bare libraries.

::

    python -m bench.duplicates                     # 100,000 texts, 5% of them planted near-duplicates
    python -m bench.duplicates --texts 20_000 --repeat 1
    python -m bench.duplicates --write             # and record it in docs/benchmarks.md

Each run is a process of its own, and they take turns; texts are made before the clock starts. *Planted* texts are an
earlier text with some letters or a word changed. The truth is their Jaccard similarity on sets of pieces of four
letters, computed here with Python's own sets: a planted text at 0.8 or above is to be found (recall); of the pairs that
a run names, those at 0.8 or above are right (precision). Bare rensa is its deduplicator over the same pieces, and over
words, which is quicker and answers another question; datasketch runs on a tenth of the texts.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from typing import Any, NamedTuple

import numpy as np

from bench.record import machine, table, write_section
from bench.timing import peak_mb

SIMILARITY = 0.8
_PLACES = 128
_RUNS = {
    "bare rensa, pieces of 4 letters": ("rensa", 1),
    "ours": ("ours", 1),
    "bare rensa, words": ("rensa-words", 1),
    "datasketch, pieces of 4 letters, a tenth of the texts": ("datasketch", 10),
}


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
    runs: dict[str, Any] = {"ours": ours, "rensa": rensa, "datasketch": datasketch,
                            "rensa-words": lambda given: rensa(given, words=True)}  # fmt: skip
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


def _row(name: str, found: list[Run], first: list[Run]) -> list[str]:
    part = _RUNS[name][1]
    shown = f" × {part}" if part > 1 else ""
    times = [f"{statistics.median(run[k] for run in found):.1f} s{shown}" for k in (0, 1)]
    ratios = [
        f"{statistics.median(b[k] * part / a[k] for a, b in zip(first, found, strict=True)):.2f}"
        for k in (0, 1)
    ]
    last = found[-1]
    most = max(run.peak_mb for run in found)
    return [name, *times, *ratios, f"{last.recall:.3f}", f"{last.precision:.3f}", f"{most:,.0f} MB"]


def main() -> None:
    """Run each in turn, and print or record the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--texts", type=int, default=100_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--write", action="store_true", help="record the result in docs/benchmarks.md")
    parser.add_argument("--only", choices=sorted(what for what, _ in _RUNS.values()), help=argparse.SUPPRESS)
    words = parser.parse_args()
    if words.only:
        print(json.dumps(alone(words.only, words.texts)))
        return
    text = f"{machine()}. Medians of {words.repeat} runs that take turns."
    runs: dict[str, list[Run]] = {name: [] for name in _RUNS}
    for _ in range(words.repeat):
        for name, (what, part) in _RUNS.items():
            runs[name].append(_run(what, words.texts // part))
            print(name, runs[name][-1], flush=True)
    head = [f"{words.texts:,} texts, 5% planted", "Wall", "CPU", "Wall, ratio", "CPU, ratio", "Recall", "Precision",
            "Memory, at its peak"]  # fmt: skip
    rows = [_row(name, found, next(iter(runs.values()))) for name, found in runs.items()]
    text += "\n\n" + table(head, rows)
    print(text)
    if words.write:
        write_section("bench.duplicates", text)


if __name__ == "__main__":
    main()
