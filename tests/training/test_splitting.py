"""Parts that give nothing away: in memory, by properties, and through the command."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from breakeven.cli.root import root
from breakeven.errors import InputError, NotEnoughEvidenceError
from breakeven.evidence.training.splitting import PARTS, remaining_leaks, row_id, split_rows
from tests.training.builders import row

SHARES = {"valid": 0.1, "test": 0.2}


def distinct(k: int, label: str | None = None, **fields: Any):
    return row(f"{(k + 7) ** 11:x}", number=k + 1, id=f"r{k}", label=label, **fields)


def test_labels_are_spread_as_the_whole_is() -> None:
    rows = [distinct(k, label="abc"[k % 3] if k < 90 else "rare") for k in range(100)]
    found = split_rows(rows, SHARES)
    for label, size in Counter(r.label for r in rows).items():
        for part, share in (("train", 0.7), ("valid", 0.1), ("test", 0.2)):
            got = sum(rows[k].label == label for k in found.rows(part))
            assert abs(got - share * size) <= 1.01
    assert Counter(found.parts) == {"train": 70, "valid": 10, "test": 20}


def test_near_texts_stated_clusters_and_ids_stay_together() -> None:
    rows = [distinct(k) for k in range(40)]
    rows += [
        row("where is my new card, please tell me now", id="a"),
        row("where is my new card, please tell me noww", id="b"),
    ]
    rows += [distinct(k, cluster="c7") for k in range(50, 55)]
    rows += [row("one thing", id="same"), row("another matter", id="same")]
    for seed in range(8):
        parts = split_rows(rows, SHARES, seed=seed).parts
        assert parts[40] == parts[41]
        assert len(set(parts[42:47])) == 1
        assert parts[47] == parts[48]
    alone = {split_rows(rows, SHARES, seed=seed, by="row").parts[40:42] for seed in range(12)}
    assert any(a != b for a, b in alone)


@given(
    sizes=st.lists(st.integers(1, 4), min_size=12, max_size=25), seed=st.integers(0, 5),
    random=st.randoms(use_true_random=False),
)  # fmt: skip
@settings(max_examples=30, deadline=None)
def test_it_is_a_partition_whatever_the_order(sizes, seed, random) -> None:
    rows = [
        distinct(10 * k + j, cluster=f"c{k}", label="xy"[k % 2])
        for k, size in enumerate(sizes)
        for j in range(size)
    ]
    found = split_rows(rows, SHARES, seed=seed)
    assert sorted(k for part in PARTS for k in found.rows(part)) == list(range(len(rows)))
    assert all(
        len({found.parts[k] for k, r in enumerate(rows) if r.cluster == f"c{c}"}) == 1
        for c in range(len(sizes))
    )
    order = list(range(len(rows)))
    random.shuffle(order)
    again = split_rows([rows[k] for k in order], SHARES, seed=seed)
    assert [again.parts[order.index(k)] for k in range(len(rows))] == list(found.parts)


def test_old_rows_stay_and_new_ones_follow_what_they_are_near() -> None:
    old = [distinct(k) for k in range(50)]
    first = split_rows(old, SHARES)
    frozen = {one: part for one, part in zip(first.ids, first.parts, strict=True) if part}
    new = [row(one.question, id=f"copy {k}") for k, one in enumerate(old[:20])] + [
        distinct(k) for k in range(60, 160)
    ]
    second = split_rows([*new, *old], SHARES, frozen=frozen)
    assert list(second.parts[120:]) == list(first.parts)
    assert list(second.parts[:20]) == list(first.parts[:20])
    assert second.n_frozen == 50
    counts = Counter(second.parts)
    assert abs(counts["test"] - 34) <= 4


def test_a_row_near_two_frozen_parts_is_left_out() -> None:
    a, b = (
        "where is my new card, please tell me now and quickly",
        "where is my new card, please tell me today or tomorrow",
    )
    between = "where is my new card, please tell me today and quickly"
    old = [row(a, id="a"), row(b, id="b"), *(distinct(k) for k in range(10))]
    frozen = {row_id(old[0]): "train", row_id(old[1]): "test", row_id(distinct(0)): "valid"}
    found = split_rows(
        [*old, row(between, id="new"), row(a + "!", id="copy")], SHARES, frozen=frozen, similarity=0.6
    )
    assert found.parts[:2] == ("train", "test")
    assert found.parts[12] is None
    assert found.rows(None) == [12]


def test_what_can_not_be_split_is_refused() -> None:
    with pytest.raises(InputError, match="nothing to train on"):
        split_rows([distinct(0)], {"valid": 0.5, "test": 0.5})
    with pytest.raises(NotEnoughEvidenceError, match="leave nothing for"):
        split_rows([row("the same", id=str(k)) for k in range(9)], SHARES)


# ------------------------------------------------------------------------------------------------ the command


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(root, ["data", "split", *map(str, words)], catch_exceptions=False)


def lines(n: int) -> list[str]:
    rows = [{"id": f"r{k}", "question": f"{(k + 7) ** 11:x} é", "answer": "ab"[k % 2]} for k in range(n)]
    return [json.dumps(one, ensure_ascii=bool(k % 2)) + " " * (k % 3) for k, one in enumerate(rows)]


def test_rows_are_written_as_they_stood(tmp_path: Path) -> None:
    source = tmp_path / "train.jsonl"
    source.write_bytes("\n".join([*lines(30), "{broken", *lines(60)[30:]]).encode())
    done = run(source, "-o", tmp_path / "out", "--json")
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    assert (said["rows"], said["rejected"], said["leaks"]) == (60, 1, {"equal": 0, "near": 0})
    written = [Path(path).read_bytes() for path in said["files"].values()]
    assert sorted(b"".join(written).splitlines()) == sorted(line.encode() for line in lines(60))
    stood = source.read_bytes().splitlines()
    for part in written:
        places = [stood.index(line) for line in part.splitlines()]
        assert places == sorted(places)
    with pytest.raises(InputError, match="is there already"):
        run(source, "-o", tmp_path / "out")


def test_records_of_a_table_that_run_over_lines(tmp_path: Path) -> None:
    source = tmp_path / "train.csv"
    records = [f'"{(k + 7) ** 11:x},\r\nsaid ""he"" {k}",lab{k % 2}\r\n' for k in range(40)]
    source.write_bytes(("question,label\r\n" + "".join(records)).encode())
    assert run(source, "-o", tmp_path / "out").exit_code == 0
    written = [path.read_bytes().decode() for path in sorted((tmp_path / "out").iterdir())]
    assert all(text.startswith("question,label\r\n") for text in written)
    assert sum(map(len, written)) == len("question,label\r\n") * 3 + sum(map(len, records))
    assert sorted(
        r["question"] for text in written for r in csv.DictReader(text.splitlines(keepends=True))
    ) == sorted(
        r["question"]
        for r in csv.DictReader(["question,label\r\n", *"".join(records).splitlines(keepends=True)])
    )


def test_frozen_parts_survive_more_rows(tmp_path: Path) -> None:
    source, freeze = tmp_path / "train.jsonl", tmp_path / "split.json"
    source.write_text("\n".join(lines(50)), "utf-8")
    assert run(source, "-o", tmp_path / "one", "--freeze", freeze).exit_code == 0
    source.write_text("\n".join(reversed(lines(90))), "utf-8")
    done = run(source, "-o", tmp_path / "two", "--freeze", freeze)
    assert done.exit_code == 0
    assert "50 rows stay where they were" in done.output
    for part in PARTS:
        before = set((tmp_path / "one" / f"{part}.jsonl").read_text("utf-8").splitlines())
        assert before <= set((tmp_path / "two" / f"{part}.jsonl").read_text("utf-8").splitlines())
    assert len(json.loads(freeze.read_text("utf-8"))["parts"]) == 90
    wrong = CliRunner().invoke(
        root,
        ["data", "split", str(source), "-o", str(tmp_path / "x"), "--freeze", str(freeze), "--seed", "3"],
    )
    assert wrong.exit_code != 0
    assert not (tmp_path / "x").exists()
    freeze.write_text("{}", "utf-8")
    with pytest.raises(InputError, match="no freeze file"):
        run(source, "-o", tmp_path / "x", "--freeze", freeze)


def test_banking77_leaves_no_leak(real_data) -> None:
    with (real_data("banking77") / "train.csv").open(encoding="utf-8") as file:
        found = [
            row(r["text"], number=k + 2, label=r["category"]) for k, r in enumerate(csv.DictReader(file))
        ][:3_000]
    split = split_rows(found, SHARES)
    left = remaining_leaks(found, split)
    assert (left.equal, left.near) == (0, 0)
    assert remaining_leaks(found, split_rows(found, SHARES, by="row")).near > 10
    assert abs(len(split.rows("test")) / len(found) - 0.2) < 0.005
