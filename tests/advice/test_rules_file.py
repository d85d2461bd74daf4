"""Rules from a user's file, with every slip at its place, and rules from installed packages."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from breakeven.advice.published_rules import PUBLISHED_RULES
from breakeven.advice.rule import Rule
from breakeven.advice.rules import judge
from breakeven.cli.rules_file import all_rules, installed_rules, load_rules
from breakeven.errors import InputError
from tests.advice.builders import stated

ROOT = Path(__file__).resolve().parents[2]

GOOD = """\
rules:
  - id: ours
    title: Under 100K we prompt
    source: platform team
    table:
      fact: calls_per_month
      rows:
        - {below: 100K, verdict: prompt, because: "{calls_per_month} are under 100K."}
        - {verdict: tune, because: "{calls_per_month} are 100K or more."}
"""


def written(folder: Path, text: str) -> Path:
    file = folder / "rules.yaml"
    file.write_text(text, "utf-8")
    return file


def slips(folder: Path, text: str, taken: tuple[str, ...] = ()) -> list[str]:
    """Each problem as line:column, field and message."""
    with pytest.raises(InputError) as caught:
        load_rules(written(folder, text), taken=taken)
    problems = caught.value.problems
    assert all(p.place is not None and p.place.file.endswith("rules.yaml") for p in problems)
    return [f"{p.place.line}:{p.place.column} {p.field}: {p.message}" for p in problems if p.place]


def test_a_file_gives_rules(tmp_path: Path):
    [rule] = load_rules(written(tmp_path, GOOD))
    assert judge(rule, stated(calls_per_month=99_999)) == ("prompt", "100K calls/month are under 100K.")
    assert judge(rule, stated(calls_per_month=100e3))[0] == "tune"
    assert (rule.about, rule.asks) == ("own rules", ("calls_per_month",))


def test_steps_within_steps_and_figures(tmp_path: Path):
    text = """\
rules:
  - id: ours
    title: Payback
    source: platform team
    about: break-even
    figures:
      - {name: payback, formula: tuned_upfront / saving_per_month, unit: months}
    steps:
      - when: ml_team
        steps:
          - {when: payback <= 3, verdict: tune, because: "{payback} are enough."}
          - {verdict: evaluate, because: "{payback} are long."}
      - {verdict: prompt, because: Nobody would keep it.}
"""
    [rule] = load_rules(written(tmp_path, text))
    facts = {"ml_team": True, "tuned_upfront": 30e3}
    assert judge(rule, stated(**facts, saving_per_month=10e3)) == ("tune", "3 months are enough.")
    assert judge(rule, stated(**facts, saving_per_month=5e3)) == ("evaluate", "6 months are long.")
    assert judge(rule, stated(ml_team=False)) == ("prompt", "Nobody would keep it.")


@pytest.mark.parametrize(
    ("old", "new", "slip"),
    [
        ("rules:", "rule:", "1:1 rule: is no key of a rule"),
        ("title: Under", "titel: Under", "3:5 rules[0].titel: is no key of a rule"),
        ("fact: calls_per_month", "fact: calls", "6:13 rules[0].table.fact: 'calls' is no number that is known"),
        ("below: 100K", "below: lots", "8:19 rules[0].table.rows[0].below: 'lots' is not a quantity"),
        ("below: 100K", "below: 10K/day", "8:19 rules[0].table.rows[0].below: '10K/day' has a unit"),
        ("below: 100K", "under: 100K", "8:12 rules[0].table.rows[0].under: is no key of a rule"),
        ("below: 100K", "below: .inf", "8:19 rules[0].table.rows[0].below: "),
        ("below: 100K", "below: true", "8:19 rules[0].table.rows[0].below: is not a number"),
        ("verdict: tune", "verdict: tuned", "9:21 rules[0].table.rows[1].verdict: 'tuned' is no verdict"),
        ("month} are 100K or", "moth} are 100K or", "9:36 rules[0].table.rows[1].because: no fact is called"),
        ("id: ours", "id: 000-gate", "2:9 rules[0].id: there is a rule '000-gate' already"),
        ("id: ours", "id: 7", "2:9 rules[0].id: is not text: put it in quotes"),
        ("id: ours", "id: our rule", "2:9 rules[0].id: 'our rule' is not an id"),
        ("    source: platform team\n", "", "2:5 rules[0].source: is missing"),
        ("rules:\n  - id", "rules: 5\nx:\n  - id", "1:8 rules: is not a list"),
        ("  - id: ours", "  - just text\n  - id: ours", "2:5 rules[0]: is not a mapping"),
        ("    table:", "    table: {", "None"),
    ],
)  # fmt: skip
def test_a_slip_has_its_place(tmp_path: Path, old: str, new: str, slip: str):
    assert GOOD.count(old) >= 1
    found = slips(tmp_path, GOOD.replace(old, new, 1), taken=("000-gate",))
    assert any(one.startswith(slip) for one in found) or (
        slip == "None" and "this is not YAML" in found[0]
    ), found


def test_a_misspelt_key_is_told_the_nearest(tmp_path: Path):
    with pytest.raises(InputError) as caught:
        load_rules(written(tmp_path, GOOD.replace("below:", "bellow:")))
    assert [p.hint for p in caught.value.problems] == ["did you mean below?"]


def test_all_slips_are_found_at_once(tmp_path: Path):
    text = GOOD + GOOD.removeprefix("rules:\n").replace("verdict: prompt", "verdict: never").replace(
        "tune", "maybe"
    )
    assert slips(tmp_path, text) == [
        "10:9 rules[1].id: there is a rule 'ours' already",
        "16:34 rules[1].table.rows[0].verdict: 'never' is no verdict",
        "17:21 rules[1].table.rows[1].verdict: 'maybe' is no verdict",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file is empty"),
        ("  \n", "the file is empty"),
        ("- id: ours\n", "the file holds a list, not a mapping"),
        ("rules: []\n", "at least 1 item"),
        ("rules:\n\t- x\n", "this is not YAML"),
        ("rules: !!python/object:os.system {}\n", "has no"),
    ],
)
def test_a_file_that_is_no_rules_file(tmp_path: Path, text: str, message: str):
    with pytest.raises(InputError, match=re.escape(message)) as caught:
        load_rules(written(tmp_path, text))
    assert "study" not in str(caught.value)


def test_a_file_that_is_not_there(tmp_path: Path):
    with pytest.raises(InputError, match="No such file"):
        load_rules(tmp_path / "none.yaml")


def test_no_two_rules_share_an_id(tmp_path: Path):
    file = written(tmp_path, GOOD)
    assert [rule.id for rule in all_rules(file)][: len(PUBLISHED_RULES)] == [
        rule.id for rule in PUBLISHED_RULES
    ]
    with pytest.raises(InputError, match="there is a rule 'ours' already"):
        all_rules(file, file)


def test_the_example_file():
    volume, payback = load_rules(ROOT / "examples" / "rules" / "team-rules.yaml")
    assert [judge(volume, stated(calls_per_month=n))[0] for n in (49_999, 50e3, 199_999, 200e3)] == [
        "prompt", "evaluate", "evaluate", "tune",
    ]  # fmt: skip
    facts = {"ml_team": True, "tuned_upfront": 30e3}
    assert judge(payback, stated(**facts, saving_per_month=10e3))[0] == "tune"
    assert judge(payback, stated(**facts, saving_per_month=9999))[0] == "prompt"
    assert judge(payback, stated(**facts, saving_per_month=0))[0] == "prompt"


# ------------------------------------------------------------------------------------------ from packages


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text("utf-8"), re.MULTILINE | re.DOTALL)


def install(
    site: Path, monkeypatch: pytest.MonkeyPatch, module: str, entries: dict[str, str], *, code: str
) -> None:
    """What pip leaves of a package that has one module and these entry points."""
    (site / f"{module}.py").write_text(code, "utf-8")
    info = site / f"{module}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
    lines = ["[breakeven.rules]", *(f"{name} = {value}" for name, value in entries.items())]
    (info / "entry_points.txt").write_text("\n".join(lines))
    monkeypatch.syspath_prepend(str(site))


def test_the_package_of_the_documentation_brings_its_rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    page = ROOT / "docs" / "how-to" / "add-a-rule.md"
    [project] = blocks(page, "toml")
    [code] = blocks(page, "python")
    entries = tomllib.loads(project)["project"]["entry-points"]["breakeven.rules"]
    [(_, value)] = entries.items()
    install(tmp_path, monkeypatch, value.partition(":")[0], entries, code=code)
    [rule] = installed_rules()
    assert isinstance(rule, Rule)
    assert rule in all_rules()
    verdicts = [judge(rule, stated(deployment=place))[0] for place in ("edge", "on-premises", "cloud")]
    assert verdicts == ["tune", "tune", "evaluate"]


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("raise RuntimeError('broken')", "can not be loaded: RuntimeError('broken')"),
        ("RULES = 5", "gives something that is no rule"),
        ("RULES = ['text']", "gives something that is no rule"),
        ("x = 1", "can not be loaded: AttributeError"),
        ("from breakeven.advice.rule import Rule\nRULES = Rule(id='x', title='', source='y')", "is empty"),
        (
            "from breakeven.advice.published_rules import PUBLISHED_RULES as RULES",
            "there is a rule '000-gate' already",
        ),
    ],
)
def test_a_package_that_brings_no_rule_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, message: str
):
    module = f"bad_rules_{abs(hash(code)) % 10**8}"
    install(tmp_path, monkeypatch, module, {"ours": f"{module}:RULES"}, code=code)
    with pytest.raises(InputError) as caught:
        installed_rules()
    assert message in str(caught.value)
    assert f"entry point 'ours' of {module}" in str(caught.value)


def test_a_package_may_bring_several_rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    code = """\
from breakeven.advice.rule import Rule, Step

ALWAYS = (Step(verdict="prompt", because="Always."),)
RULES = [Rule(id=f"r{n}", title="A rule", source="a package", steps=ALWAYS) for n in (1, 2)]
"""
    install(tmp_path, monkeypatch, "several_rules", {"ours": "several_rules:RULES"}, code=code)
    assert [rule.id for rule in installed_rules()] == ["r1", "r2"]
