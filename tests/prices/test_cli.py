"""``breakeven prices``: what it prints, at 80 and 120 columns, and as JSON."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from click.testing import CliRunner, Result

from breakeven.cli.prices import prices
from breakeven.errors import InputError, UnknownPriceError
from breakeven.prices import load_book
from breakeven.prices.snapshot import write_snapshot


@pytest.fixture(autouse=True)
def own_data_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


def run(*words: str, columns: int = 80) -> Result:
    return CliRunner().invoke(prices, words, env={"COLUMNS": str(columns), "TERM": "dumb"})


def as_json(*words: str) -> Any:
    result = run(*words, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.output)


def fits(result: Result, columns: int) -> None:
    """Printed well, without colour, and no line wider than the screen."""
    assert result.exit_code == 0, result.output
    assert "\x1b" not in result.output
    assert [line for line in result.output.splitlines() if len(line) > columns] == []
    assert [line for line in result.output.splitlines() if line != line.rstrip()] == []


@pytest.mark.parametrize("columns", [80, 120])
def test_show_tells_all_that_is_known(columns):
    result = run("show", "azure/gpt-4.1-mini", columns=columns)
    fits(result, columns)
    for words in (
        "azure/gpt-4.1-mini  (chat, up to 1,047,576 tokens in)",
        "input               0.40",
        "cached input        0.10  (0.25 × input)",
        "batch output        0.80  (0.5 × output)",
        "retires  2027-04-14",
        "(sft, standard tariff)",
        "5.00 for a million training tokens",
        "1.70 an hour, $1,241 a month",
        "(sft, developer tariff)",
        "1,024 tokens of unchanged prefix",
        "LiteLLM 1.109.1 price file (MIT)",
        "azure-genai-prices 0.2.0 (MIT), 2026-08-11",
    ):
        assert words in result.output


def test_show_tiers_writes_and_regions():
    assert (
        "above 200,000 in        4.00 input, 18.00 output, cached 0.40"
        in run("show", "vertex_ai/gemini-3.1-pro-preview").output
    )
    claude = run("show", "anthropic/claude-sonnet-5").output
    assert "cache write             2.50  (1.25 × input)" in claude
    assert "cache write, 1 h        4.00  (2 × input)" in claude
    assert "in region us            1.10 × every price" in claude


@pytest.mark.parametrize("columns", [80, 120])
def test_show_what_a_host_charges_to_train(columns):
    table = run("show", "fireworks", columns=columns)
    fits(table, columns)
    assert "models of 16–80B            3.00           6.00         6.00        12.00" in table.output
    assert "2026-10-08" in table.output
    one = run("show", "together_ai/Qwen/Qwen3.5-9B", columns=columns)
    fits(one, columns)
    assert "lora, answers (SFT)  0.34 for a million training tokens (Qwen3.5-9B)" in one.output
    assert "4 at least" in one.output
    gemini = run("show", "vertex_ai/gemini-3.5-flash", columns=columns)
    fits(gemini, columns)
    assert "8.00..12.50 for a million training tokens" in gemini.output
    assert "told by others, and widened" in " ".join(gemini.output.split())
    speeds = run("show", "trl", columns=columns)
    fits(speeds, columns)
    assert "25,206" in speeds.output


def test_training_rates_as_json():
    rates = as_json("show", "together")["training"]
    [own] = [rate for rate in rates if rate["models"] == ["Qwen3.5-9B"] and rate["objective"] == "sft"]
    assert (own["usd_per_mtok"], own["minimum_usd"], own["seen"]) == (0.34, 4.0, "primary")
    assert [rate["title"] for rate in as_json("show", "fireworks_ai/qwen3-8b")["training"]] == [
        "models up to 16B"
    ] * 4
    assert as_json("show", "trl")["training"][0]["tokens_per_s"] == 25_206


def test_show_a_gpu_and_a_model_that_is_only_sold_tuned():
    gpu = run("show", "lambda/h100-80gb")
    fits(gpu, 80)
    assert "4.29 an hour, $3,132 a month" in gpu.output
    tuned = run("show", "azure_ai/gpt-oss-20b")
    fits(tuned, 80)
    assert "0.30 an hour, $219 a month" in tuned.output
    assert as_json("show", "azure_ai/gpt-oss-20b")["price"] is None


def test_show_as_json_holds_prices_offers_rules_and_sources():
    shown = as_json("show", "azure/gpt-4.1-mini")
    assert shown["as_of"] == "2026-11-22"
    assert shown["price"]["input_usd_per_mtok"] == 0.4
    assert shown["price"]["source"]["date"] == "2026-11-22"
    assert [offer["variant"] for offer in shown["tuning"]] == ["standard", "developer"]
    assert shown["tuning"][0]["inference"]["cached_usd_per_mtok"] == 0.1
    assert shown["cache_rules"]["min_prefix_tokens"] == 1024
    assert as_json("show", "lambda/h100-80gb")["gpu"]["usd_per_hour"] == 4.29


def test_an_unknown_model_is_an_error_that_names_the_nearest():
    result = run("show", "gpt-4.1-mini")
    assert result.exit_code != 0
    assert isinstance(result.exception, UnknownPriceError)
    assert "Nearest: openai/gpt-4.1-mini" in str(result.exception)
    assert run("show").exit_code == 2


def test_refused_rows_are_listed_with_their_reasons():
    result = run("show", "--refused", columns=120)
    fits(result, 120)
    assert "azure_ai/jais-30b-chat" in result.output
    assert "a slip of the unit" in result.output
    rows = as_json("show", "--refused")["refused"]
    assert len(rows) == len(load_book().refused)
    (row,) = as_json("show", "--refused", "jais-30b")["refused"]
    assert row["key"] == "azure_ai/jais-30b-chat"


@pytest.mark.parametrize("columns", [80, 120])
def test_search_prints_a_table_that_fits(columns):
    result = run("search", "gpt4.1", "mini", columns=columns)
    fits(result, columns)
    lines = result.output.splitlines()
    assert lines[0] == "US dollars for a million tokens, as of 2026-11-22"
    assert lines[1].split() == [
        "model",
        "input",
        "cached",
        "output",
        *(["batch", "in", "batch", "out"] * (columns > 100)),
        "retires",
    ]
    assert lines[3].split()[:4] == ["openai/gpt-4.1-mini", "0.40", "0.10", "1.60"]
    assert lines[4].split()[0] == "azure/gpt-4.1-mini"


def test_search_is_limited_and_says_so():
    result = run("search", "claude", "--limit", "3")
    fits(result, 80)
    assert "3 of " in result.output
    found = as_json("search", "claude", "--limit", "3")
    assert len(found["models"]) == 3
    assert found["found"] > 100
    assert run("search", "claude", "--limit", "0").exit_code == 2


def test_search_without_a_hit_names_the_nearest_and_is_no_error():
    assert (
        "No model holds 'claud-sonet-5' in its name. Nearest: anthropic/claude-sonnet-5"
        in run("search", "claud-sonet-5").output
    )
    assert as_json("search", "qqqq") == {"as_of": "2026-11-22", "found": 0, "models": []}


def entries(price_in: float) -> str:
    row = {"litellm_provider": "openai", "mode": "chat", "output_cost_per_token": 1.6e-06}
    return json.dumps(
        {
            "gpt-4.1-mini": {**row, "input_cost_per_token": price_in, "deprecation_date": "2027-03-01"},
            f"model-{price_in}": {**row, "input_cost_per_token": price_in},
            "free": {**row, "input_cost_per_token": 0, "output_cost_per_token": 0},
        }
    )


def test_update_writes_the_book_and_shows_what_changed(tmp_path):
    source = tmp_path / "list.json"
    source.write_text(entries(5e-07), encoding="utf-8")
    refused = run("update", "--from", str(source))
    assert isinstance(refused.exception, InputError)
    result = run("update", "--from", str(source), "--force", "--limit", "2", columns=400)
    fits(result, 400)
    assert "2 models in " in result.output
    assert "1 row was not believed" in result.output
    assert "added 1, removed 3,347" in result.output
    assert "openai/gpt-4.1-mini  input" in result.output
    assert "+25%" in result.output
    assert "2027-03-01" in result.output
    assert "more; --limit 3347 shows all" in result.output
    done = as_json("update", "--from", str(source), "--force")
    assert done["models"] == 2
    assert done["diff"]["changed"] == []
    assert done["refused"][0]["key"] == "openai/free"


def test_diff_of_two_lists_and_of_the_packaged_book(tmp_path):
    for name, price in (("old", 4e-07), ("new", 5e-07)):
        (tmp_path / f"{name}.json").write_text(entries(price), encoding="utf-8")
    result = run("diff", str(tmp_path / "old.json"), str(tmp_path / "new.json"))
    fits(result, 80)
    assert "added 1, removed 1, prices changed 1, retirement dates changed 0" in result.output
    assert "0.40  0.50    +25%" in result.output
    write_snapshot(load_book().snapshot, tmp_path / "same.json.gz")
    found = as_json("diff", "packaged", str(tmp_path / "same.json.gz"))
    assert (found["added"], found["removed"], found["changed"], found["retirements"]) == ([], [], [], [])
    assert as_json("diff", "packaged")["changed"] == []


@pytest.mark.parametrize("command", [(), ("show",), ("search",), ("update",), ("diff",)])
def test_every_help_has_examples(command):
    result = run(*command, "--help")
    fits(result, 80)
    assert "Examples:\n    breakeven prices" in result.output


def test_help_loads_nothing_heavy():
    code = (
        "import sys; from breakeven.cli.prices import prices; "
        "heavy = {'numpy', 'scipy', 'pydantic', 'rich', 'ruamel', 'breakeven.prices', 'urllib.request'}; "
        "print(*heavy & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, encoding="utf-8")
    assert done.stdout.strip() == ""
