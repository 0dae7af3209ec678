"""The conformance kit: what is well passes, and each defect is found by its own check and by no other."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from codesign.cli.plugin import plugin as command
from codesign.conformance.kit import CHECKS, check_plugin
from codesign.hooks import specs
from codesign.kernel.errors import NotFound
from codesign.sdk import Base
from codesign.testing import Database
from tests.contracts.source import ROOT

HEAD = """
    import time
    from sqlalchemy import String, delete, select, update
    from sqlalchemy.orm import Mapped, mapped_column
    from codesign import sdk
    from codesign.sdk import hookimpl

    pages = sdk.Routes()

    class hooks:
        pass

    def hook(function):
        setattr(hooks, function.__name__, staticmethod(hookimpl(function)))

    parts = {}
"""
FOOT = """
    plugin = sdk.Plugin(name="NAME", title="Name", version="1.0.0", hooks=hooks, pages=pages, **parts)
"""
TABLE = """
    class Seen(sdk.Base):
        __tablename__ = "NAME_seen"
        idea_id: Mapped[str] = mapped_column(String(26), primary_key=True)
        author_id: Mapped[str | None] = mapped_column(String(26))
        times: Mapped[int] = mapped_column(default=1)

    def keep(events):
        for event in events:
            row = sdk.session().get(Seen, event.payload["idea_id"])
            if row is None:
                sdk.session().add(Seen(idea_id=event.payload["idea_id"], author_id=event.payload["author_id"], times=1))

    def forget(person_id):
        sdk.session().execute(update(Seen).where(Seen.author_id == person_id).values(author_id=None))

    @hook
    def events_recorded(events):
        keep(events)

    @hook
    def erase_person(person_id):
        sdk.verb(forget)(person_id)

    parts.update(listens_to=(sdk.IdeaPublished,), stores_personal_data=True)
"""
MIGRATION = """
    import sqlalchemy as sa
    from alembic import op

    revision, down_revision, branch_labels, depends_on = "0001", None, ("NAME",), None

    def upgrade():
        op.create_table("NAME_seen", sa.Column("idea_id", sa.String(26), primary_key=True),
                        sa.Column("author_id", sa.String(26)), sa.Column("times", sa.Integer, nullable=False))

    def downgrade():
        op.drop_table("NAME_seen")
"""
WELL = (
    TABLE
    + """
    class Shape(sdk.Settings):
        most = sdk.fields.Integer(load_default=2, validate=sdk.validate.Range(min=1), metadata={"label": "Most"})

    @pages.get("/", needs="view")
    def look(space):
        return "Hello"

    @pages.post("/<idea_id>", needs="moderate")
    def change(space, idea_id):
        return "Done"

    @hook
    def fill_slot(slot):
        return {"n": 1} if slot == "idea.aside" else None

    def score(statistics):
        return sdk.Score(float(statistics.up), (sdk.Part("Up", str(statistics.up), float(statistics.up)),))

    parts.update(settings=Shape, rules=(sdk.ScoreRule("NAME", score),))
"""
)
FILES = {"slots/idea.aside.html": "<p>{{ data.n }} in {{ space.name }}</p>"}
MADE = {"migrations/versions/0001.py": MIGRATION}
#: A defect each: the check that must find it, the code, further files.
DEFECTS: dict[str, tuple[str, str, dict[str, str]]] = {
    "leans on core": ("loads", "from codesign.kernel.db import db", {}),
    "misspelt hook": ("loads", "@hook\n    def fill_slots(slot):\n        return None", {}),
    "foreign table": (
        "names", TABLE.replace("NAME_seen", "other_seen"),
        {"migrations/versions/0001.py": MIGRATION.replace("NAME_seen", "other_seen")},
    ),
    "setting without a label": (
        "names", "parts['settings'] = type('S', (sdk.Settings,), {'n': sdk.fields.Integer(load_default=1)})", {},
    ),
    "unknown slot": ("names", "", {"slots/idea.nowhere.html": "<p>Hello</p>"}),
    "default it refuses": (
        "settings",
        "parts['settings'] = type('S', (sdk.Settings,), {'n': sdk.fields.Integer(load_default=0,"
        " validate=sdk.validate.Range(min=1), metadata={'label': 'N'})})",
        {},
    ),
    "does not bear being told twice": (
        "switches",
        "told = []\n\n    @hook\n    def plugin_disabled(space):\n        told.append(space.id)\n"
        "        if len(told) % 2 == 0:\n            raise KeyError('gone')",
        {},
    ),
    "answers nonsense": ("answers", "@hook\n    def review_contribution(draft):\n        return 'hold'", {}),
    "breaks its slot": ("answers", "", {"slots/idea.aside.html": "{{ 1 / 0 }}"}),
    "sleeps": ("budgets", "@hook\n    def fill_slot(slot):\n        time.sleep(0.06 * (slot == 'idea.aside'))", {}),
    "keeps the lock": (
        "lock", "@hook\n    def search_contributions(query):\n"
        "        return None if 'title:' not in query else sum(range(6_000_000)) and None  # a loop inside C", {},
    ),
    "scores without parts": (
        "rules", "parts['rules'] = (sdk.ScoreRule('NAME', lambda statistics: sdk.Score(1.0, ())),)", {},
    ),
    "counts again": (
        "replay",
        TABLE.replace("if row is None:", "if row is not None:\n                row.times += 1\n            else:"),
        MADE,
    ),
    "keeps a person": ("forgets", TABLE.replace("sdk.verb(forget)(person_id)", "pass"), MADE),
    "does not say so": ("forgets", TABLE.replace("stores_personal_data=True", ""), MADE),
    "writes where one may look": (
        "permissions", "@pages.post('/', needs='view')\n    def change(space):\n        return 'Done'", {},
    ),
    "fails for those who may": (
        "permissions", "@pages.get('/', needs='view')\n    def look(space):\n        raise KeyError('gone')", {},
    ),
    "keeps things in its module": (
        "twice",
        "seen = []\n\n    @hook\n    def find_similar(space, text):\n        seen.append(space.id)\n"
        "        return [sdk.Hit('idea', each, space.id, 0.1) for each in seen]",
        {},
    ),
    "has no migration": ("migrations", TABLE, {}),
    "leaves its table": (
        "migrations", TABLE,
        {"migrations/versions/0001.py": MIGRATION.replace('op.drop_table("NAME_seen")', "pass").replace(
            "op.create_table(", "op.create_table(if_not_exists=True, *(")[:-1].replace(
            "nullable=False))", "nullable=False)))")},
    ),
    "another type": (
        "migrations", TABLE,
        {"migrations/versions/0001.py": MIGRATION.replace('"times", sa.Integer', '"times", sa.DateTime')},
    ),
    "lacks a column": (
        "migrations", TABLE + "\n    Seen.__table__.append_column(__import__('sqlalchemy').Column('more', String(9)))", {},
    ),
}  # fmt: skip


@pytest.fixture
def write(tmp_path: Path) -> Iterator[Callable[..., Path]]:
    """Write a plugin of this name; everything of it is unloaded afterwards."""
    names: list[str] = []

    def writing(name: str, code: str, files: dict[str, str]) -> Path:
        folder = tmp_path / name
        names.append(name)
        for place, text in {"__init__.py": HEAD + "\n    " + code.lstrip() + FOOT, **files}.items():
            (folder / place).parent.mkdir(parents=True, exist_ok=True)
            (folder / place).write_text(textwrap.dedent(text.replace("NAME", name)), encoding="utf-8")
        return folder

    yield writing
    for name in names:
        for key in [key for key in sys.modules if key.startswith(f"codesign_plugins.{name}")]:
            del sys.modules[key]
        for table in [table for key, table in Base.metadata.tables.items() if key in {f"{name}_seen", "other_seen"}]:
            Base.metadata.remove(table)


def test_what_is_well_passes_every_check(write: Callable[..., Path]) -> None:
    found = check_plugin(write("kit_well", WELL, {**FILES, **MADE}))
    assert [finding.check for finding in found] == list(CHECKS)
    assert [finding for finding in found if finding.outcome != "pass"] == []


@pytest.mark.full
def test_it_runs_on_a_database_of_yours_as_well(write: Callable[..., Path], postgres_database: Database) -> None:
    found = check_plugin(write("kit_pg", WELL, {**FILES, **MADE}), postgres_database.url)
    assert {finding.check: finding.why for finding in found if finding.outcome != "pass"} == {}


_first = {check: defect for defect, (check, _code, _files) in reversed(DEFECTS.items())}
_EVERY_DAY = {_first[check] for check in ("names", "switches", "rules", "permissions")}
_EACH = [pytest.param(each, marks=() if each in _EVERY_DAY else pytest.mark.full) for each in DEFECTS]


@pytest.mark.full
@pytest.mark.parametrize("defect", _EACH)
def test_each_defect_is_found_by_its_own_check_alone(defect: str, write: Callable[..., Path]) -> None:
    check, code, files = DEFECTS[defect]
    found = check_plugin(write(f"kit_{defect.replace(' ', '_')}"[:30], code, files))
    failed = {finding.check: finding.why for finding in found if finding.failed}
    assert list(failed) == [check], failed


def test_every_check_has_a_defect_that_only_it_finds() -> None:
    assert {check for check, _code, _files in DEFECTS.values()} == set(CHECKS)


def test_a_hook_that_is_to_go_is_named(write: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """How a hook is taken away: for two minor versions its users are warned, by name of the version."""
    warning = DeprecationWarning("find_similar goes with hook API 1.3; use search_contributions")
    monkeypatch.setitem(specs.find_similar.codesign_spec, "warn_on_impl", warning)
    first = check_plugin(write("kit_old", "@hook\n    def find_similar(text):\n        return None", {}))[0]
    assert first.outcome == "pass" and "warns: find_similar goes with hook API 1.3" in first.why


def test_the_command_says_it_line_by_line() -> None:
    done = CliRunner().invoke(command, ["check", str(ROOT / "plugins/scoring")])
    assert done.exit_code == 0, done.output
    assert [line.split()[0] for line in done.output.splitlines()].count("fail") == 0 and "rules" in done.output


def test_where_no_plugin_is_nothing_is_checked(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        check_plugin(tmp_path)
