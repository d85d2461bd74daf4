"""Code: an answer's program passes its tests, in a sandbox that the user names. It is never run without one."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shlex
import shutil
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, Any, ClassVar, Final

from breakeven.errors import EvidenceError, Problem
from breakeven.evidence.evals.case import Case
from breakeven.evidence.evals.prompting import as_text
from breakeven.evidence.evals.scorers.options import Options, bad_option
from breakeven.evidence.evals.scorers.reading import shortened
from breakeven.evidence.evals.scorers.scorer import FindFile, Scored

__all__ = ["CodeRun", "code"]

_FENCED: Final = re.compile(r"```[\w+-]*[ \t]*\n(?P<body>.*?)```", re.DOTALL)
_MOST_BYTES: Final = 64 * 1024
"""Of what a program prints. It is ended when it prints more."""
_NO_SANDBOX: Final = (125, 126, 127)
"""What Docker, and a shell, end with where the program did not start at all: that says nothing of the answer."""
_KEPT: Final = ("PATH", "HOME", "DOCKER_HOST", "XDG_RUNTIME_DIR", "TMPDIR")
"""What a sandbox's command sees of the environment: no keys."""
_HINT: Final = "sandbox: docker run --rm -i --network none --memory 512m python:3.12 timeout 10 python -"


@dataclass(frozen=True, kw_only=True)
class CodeRun:
    """1 where the program, followed by the case's tests, ends with exit code 0 in the sandbox.

    Each program is run once: what came of it is kept, so that threads may run it ahead of whoever asks.
    """

    outside: ClassVar[bool] = True
    """It waits for a program: nobody should wait for it."""
    command: tuple[str, ...]
    tests: str
    """The variable of a case that holds its tests."""
    timeout_s: float
    _kept: dict[str, Scored] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def title(self) -> str:
        """What the score is."""
        return f"passes its tests in {self.command[0]}"

    def score(self, case: Case, output: str) -> Scored:
        """1 or 0; raises EvidenceError where the sandbox itself does not start."""
        tests = case.variables.get(self.tests)
        if tests is None:
            message = (
                f"case {case.id!r}: `code` runs the tests in the variable {self.tests!r}, which it lacks"
            )
            raise EvidenceError(Problem(message=message, hint="tests: 'assert add(1, 2) == 3'"))
        blocks = [match["body"] for match in _FENCED.finditer(output)]
        program = "\n".join(blocks) if blocks else output
        if not program.strip():
            return Scored(score=0.0, format_failure=True, note="no code")
        whole = f"{program}\n\n{as_text(tests)}\n"
        key = hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()
        if key not in self._kept:
            self._kept[key] = self._run(whole)
        return self._kept[key]

    def _run(self, program: str) -> Scored:
        try:
            process = subprocess.Popen(
                self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                start_new_session=True, env={name: os.environ[name] for name in _KEPT if name in os.environ},
            )  # fmt: skip
        except OSError as exc:
            raise _broken(self.command, str(exc.strerror)) from exc
        printed, ended = _watched(process, program.encode("utf-8", "replace"), self.timeout_s)
        if ended is not None:
            return Scored(score=0.0, note=ended)
        if process.returncode in _NO_SANDBOX:
            raise _broken(self.command, f"it ended with {process.returncode}: {shortened(printed)}")
        passed = process.returncode == 0
        last = printed.strip().rpartition("\n")[2]
        return Scored(score=float(passed), note=None if passed else shortened(last) or "failed")


def _watched(process: subprocess.Popen[bytes], program: bytes, timeout_s: float) -> tuple[str, str | None]:
    """What a process printed, and why it was ended, where it was."""
    assert process.stdin is not None
    assert process.stdout is not None
    late = threading.Event()

    def end() -> None:
        late.set()
        _end(process)

    timer = threading.Timer(timeout_s, end)
    feeder = threading.Thread(target=_feed, args=(process.stdin, program), daemon=True)
    timer.start()
    feeder.start()
    try:
        printed = process.stdout.read(_MOST_BYTES + 1)
        too_much = len(printed) > _MOST_BYTES
        if too_much:
            _end(process)
        process.wait()
    finally:
        timer.cancel()
        _end(process)
        feeder.join(1)
        process.stdout.close()
    text = printed[:_MOST_BYTES].decode("utf-8", "replace")
    if late.is_set():
        return text, f"not done within {timeout_s:g} s"
    return text, f"printed more than {_MOST_BYTES // 1024} KB" if too_much else None


def _feed(pipe: IO[bytes], program: bytes) -> None:
    with contextlib.suppress(OSError):  # it may end without reading all of it
        pipe.write(program)
        pipe.close()


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process and all that it started."""
    with contextlib.suppress(OSError):
        if os.name == "nt":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)


def _broken(command: Sequence[str], why: str) -> EvidenceError:
    return EvidenceError(Problem(message=f"the sandbox does not run: {shlex.join(command)[:80]}: {why}"))


def code(options: Mapping[str, Any], find: FindFile) -> CodeRun:
    """``code``: only with ``sandbox``, a command that reads a program from its standard input and runs it apart."""
    read = Options("code", options, ("sandbox", "tests", "timeout"))
    sandbox = read.text("sandbox")
    if sandbox is None:
        message = "is missing: answers are programs by a model, and are never run on this machine as it is"
        raise bad_option("code.sandbox", message, _HINT)
    try:
        command = tuple(shlex.split(sandbox))
    except ValueError as exc:
        raise bad_option("code.sandbox", f"{sandbox!r} is no command: {exc}", _HINT) from exc
    if not command or shutil.which(command[0]) is None:
        raise bad_option("code.sandbox", f"{sandbox[:80]!r}: there is no such program", _HINT)
    timeout = read.amount("timeout", default=30.0)
    if timeout == 0:
        raise bad_option("code.timeout", "seconds, more than 0")
    return CodeRun(command=command, tests=read.text("tests") or "tests", timeout_s=timeout)
