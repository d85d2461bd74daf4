"""Where expressions run: on this machine, on Spark, or in a database, chosen by name and by the logs' addresses.

``base``         what an engine must be able to do
``duckdb_files``  files read by DuckDB, the engine of ``calls.engine``
``spark``, ``spark_files``  a Spark session, and files read by it
``database``     a table of any database that Ibis connects to
``dialects``     what a dialect lacks, said in terms that it has
``secrets``      addresses as they may be shown
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from breakeven.errors import EvidenceError, Problem

if TYPE_CHECKING:
    from breakeven.evidence.calls.engines.base import CallEngine

__all__ = ["open_engine"]


def open_engine(paths: Sequence[str], name: str | None = None) -> CallEngine:
    """The engine of this name, or the one that the logs' addresses ask for: ``duckdb``, ``spark``, ``spark://HOST:PORT``.

    Raises EvidenceError where name and addresses do not go together.
    """
    from breakeven.evidence.calls.engines.database import DatabaseEngine, is_database

    kind, _, rest = (name or "").partition(":")
    found = [path for path in paths if is_database(path)]
    if found:
        if name is not None:
            raise EvidenceError("a database runs its own queries: leave out --engine")
        return DatabaseEngine(found[0])
    if kind == "spark" or kind.startswith(("local[", "yarn", "k8s")):
        from breakeven.evidence.calls.engines.spark import SparkEngine

        return SparkEngine(master=name if rest or kind != "spark" else None)
    if name not in (None, "duckdb"):
        hint = "duckdb, spark, or a Spark master: spark://HOST:PORT, local[4], yarn"
        raise EvidenceError(Problem(message=f"no engine is called {name!r}", hint=hint))
    far = next((path for path in paths if "://" in path), None)
    if far is not None:
        from breakeven.evidence.calls.engines.secrets import masked

        hint = "--engine spark reads what Spark can reach; a database is named as postgres://USER@HOST/DB?table=TABLE"
        raise EvidenceError(Problem(message=f"{masked(far)}: not a file on this machine", hint=hint))
    from breakeven.evidence.calls.engine import Engine

    return Engine()
