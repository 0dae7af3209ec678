"""Colours live in one file, and every pair of ground and ink keeps the contrast it promises, by day and by night."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

STYLES = Path(__file__).parents[3] / "static" / "styles"
RAW_COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b|\b(?:rgba?|hsla?|oklch|oklab|lab|lch)\((?!from)", re.IGNORECASE)
PAIR = re.compile(r"--([\w-]+):\s*light-dark\(oklch\(([^)]*)\),\s*oklch\(([^)]*)\)\)")

# (text or line, ground, least contrast): 7 for reading, 4.5 for small things, 3 for edges.
PROMISES = [
    ("ink", "surface", 7), ("ink", "paper", 7), ("ink-2", "surface", 7), ("ink-2", "paper", 7),
    ("ink-3", "surface", 4.5), ("ink-3", "paper", 4.5), ("ink-3", "sunken", 4.5), ("ink-3", "brand-soft", 4.5),
    ("line-strong", "surface", 3), ("line-strong", "paper", 3),
    ("brand", "surface", 4.5), ("brand", "paper", 4.5), ("on-brand", "brand", 4.5), ("brand", "brand-soft", 4.5),
    ("on-mine", "mine", 7), ("mine-line", "surface", 3), ("mine-text", "mine-soft", 4.5),
    ("stop", "surface", 4.5), ("stop", "stop-soft", 4.5), ("on-stop", "stop", 4.5),
    ("ok", "surface", 4.5), ("ok", "ok-soft", 4.5), ("info", "surface", 4.5), ("info", "info-soft", 4.5),
    ("focus", "paper", 3), ("focus", "surface", 3), ("focus", "brand-soft", 3), ("focus", "stop-soft", 3),
    ("c1", "surface", 3), ("c2", "surface", 3), ("c3", "surface", 3), ("c4", "surface", 3), ("c5", "surface", 3),
    ("paper", "ink", 7),
]  # fmt: skip


def luminance(colour: str) -> float:
    """Relative luminance (WCAG) of ``L C H`` in OKLCH."""
    from math import cos, radians, sin

    light, chroma, hue = (float(part) for part in colour.split()[:3])
    a, b = chroma * cos(radians(hue)), chroma * sin(radians(hue))
    long = (light + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (light - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (light - 0.0894841775 * a - 1.2914855480 * b) ** 3
    red = 4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short
    green = -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short
    blue = -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short
    red, green, blue = (min(1, max(0, part)) for part in (red, green, blue))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["day", "night"])
@pytest.mark.parametrize(("ink", "ground", "least"), PROMISES)
def test_contrast(scheme: int, ink: str, ground: str, least: float) -> None:
    pairs = {name: (day, night) for name, day, night in PAIR.findall((STYLES / "tokens.css").read_text())}
    assert contrast(pairs[ink][scheme], pairs[ground][scheme]) >= least


def test_raw_colours_stay_in_the_tokens() -> None:
    found = {
        f"{path.name}: {match[0]}"
        for path in STYLES.glob("*.css")
        if path.name != "tokens.css"
        for match in RAW_COLOUR.finditer(re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.S))
    }
    assert not found


def test_templates_carry_no_styles_and_no_scripts() -> None:
    root = Path(__file__).parents[3]
    wrong = re.compile(r"\sstyle=|\son(?:click|change|submit|input|load)=|<style|javascript:", re.IGNORECASE)
    templates = [path for folder in ("codesign", "plugins") for path in (root / folder).rglob("*.html")]
    assert templates
    assert not [str(path.relative_to(root)) for path in templates if wrong.search(path.read_text())]
