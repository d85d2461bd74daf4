"""``breakeven data split``: rows to train on, to choose by and to test on, apart by cluster and by text."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from breakeven.cli.common import print_told, share_of
from breakeven.cli.data_to import check_to, not_written, to_options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from breakeven.evidence.training.row import Rejected, TrainingData
    from breakeven.evidence.training.splitting import Remaining, Split
    from breakeven.evidence.training.verbatim import Verbatim

__all__ = ["split"]


def _share(ctx: click.Context, option: click.Parameter, value: str) -> float:
    share = share_of(value, like="20% or 0.2")
    if not 0 <= share < 1:
        raise click.BadParameter(f"{value!r}: a share from 0% to below 100% is wanted")
    return share


@click.command()
@click.argument("train", nargs=-1, required=True, metavar="TRAIN…")
@click.option("--valid", callback=_share, default="10%", show_default=True, metavar="SHARE",
              help="To choose settings by; 0% for none.")  # fmt: skip
@click.option("--test", callback=_share, default="20%", show_default=True, metavar="SHARE",
              help="To score the finished model on.")  # fmt: skip
@click.option("--by", type=click.Choice(["cluster", "row"]), default="cluster", show_default=True,
              help="What stays together: near-duplicates and stated clusters, or each row alone.")  # fmt: skip
@click.option("--freeze", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="Keep each row's part here; with more rows later, old ones stay where they are.")  # fmt: skip
@click.option(
    "--map",
    "columns",
    multiple=True,
    metavar="FIELD=COLUMN",
    help="Where question, answer, id … stand. Repeatable.",
)
@to_options
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Seed of the split.")
@click.option("-o", "--output", type=click.Path(path_type=Path, file_okay=False), required=True, metavar="DIR",
              help="Where train, valid and test go.")  # fmt: skip
@click.option("--force", is_flag=True, help="Replace files that are there.")
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON.")
def split(
    train: tuple[str, ...], columns: tuple[str, ...], output: Path, force: bool, as_json: bool, **wanted: Any
) -> None:
    """Split training data so that no part gives away another.

    Texts that equal or nearly equal each other, and rows that state the same cluster or id, stay in one part; labels
    are spread evenly over the parts as far as that allows. Rows are written as they stood, byte for byte, in their
    order; with --to as chat messages, or in another format that hosts take. Afterwards the parts are searched for
    leakage.

    \b
    Examples:
      breakeven data split train.jsonl -o split/
      breakeven data split train.jsonl --valid 0% --test 20% -o split/ --force
      breakeven data split tickets.csv --map label=queue --to chat -o split/
      breakeven data split train.csv more.csv --freeze split.json -o split/ --force
    """
    from breakeven.evidence.training.reading import parse_columns, read_training
    from breakeven.evidence.training.splitting import remaining_leaks

    to = check_to(wanted)
    data = read_training(train, mapping=parse_columns(columns))
    rows = _texts(data, to, system=wanted.pop("system"), keep=wanted.pop("keep"))
    found, files = _split(
        data, rows[0], output, force=force, **{k: v for k, v in wanted.items() if k != "to"}
    )
    left = remaining_leaks(data.rows, found)
    if as_json:
        from breakeven.cli.common import print_json

        print_json({**_as_json(data, found, files, left), "to": to, "not_written": len(rows[1])})
    else:
        _print(data, found, files, left, wanted)
        if to is not None:
            not_written(rows[1], to)


def _texts(
    data: TrainingData, to: str | None, *, system: str | None, keep: tuple[str, ...]
) -> tuple[Verbatim, Sequence[Rejected]]:  # fmt: skip
    """Every row as it stood, or in the format that is asked for; and the rows that this has no words for."""
    from breakeven.evidence.training.converting import convert_rows
    from breakeven.evidence.training.verbatim import Verbatim, verbatim

    if to is None:
        return verbatim(data), ()
    found = convert_rows(data.rows, to, system=system, keep=keep)
    return Verbatim(rows=found.texts, head="", suffix=".jsonl", as_read=False), found.refused


def _split(
    data: TrainingData,
    rows: Verbatim,
    output: Path,
    *,
    force: bool,
    valid: float,
    test: float,
    by: Any,
    freeze: Path | None,
    seed: int,
) -> tuple[Split, dict[str, Path]]:
    from breakeven.evidence.training.frozen import Frozen, read_frozen, write_frozen
    from breakeven.evidence.training.splitting import PARTS, split_rows
    from breakeven.evidence.training.verbatim import write_rows

    before = read_frozen(freeze, seed=seed, by=by) if freeze else None
    known = before.parts if before else {}
    found = split_rows(data.rows, {"valid": valid, "test": test}, seed=seed, by=by, frozen=known)
    names = [part for part in PARTS if found.rows(part)] + (["left-out"] if found.rows(None) else [])
    files = {part: output / f"{part}{rows.suffix}" for part in names}
    _free(list(files.values()), data.paths, force=force)
    output.mkdir(parents=True, exist_ok=True)
    if freeze:  # first: what is written after a kill follows from it
        now = {one: part for one, part in zip(found.ids, found.parts, strict=True) if part}
        write_frozen(freeze, Frozen(parts={**known, **now}, seed=seed, by=by))
    for part, path in files.items():
        write_rows(path, rows, found.rows(None if part == "left-out" else part))
    return found, files


def _free(paths: list[Path], sources: tuple[str, ...], *, force: bool) -> None:
    from breakeven.errors import InputError, Place, Problem

    own = {Path(name).resolve() for name in sources}
    same = [path for path in paths if path.resolve() in own]
    if same:
        raise InputError(
            Problem(message="is being read; -o names another folder", place=Place(file=str(same[0])))
        )
    there = [path for path in paths if path.exists()]
    if there and not force:
        raise InputError(
            *(Problem(message="is there already", place=Place(file=str(path))) for path in there),
            Problem(message="nothing was written", hint="--force replaces it; -o DIR writes elsewhere"),
        )


def _as_json(data: TrainingData, found: Split, files: dict[str, Path], left: Remaining) -> dict[str, Any]:
    from breakeven.evidence.training.splitting import PARTS

    clusters, together = found.n_kept_together
    sizes = {part: len(found.rows(part)) for part in PARTS}
    return {
        "rows": len(data.rows), "rejected": len(data.rejected),
        "parts": {part: {"rows": n, "share": n / len(data.rows)} for part, n in sizes.items()},
        "left_out": len(found.rows(None)), "clusters": clusters, "rows_in_clusters": together, "frozen": found.n_frozen,
        "leaks": {"equal": left.equal, "near": left.near if left.looked_near else None},
        "files": {part: str(path) for part, path in files.items()},
    }  # fmt: skip


def _print(
    data: TrainingData, found: Split, files: dict[str, Path], left: Remaining, wanted: dict[str, Any]
) -> None:
    from breakeven.evidence.training.splitting import PARTS

    n = len(data.rows)
    asked = {"train": 1 - wanted["valid"] - wanted["test"], "valid": wanted["valid"], "test": wanted["test"]}
    told = [("SPLIT", f"{n:,} rows in {len([p for p in PARTS if p in files])} parts")]
    for part in (part for part in PARTS if part in files):
        rows = len(found.rows(part))
        size = f"{rows:,}".rjust(len(f"{n:,}"))
        told.append(
            (part.capitalize(), f"{size} rows, {rows / n:.1%} ({asked[part]:.0%} asked): {files[part]}")
        )
    told.append(("Together", _together(found, wanted["by"])))
    if wanted["freeze"]:
        told.append(
            ("Frozen", f"{found.n_frozen:,} rows stay where they were; {wanted['freeze']} holds all parts")
        )
    if found.rows(None):
        told.append(
            ("Left out", f"{len(found.rows(None)):,} rows near two frozen parts: {files['left-out']}")
        )
    if data.rejected:
        bad = data.rejected[0]
        told.append(("Not used", f"{len(data.rejected):,} rows; the first: {bad.place}: {bad.reason}"))
    told.append(("Leakage", _leakage(left, wanted["by"])))
    print_told(told)


def _together(found: Split, by: str) -> str:
    clusters, together = found.n_kept_together
    if by == "row":
        return "each row stands alone, but for rows of one id"
    said = (
        f"{clusters:,} clusters with {together:,} rows stay together"
        if clusters
        else "no two rows belong together"
    )
    return (
        said if found.all_pairs else f"{said}; by MinHash alone: too many rows to compare each pair by cosine"
    )


def _leakage(left: Remaining, by: str) -> str:
    if not left.any:
        near = (
            ", and none is near one (cosine ≥ 0.9)" if left.looked_near else "; too many to compare by cosine"
        )
        return f"no row held out equals one of another part{near}"
    said = (
        f"{left.equal:,} rows held out equal one of another part, {left.near:,} are near one (cosine ≥ 0.9)"
    )
    return said + ("; --by cluster keeps them together" if by == "row" else "")
