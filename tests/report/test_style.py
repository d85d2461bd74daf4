"""The style sheet: every class is styled, colours stand out and stay apart for colour-blind eyes."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import breakeven.report
from breakeven.report.charts import GROUPS, to_charts
from breakeven.report.drawings.axes import SERIES_COLOURS
from breakeven.report.svg import NARROW, WIDE, draw
from tests.report import sample

CSS = (Path(breakeven.report.__file__).parent / "templates" / "report.css").read_text("utf-8")
THEMES = dict(zip(("light", "dark", "print"), re.findall(r":root\{([^}]*)\}", CSS), strict=True))

# Full colour blindness in linear RGB (Machado, Oliveira and Fernandes, 2009, severity 1.0).
EYES = {
    "usual": np.eye(3),
    "protan": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deutan": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritan": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)

Colour = NDArray[np.float64]


def colours(theme: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+):(#[0-9a-f]{3,6})\b", THEMES[theme]))


def linear(code: str) -> Colour:
    digits = code[1:] if len(code) == 7 else "".join(2 * c for c in code[1:])
    srgb = np.array([int(digits[k : k + 2], 16) / 255 for k in (0, 2, 4)])
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def contrast(a: str, b: str) -> float:
    """The contrast ratio of WCAG 2."""
    light = sorted(float(linear(code) @ XYZ[1]) for code in (a, b))
    return (light[1] + 0.05) / (light[0] + 0.05)


def lab(rgb: Colour) -> Colour:
    xyz = XYZ @ np.clip(rgb, 0, 1) / np.array([0.95047, 1.0, 1.08883])
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def test_the_contrast_of_black_and_white_is_21() -> None:
    assert contrast("#000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("theme", THEMES)
def test_text_can_be_read(theme: str) -> None:
    found = colours(theme)
    for ink, ground in itertools.product(
        ("ink", "ink2", "ink3", "good", "bad", "warn"), ("paper", "card", "soft")
    ):
        assert contrast(found[ink], found[ground]) >= 4.5, (ink, ground)
    for strong in ("s0", "s1", "warn"):  # badges
        assert contrast(found["card"], found[strong]) >= 4.5, strong


@pytest.mark.parametrize("theme", THEMES)
def test_candidates_stand_out_from_the_page(theme: str) -> None:
    found = colours(theme)
    for k in range(SERIES_COLOURS + 1):
        assert contrast(found[f"s{k}"], found["paper"]) >= 3, k


@pytest.mark.parametrize("eyes", EYES)
@pytest.mark.parametrize("family", ["s", "g-"])
@pytest.mark.parametrize("theme", THEMES)
def test_colours_stay_apart_for_all_eyes(theme: str, family: str, eyes: str) -> None:
    found = {
        n: code
        for n, code in colours(theme).items()
        if re.fullmatch(r"s\d" if family == "s" else r"g-\w+", n)
    }
    assert len(found) >= 7
    seen = {name: lab(EYES[eyes] @ linear(code)) for name, code in found.items()}
    for a, b in itertools.combinations(seen, 2):
        assert np.linalg.norm(seen[a] - seen[b]) >= 15, (a, b)


@pytest.mark.parametrize("theme", THEMES)
def test_a_theme_defines_every_colour(theme: str) -> None:
    used = set(re.findall(r"var\(--([\w-]+)\)", CSS)) - {"serif", "sans", "mono"}
    assert used <= set(colours(theme))
    assert {f"g-{g.key}" for g in GROUPS} <= set(colours(theme))


def test_every_class_of_the_drawings_is_styled() -> None:
    charts = [chart for make in (sample.rich, sample.bare) for chart in to_charts(make()).all()]
    drawn = "".join(draw(chart, width=width) for chart in charts for width in (NARROW, WIDE))
    used = {word for classes in re.findall(r'class="([^"]*)"', drawn) for word in classes.split()}
    assert {css for css in used if f".{css}" not in CSS} == set()
