"""What the rules of plugins/moderation_rules do with real texts: few honest ones held, most of a real flood caught."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask

from codesign.cli import plugin_run
from codesign.kernel import paths
from codesign.kernel.errors import NotFound
from codesign.testing import load_plugin

plugin = load_plugin((paths.find("plugins") / "moderation_rules").resolve()).plugin
from codesign_plugins.moderation_rules import measuring as figures  # noqa: E402

SETTINGS = figures.defaults(("en", "de"))


@pytest.mark.needs_data
def test_the_madrid_flood(data: Path) -> None:
    """Most of the flood is held, very few honest proposals are. Measured 2026: 79.5 % and 2.6 % (copies of petitions)."""
    with gzip.open(data / "ideas-decide-madrid" / "proposals.csv.gz", "rt", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["created_at"] >= "2025-02-20"][:700]
    honest, spam = figures.flood(rows, figures.defaults(("es",)))
    assert spam.texts == 152 and spam.share > 0.75
    assert honest.texts > 400 and honest.share < 0.05


@pytest.mark.needs_data
def test_honest_ideas_pass_and_personal_data_is_seen(data: Path) -> None:
    """A sample of what the command prints."""
    polis = list(figures._rows(data / "text" / "moderation_polis.jsonl"))
    accepted = [row["text"] for row in polis if row["moderated"] == 1][:600]
    assert figures.held("polis", accepted, SETTINGS).share <= 0.01
    private = list(figures._rows(data / "text" / "pii_presidio_synth.jsonl"))
    named = [row["text"] for row in private if figures._names(row)]
    assert figures.held("named", named, SETTINGS, warned=True).share > 0.9
    others = [row["text"] for row in private if not figures._names(row)][:200]
    assert figures.held("others", others, SETTINGS, warned=True).share < 0.02
    spam = [row["text"] for row in figures._rows(data / "text" / "spam_sms.jsonl") if row["label"] == "spam"][:150]
    assert figures.held("spam", spam, SETTINGS).share > 0.4


@pytest.mark.needs_data
@pytest.mark.full
def test_the_command_prints_every_set(data: Path) -> None:
    done = CliRunner().invoke(plugin.commands[0], [str(data)])
    assert done.exit_code == 0 and done.output.count("%") == 13 and "Madrid, the flood" in done.output


def test_the_commands_of_plugins_are_run_by_name(
    make_app: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app()
    monkeypatch.setattr(plugin_run, "app_context", lambda: nullcontext(app))
    listed = CliRunner().invoke(plugin_run.run, ["moderation_rules"])
    assert listed.exit_code == 0 and "figures" in listed.output
    wrong = CliRunner().invoke(plugin_run.run, ["moderation_rules", "figures", "/nowhere"])
    assert wrong.exit_code != 0
    assert isinstance(CliRunner().invoke(plugin_run.run, ["nobody"]).exception, NotFound)
