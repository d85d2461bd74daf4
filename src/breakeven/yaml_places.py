"""YAML read safely, with the place of every key and value: what a human wrote, and where.

Only plain data comes out: mappings with text keys, lists, text, numbers, true and false. Tags, anchors and aliases are
refused, so nothing is constructed and nothing grows; every failure is one StudyError with its line and column.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NoReturn, TypeAlias

from breakeven.errors import Place, Problem, StudyError

if TYPE_CHECKING:
    from ruamel.yaml.events import Event, ScalarEvent

__all__ = ["MAX_BYTES", "Data", "Path", "PlacedYaml", "dotted", "load"]

MAX_BYTES: Final = 1_000_000
"""The largest study file that is read."""
MAX_DEPTH: Final = 20
"""The deepest nesting: a study needs five levels."""
MAX_VALUES: Final = 100_000
"""The most values; only lists of draws are long."""

Path: TypeAlias = tuple[str | int, ...]
"""Keys and list positions from the root: ``("candidates", "tuned", "runs")``."""
Data: TypeAlias = "dict[str, Data] | list[Data] | str | int | float | bool | None"
"""Plain data."""


def dotted(path: Path) -> str:
    """A path as people write it: ``candidates.tuned.runs``, ``evidence.draws[2]``."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


@dataclass(frozen=True, kw_only=True)
class PlacedYaml:
    """A file's data and the place of everything in it."""

    file: str
    data: dict[str, Data]
    values: Mapping[Path, Place] = field(repr=False)
    """Where each value starts."""
    keys: Mapping[Path, Place] = field(repr=False)
    """Where each key starts."""

    def place(self, path: Path) -> Place:
        """Where the value at ``path`` stands; for a missing one, the nearest key around it."""
        if path in self.values:
            return self.values[path]
        return self.key_place(path[:-1]) if path else Place(file=self.file, line=1, column=1)

    def key_place(self, path: Path) -> Place:
        """Where the key at ``path`` stands; for a missing one, the nearest key around it."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.keys:
                return self.keys[path[:length]]
            if path[:length] in self.values:  # an item of a list has no key
                return self.values[path[:length]]
        return Place(file=self.file, line=1, column=1)

    def get(self, path: Path) -> Data:
        """The value at ``path``; None where there is none."""
        here: Data = self.data
        for part in path:
            if isinstance(here, dict) and isinstance(part, str):
                here = here.get(part)
            elif isinstance(here, list) and isinstance(part, int) and 0 <= part < len(here):
                here = here[part]
            else:
                return None
        return here


def load(text: str | bytes, file: str) -> PlacedYaml:
    """The data of one YAML 1.2 file, each key and value with its place.

    Raises StudyError where the text is not UTF-8, not YAML, not a mapping, repeats a key, or is out of bounds.
    """
    text = _decoded(text, file)
    _check_characters(text, file)
    events = _events(text, file)
    builder = _Builder(file)
    data = builder.document(events)
    return PlacedYaml(file=file, data=data, values=builder.values, keys=builder.keys)


def _fail(place: Place, message: str, hint: str | None = None) -> NoReturn:
    raise StudyError(Problem(message=message, place=place, hint=hint))


def _decoded(text: str | bytes, file: str) -> str:
    size = len(text)
    if size > MAX_BYTES:
        _fail(Place(file=file), f"the file has {size:,} bytes; a study has at most {MAX_BYTES:,}")
    if isinstance(text, str):
        return text.removeprefix("\ufeff")
    try:
        return text.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        line = text.count(b"\n", 0, exc.start) + 1
        column = exc.start - (text.rfind(b"\n", 0, exc.start) + 1) + 1
        place = Place(file=file, line=line, column=column)
        problem = Problem(
            message=f"byte {text[exc.start]:#04x} is not UTF-8 text",
            place=place,
            hint="save the file as UTF-8",
        )
        raise StudyError(problem) from exc


# What YAML 1.2 lets stand in a file; all else is invisible or half a character.
_NOT_PRINTABLE: Final = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _check_characters(text: str, file: str) -> None:
    match = _NOT_PRINTABLE.search(text)
    if match is None:
        return
    before = text[: match.start()]
    place = Place(file=file, line=before.count("\n") + 1, column=match.start() - (before.rfind("\n") + 1) + 1)
    _fail(place, f"the character U+{ord(match[0]):04X} can not stand in a study", "remove it")


def _check_escapes(value: str, place: Place) -> None:
    r"""What an escape such as ``"\e"`` or ``"\ud800"`` brings in is refused, too."""
    match = _NOT_PRINTABLE.search(value)
    if match is not None:
        _fail(place, f"the character U+{ord(match[0]):04X} can not stand in a study", "remove its escape")


def _events(text: str, file: str) -> Iterator[Event]:
    """The parser's events; its errors in our words."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError, YAMLStreamError

    try:
        yield from YAML(typ="safe", pure=True).parse(text)
    except MarkedYAMLError as exc:
        mark = exc.problem_mark or exc.context_mark
        place = (
            Place(file=file, line=mark.line + 1, column=mark.column + 1) if mark else Place(file=file, line=1)
        )
        problem = Problem(message=_in_our_words(exc), place=place, hint=_syntax_hint(exc, text))
        raise StudyError(problem) from exc
    except (
        YAMLError,
        YAMLStreamError,
        ValueError,
        OverflowError,
        IndexError,
        AttributeError,
        TypeError,
    ) as exc:
        # The last five: slips of the parser on malformed escapes and directives.
        problem = Problem(message="this is not YAML", place=Place(file=file, line=1), hint=_QUOTE)
        raise StudyError(problem) from exc


_QUOTE: Final = "text with any of : # { } [ ] , & * ! | > ' \" % @ in it stands in quotes"


def _in_our_words(exc: object) -> str:
    parts = [getattr(exc, "context", None), getattr(exc, "problem", None)]
    said = ": ".join(str(part) for part in parts if part)
    return f"this is not YAML: {said.splitlines()[0]}" if said else "this is not YAML"


def _syntax_hint(exc: object, text: str) -> str:
    said = str(getattr(exc, "problem", ""))
    if "\\t" in said or "\t" in said:
        return "indent with spaces; YAML takes no tabs"
    if "mapping values are not allowed" in said:
        return "a value with a colon in it stands in quotes; keys of one level start in one column"
    if "expected <block end>" in said or "block collection" in said:
        return "keys of one level start in one column"
    if "flow" in str(getattr(exc, "context", "")) or "flow" in said:
        return "every { and [ needs its } or ], with commas between"
    if "found character" in said and any(mark in said for mark in "%@`"):
        return "put the value in quotes"
    return _QUOTE


class _Builder:
    """Data from events; a nesting deeper than ``MAX_DEPTH`` ends it before Python's stack does."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.values: dict[Path, Place] = {}
        self.keys: dict[Path, Place] = {}
        self._count = 0

    def document(self, events: Iterator[Event]) -> dict[str, Data]:
        """The one document of a file."""
        from ruamel.yaml import events as ev

        data: Data = None
        documents = 0
        for event in events:
            if isinstance(event, ev.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    _fail(
                        self._at(event),
                        "a second document starts here",
                        "a study is one document: remove the ---",
                    )
            elif not isinstance(event, ev.StreamStartEvent | ev.StreamEndEvent | ev.DocumentEndEvent):
                data = self._value(event, events, ())
        if documents == 0 or data is None:
            _fail(
                Place(file=self.file, line=1),
                "the file is empty",
                "`breakeven new` writes a study to start from",
            )
        if not isinstance(data, dict):
            found = "a list" if isinstance(data, list) else "one value"
            hint = "a study starts with keys such as `name:`, `workload:`, `today:`, `candidates:`"
            _fail(self.values[()], f"the file holds {found}, not a mapping", hint)
        return data

    def _at(self, event: Event) -> Place:
        mark = event.start_mark
        return Place(file=self.file, line=mark.line + 1, column=mark.column + 1)

    def _value(self, event: Event, events: Iterator[Event], path: Path) -> Data:
        from ruamel.yaml import events as ev

        place = self._at(event)
        self._count += 1
        if self._count > MAX_VALUES:
            _fail(place, f"more than {MAX_VALUES:,} values")
        if len(path) > MAX_DEPTH:
            _fail(place, f"nested deeper than {MAX_DEPTH} levels")
        self._refuse_decoration(event, place)
        self.values[path] = place
        if isinstance(event, ev.ScalarEvent):
            _check_escapes(str(event.value), place)
            return _scalar(event)
        if isinstance(event, ev.SequenceStartEvent):
            return self._list(events, path)
        return self._mapping(events, path)

    def _refuse_decoration(self, event: Event, place: Place) -> None:
        anchor, tag = getattr(event, "anchor", None), getattr(event, "tag", None)
        if anchor is not None:
            _fail(place, f"the anchor or alias {str(anchor)!r} has no use in a study", "write the value out")
        if tag is not None and str(tag) not in ("!", "None"):
            _fail(
                place, f"the tag {str(tag)!r} has no use in a study", "remove the tag; write the plain value"
            )

    def _list(self, events: Iterator[Event], path: Path) -> list[Data]:
        from ruamel.yaml import events as ev

        found: list[Data] = []
        for event in events:
            if isinstance(event, ev.SequenceEndEvent):
                break
            found.append(self._value(event, events, (*path, len(found))))
        return found

    def _mapping(self, events: Iterator[Event], path: Path) -> dict[str, Data]:
        from ruamel.yaml import events as ev

        found: dict[str, Data] = {}
        for event in events:
            if isinstance(event, ev.MappingEndEvent):
                break
            key = self._key(event)
            here = (*path, key)
            if key in found:
                _fail(self._at(event), f"the key {key!r} stands here again; first at line {self.keys[here].line}",
                      "remove or rename one of the two")  # fmt: skip
            self.keys[here] = self._at(event)
            found[key] = self._value(next(events), events, here)
        return found

    def _key(self, event: Event) -> str:
        from ruamel.yaml import events as ev

        if not isinstance(event, ev.ScalarEvent):
            _fail(self._at(event), "a key is not plain text", "write `key: value`")
        self._refuse_decoration(event, self._at(event))
        key = str(event.value)
        _check_escapes(key, self._at(event))
        if key == "<<":
            _fail(self._at(event), "merge keys (<<) are no part of YAML 1.2", "write the keys out")
        if not key.strip() or len(key) > 200:
            _fail(
                self._at(event), "a key is empty" if not key.strip() else f"the key {key[:40]!r}… is too long"
            )
        return key


_INT: Final = re.compile(r"[-+]?\d{1,18}")
_FLOAT: Final = re.compile(r"[-+]?(\.\d{1,30}|\d{1,30}(\.\d{0,30})?)([eE][-+]?\d{1,3})?")
_WORDS: Final[Mapping[str, Data]] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
    ".nan": math.nan, ".NaN": math.nan, ".NAN": math.nan, ".inf": math.inf, "-.inf": -math.inf, "+.inf": math.inf,
}  # fmt: skip


def _scalar(event: ScalarEvent) -> Data:
    """YAML 1.2's core schema; numbers too long for a float's digits stay text, so that they are shown as written."""
    text = str(event.value)
    if event.style is not None:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text) and text.isascii():
        return int(text)
    if _FLOAT.fullmatch(text) and text.isascii():
        return float(text)
    return text
