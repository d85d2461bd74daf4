"""From a moved slider to the redrawn chart, measured in the page: ``python -m bench.web``.

A browser without a window opens ``breakeven ui``. A slider is moved step by step; each step ends when chart and table
stand in the page and are laid out. Beside it: the same answer asked for in full, as a page without a quick look would.
"""

from __future__ import annotations

import argparse
import re
import shutil
import statistics
import subprocess
import sys
from typing import Any, Final

from bench.record import ROOT, machine, table, write_section

EXAMPLES: Final = ("loan-documents", "with-evals", "retiring-base")
STEPS: Final = 40
FLAGS: Final = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_MOVE: Final = """async ([steps]) => {
  const slider = document.querySelector('.control[data-name="workload.volume"] input[type=range]');
  const found = [];
  for (let k = 0; k < steps; k++) {
    performance.clearMeasures('slider-to-chart');
    slider.value = 10 + (k * 7) % 60;
    slider.dispatchEvent(new Event('input', {bubbles: true}));
    const since = performance.now(), main = document.getElementById('main');
    const one = () => performance.getEntriesByName('slider-to-chart')[0];
    while (!one() && main.dataset.state === 'moving') await new Promise((r) => setTimeout(r, 2));
    found.push(one() ? [one().duration, one().detail] : [performance.now() - since, null]);
  }
  slider.dispatchEvent(new Event('change', {bubbles: true}));
  return found;
}"""
_FULL: Final = """async ([n]) => {
  const main = document.getElementById('main'), found = [];
  for (let k = 0; k < n; k++) {
    const since = performance.now();
    const changes = [['workload.volume', `${3 + k / 10}M calls/month`]];
    const answer = await fetch('/look', {method: 'POST', headers: {'Content-Type': 'application/json'},
      body: JSON.stringify({seen: main.dataset.seen, changes, full: true})});
    await answer.json();
    found.push(performance.now() - since);
  }
  return found;
}"""


def main() -> None:
    """Measure, and print or record the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chromium", default=shutil.which("chromium") or "chromium")
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--write", action="store_true", help="record the result in docs/benchmarks.md")
    args = parser.parse_args()
    ran_on = machine()
    rows = [measured(name, args.chromium, args.steps) for name in EXAMPLES]
    head = ("Study", "slider → chart, median", "95th percentile", "of it on the server", "in full, at rest")
    text = f"{ran_on}. {args.steps} steps a study.\n\n{table(head, rows)}"
    if args.write:
        write_section("bench.web", text)
    print(text)


def measured(name: str, chromium: str, steps: int) -> tuple[str, ...]:
    """One row: the example, and its milliseconds."""
    from playwright.sync_api import sync_playwright

    command = [sys.executable, "-m", "breakeven", "ui", str(ROOT / "examples" / name), "--no-browser"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8")
    try:
        assert server.stdout is not None
        found = re.search(r"http://\S+", server.stdout.readline())
        assert found is not None, "breakeven ui printed no address"
        with sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=chromium, args=FLAGS)
            page: Any = browser.new_page(viewport={"width": 1440, "height": 900})
            page.goto(found[0])
            page.wait_for_selector("main[data-state=settled]")
            page.evaluate(_MOVE, [5])  # warm
            moves = page.evaluate(_MOVE, [steps])
            full = page.evaluate(_FULL, [5])
            browser.close()
    finally:
        server.terminate()
        server.wait()
    times, on_server = sorted(t for t, _ in moves), [ms for _, ms in moves if ms is not None]
    return (
        name,
        f"{statistics.median(times):.0f} ms",
        f"{times[int(0.95 * len(times))]:.0f} ms",
        f"{statistics.median(on_server):.0f} ms",
        f"{statistics.median(full):,.0f} ms",
    )


if __name__ == "__main__":
    main()
