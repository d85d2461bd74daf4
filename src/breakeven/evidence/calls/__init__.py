"""Calls: logs of any format, brought to one table with one row a call.

``format``    what a log format is: where each field of a call stands in a record
``formats``   one file a format, and the table of them
``files``     files, globs, folders, standard input; compression and container told by content
``lines``     the records of a file one by one, with their line numbers, whatever is wrong with them
``detect``    which format a file has, told by its keys
``mapping``   a format from ``--map field=column``, or guessed from column names
``relation``  a raw record to a call, as Ibis expressions; every reason for which a row is refused
``engine``    DuckDB running Ibis expressions in bounded memory
``spans``     only the spans that called a model themselves
``read``      all of it: paths in, a table of calls out
"""

from __future__ import annotations

from breakeven.evidence.calls.format import At, LogFormat

__all__ = ["At", "LogFormat"]
