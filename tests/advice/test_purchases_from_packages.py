"""Purchases that installed packages add: the package of the documentation, and some that are broken."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from breakeven.advice.decide import decide
from breakeven.advice.purchases import PURCHASES
from breakeven.cli.purchases import all_purchases
from breakeven.errors import InputError
from tests.examples.studies import study

ROOT = Path(__file__).resolve().parents[2]


def install(site: Path, monkeypatch: pytest.MonkeyPatch, module: str, entry: str, code: str) -> None:
    """What pip leaves of a package that has one module and one entry point."""
    (site / f"{module}.py").write_text(code, "utf-8")
    info = site / f"{module}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[breakeven.purchases]\n{entry}\n")
    monkeypatch.syspath_prepend(str(site))


def test_the_package_of_the_documentation_brings_its_purchase(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    page = (ROOT / "docs" / "how-to" / "add-a-purchase.md").read_text("utf-8")
    [project] = re.findall(r"^```toml\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    code = re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)[0]
    [(name, value)] = tomllib.loads(project)["project"]["entry-points"]["breakeven.purchases"].items()
    install(tmp_path, monkeypatch, value.partition(":")[0], f"{name} = {value}", code)
    kinds = all_purchases()
    assert kinds[:-1] == PURCHASES
    ranged = study("with-evals", ("  volume: 400K calls/month", "  volume: 40K..600K calls/month"))
    found = next(p for p in decide(ranged, draws=1000, purchases=kinds).buy_next if p.kind == "dashboard")
    assert found.informs == ("workload.volume",)
    # One hour at $80 to $140, or as the study's default has it.
    assert found.cost_usd is not None
    assert 50 < found.cost_usd < 200


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("raise RuntimeError('broken')", "can not be loaded: RuntimeError('broken')"),
        ("KIND = 5", "gives something that can not be bought"),
        ("KIND = ['text']", "gives something that can not be bought"),
        ("x = 1", "can not be loaded: AttributeError"),
        ("from breakeven.advice.purchases import PURCHASES as KIND", "there is a purchase 'pilot' already"),
    ],
)
def test_a_package_that_brings_no_purchase_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, message: str
):
    module = f"broken_{abs(hash(code))}"
    install(tmp_path, monkeypatch, module, f"it = {module}:KIND", code)
    with pytest.raises(InputError, match=re.escape(message)) as raised:
        all_purchases()
    assert f"entry point 'it' of {module}" in str(raised.value)
