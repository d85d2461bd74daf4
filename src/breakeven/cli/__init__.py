"""The command line: each command parses its words, calls one function and prints what it gives.

Exit codes: 0 done, 1 our fault, 2 bad input, 3 not enough evidence (``decide --strict``).
"""

from __future__ import annotations

import sys

__all__ = ["main"]


def main() -> None:
    """Run the ``breakeven`` command."""
    from breakeven.cli.root import root
    from breakeven.errors import BreakevenError, NotEnoughEvidenceError

    try:
        root(prog_name="breakeven")
    except NotEnoughEvidenceError as error:
        _say(f"not enough evidence: {error}")
        sys.exit(3)
    except BreakevenError as error:
        _say(f"error: {error}")
        sys.exit(2)
    except BrokenPipeError:
        sys.stderr.close()  # the reader went away (`| head`): nothing is wrong
        sys.exit(0)


def _say(text: str) -> None:
    """Print to standard error, with what a terminal must not act on made visible."""
    from breakeven.report.text import clean

    lines = [line[: len(line) - len(line.lstrip(" "))] + clean(line.strip()) for line in text.splitlines()]
    sys.stderr.write("\n".join(lines) + "\n")
