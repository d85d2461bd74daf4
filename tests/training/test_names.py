"""Names by a spaCy model of the user's own: found, masked, undone; and what is said where there is none."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from breakeven.cli.root import root
from breakeven.errors import InputError, MissingExtraError
from breakeven.evidence.prompts.redaction import mask_names, redact_row
from breakeven.evidence.training.names import find_names
from tests.training.builders import asked, checked


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A pipeline that knows three names by heart: what is tested is what is done with what a model finds."""
    spacy = pytest.importorskip("spacy", reason="needs spaCy: pip install 'breakeven[ner]'")
    nlp = spacy.blank("en")
    ruler = nlp.add_pipe("entity_ruler")
    ruler.add_patterns([
        {"label": "PERSON", "pattern": "Ada Lovelace"}, {"label": "GPE", "pattern": "Paris, Texas"},
        {"label": "ORG", "pattern": 'Bell "Labs" Inc'}, {"label": "DATE", "pattern": "yesterday"},
    ])  # fmt: skip
    folder = tmp_path_factory.mktemp("ner") / "model"
    nlp.to_disk(folder)
    return str(folder)


@pytest.fixture(scope="module")
def learned(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A recogniser that has learned twenty sentences, in a second or two."""
    spacy = pytest.importorskip("spacy", reason="needs spaCy: pip install 'breakeven[ner]'")
    from spacy.training import Example
    from spacy.util import fix_random_seed  # type: ignore[attr-defined]

    fix_random_seed(0)
    nlp = spacy.blank("en")
    nlp.add_pipe("ner")
    names = ["Anna Berg", "Tom Frost", "Lea Stein", "Max Holm", "Ida Lund"]
    frames = ["my name is {} and my card is lost", "call {} about the loan", "{} wrote twice", "ask {} again"]
    made = []
    for name in names:
        for frame in frames:
            text, at = frame.format(name), frame.index("{}")
            made.append(Example.from_dict(nlp.make_doc(text), {"entities": [(at, at + len(name), "PERSON")]}))
    nlp.initialize(lambda: made)
    for at in [at for _ in range(15) for at in range(0, len(made), 4)]:
        nlp.update(made[at : at + 4])
    folder = tmp_path_factory.mktemp("ner") / "learned"
    nlp.to_disk(folder)
    return str(folder)


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(root, ["data", *map(str, words)], env={"COLUMNS": "100"})


def test_a_trained_model_is_read_from_its_folder(learned: str) -> None:
    texts = ["my name is Anna Berg and my card is lost", "ask Tom Frost again"]
    spans = zip(texts, find_names(texts, learned), strict=True)
    found = [[(text[a:b], kind) for a, b, kind in here] for text, here in spans]
    assert found == [[("Anna Berg", "PERSON")], [("Tom Frost", "PERSON")]]


def test_names_count_beside_what_patterns_find_and_other_labels_do_not(model: str) -> None:
    train = asked(["Ada Lovelace called +49 171 2345678", "it came yesterday", "send it to Paris, Texas"])
    found = checked("personal-data", train, ner=model)
    assert found.verdict == "fail"
    assert found.value == pytest.approx(2 / 3)
    assert found.details["kinds"] == {"PERSON": 1, "PHONE": 1, "GPE": 1}
    assert [one.row for one in found.flagged] == [0, 2]
    assert not any("Ada" in one.reason or "Paris" in one.reason for one in found.flagged)
    assert found.method.endswith(f"names by {model}")
    plain = checked("personal-data", train)
    assert plain.details["kinds"] == {"PHONE": 1}
    assert "--ner" in plain.because
    assert checked("personal-data", train, ner=model, personal_data=0.7).verdict == "pass"


def test_masks_and_the_way_back_in_json_lines(model: str, tmp_path: Path) -> None:
    said = [("user", "I am Ada Lovelace"), ("assistant", 'Hello Ada Lovelace of Bell "Labs" Inc, ok')]
    row = {"messages": [{"role": role, "content": text} for role, text in said], "note": "Ada Lovelace"}
    other = {"messages": [{"role": "user", "content": "who?"}, {"role": "assistant", "content": "no"}]}
    source = tmp_path / "train.jsonl"
    source.write_text(f"{json.dumps(row)}\n{json.dumps(other)}\n")
    done = run("clean", source, "-o", tmp_path / "clean.jsonl", "--mask", "personal-data", "--ner", model)
    assert done.exit_code == 0, done.output
    assert "not anonymous" in done.output
    copy = (tmp_path / "clean.jsonl").read_text()
    first = json.loads(copy.splitlines()[0])
    assert [m["content"] for m in first["messages"]] == ["I am [PERSON]", "Hello [PERSON] of [ORG], ok"]
    assert first["note"] == "[PERSON]"
    assert "Ada" not in copy
    back = run(
        "clean", tmp_path / "clean.jsonl", "--undo", tmp_path / "clean.undo", "-o", tmp_path / "again.jsonl"
    )
    assert back.exit_code == 0
    assert (tmp_path / "again.jsonl").read_bytes() == source.read_bytes()


def test_a_mask_breaks_no_cell_of_a_table(model: str, tmp_path: Path) -> None:
    source = tmp_path / "train.csv"
    rows = [
        ["Ada Lovelace of Paris, Texas asks", "card"],
        ['for Bell "Labs" Inc', "loan"],
        ["nobody", "card"],
    ]
    with source.open("w", newline="") as file:
        csv.writer(file).writerows([["text", "label"], *rows])
    done = run("clean", source, "-o", tmp_path / "clean.csv", "--mask", "personal-data", "--ner", model)
    assert done.exit_code == 0, done.output
    with (tmp_path / "clean.csv").open(newline="") as file:
        assert list(csv.reader(file))[1:] == [
            ["[PERSON] of [GPE] asks", "card"], ["for [ORG]", "loan"], ["nobody", "card"],
        ]  # fmt: skip


def test_names_are_masked_as_whole_words_the_longest_first() -> None:
    names = [("Ann", "PERSON"), ("Ann Lee", "PERSON"), ("a.b", "ORG")]
    assert mask_names("Ann Lee, Annabel and Ann at a.b, axb", names) == (
        "[PERSON], Annabel and [PERSON] at [ORG], axb"
    )
    assert redact_row('{"Ann": ["Ann", 7]}', (), [("Ann", "PERSON")]) == '{"Ann": ["[PERSON]", 7]}'


def test_without_spacy_the_install_line_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "spacy", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'breakeven\[ner\]'"):
        find_names(["Ada"], "some_model_that_nobody_loaded")
    source = tmp_path / "train.jsonl"
    source.write_text('{"question": "who?", "answer": "me"}\n')
    found: dict[str, Any] = json.loads(
        run("check", source, "--only", "personal-data", "--ner", "another_model", "--json").stdout
    )
    assert found["checks"][0]["verdict"] == "cannot_tell"
    assert found["checks"][0]["next_step"] == "pip install 'breakeven[ner]'"


def test_an_unknown_model_is_an_error_and_nothing_is_fetched() -> None:
    pytest.importorskip("spacy", reason="needs spaCy: pip install 'breakeven[ner]'")
    with pytest.raises(InputError, match="nothing is downloaded here"):
        find_names(["Ada"], "no_such_model")
    with pytest.raises(InputError, match="no spaCy model"):
        find_names(["Ada"], str(Path(__file__).parent))
