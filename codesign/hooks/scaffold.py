"""A new plugin: a card, a hook, a setting, a slot, a rule, a README and a test that passes as it is."""

from __future__ import annotations

import keyword
import sys
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from string import Template

from codesign.hooks import checks
from codesign.hooks import scaffold_table as table
from codesign.kernel.errors import Conflict, Invalid
from codesign.kernel.text import _

CARD = '''"""$title."""

from codesign.sdk import ${imports}Plugin, ScoreRule, Settings, _, fields, validate

from . import hooks, rules


class ${camel}Settings(Settings):
    """What a space may set. The form draws itself from this."""

    weight = fields.Float(
        load_default=1.0,
        validate=validate.Range(min=0, max=100),
        metadata={"label": _("Points for a comment"), "help": _("A vote always gives one.")},
    )


plugin = Plugin(
    name="$name",
    title=_("$title"),
    version="0.1.0",
    requires=">=1.0,<2",
    description=_("A score of your own"),
    settings=${camel}Settings,
    hooks=hooks,${listens}
    rules=(
        ScoreRule(
            "$name",
            rules.score,
            needs=("up",),
            title=_("$title"),
            description=_("Up-votes and comments together."),
            parameters={"weight": "weight"},
        ),
    ),
)
'''

RULES = '''"""Pure functions of what is known of an idea."""

from codesign.sdk import IdeaStatistics, Part, Score, _


def score(statistics: IdeaStatistics, weight: float) -> Score:
    """One point for an up-vote, *weight* points for a comment."""
    talk = weight * statistics.comments
    return Score(
        statistics.up + talk,
        (
            Part(_("Up-votes"), str(statistics.up), float(statistics.up)),
            Part(_("Comments"), str(statistics.comments), talk),
        ),
    )
'''

HOOKS = '''"""What it does. `codesign plugin hooks` lists every moment a plugin can answer."""

from codesign.sdk import IdeaFact, _, hookimpl


@hookimpl
def fill_slot(slot: str, facts: list[IdeaFact]) -> dict[str, object] | None:
    """The data for slots/idea.aside.html, which draws beside an idea."""
    if slot != "idea.aside" or not facts:
        return None
    return {"heading": _("$title"), "comments": facts[0].comment_count}
'''

SLOT = """<p><b class="num">{{ data.comments }}</b> {{ _("comments count here") }}</p>
"""

TEST = '''"""A real app on a fresh database; see codesign.testing for what there is to test with."""

from pathlib import Path

import pytest

from codesign.testing import Plugins, check_plugin, only_plugin

FOLDER = Path(__file__).parents[1]


@pytest.fixture
def app(make_app):
    """The app with this plugin alone, its tables made."""
    app = make_app(**only_plugin(FOLDER))
    Plugins(app).host.upgrade_tables()
    return app


def test_it_is_let_in(plugins):
    assert plugins.host.refused == [] and list(plugins.host.plugins) == ["$name"]


def test_ideas_are_ordered_by_it_and_it_draws_beside_them(client, plugins, make_space, make_idea, cast_votes):
    space = make_space(kind="upvote")
    one, two = make_idea(space, "One vote"), make_idea(space, "Two votes")
    cast_votes(one, 1)
    cast_votes(two, 2)
    plugins.enable("$name", space)
    plugins.work()
    listed = client.get(f"/api/v1/spaces/{space.slug}/ideas?sort=$name").json["items"]
    assert [idea["title"] for idea in listed] == ["Two votes", "One vote"]
    page = client.get(f"/spaces/{space.slug}/ideas/{two.id}", follow_redirects=True).text
    assert 'data-plugin="$name"' in page
    plugins.enable("$name", space, on=False)
    assert client.get(f"/api/v1/spaces/{space.slug}/ideas?sort=$name").status_code == 422


def test_the_default_is_one_point_for_a_comment(plugins, make_space):
    assert plugins.host.settings("$name", make_space().id) == {"weight": 1.0}


def test_it_bears_what_plugins_have_to_bear():
    assert check_plugin(FOLDER) == []
'''

README = """# $title

A plugin for Codesign. Switch it on in a space's settings, or: `codesign plugin enable $name --space SLUG`.

| setting | default | means |
| --- | --- | --- |
| `weight` | 1 | points for a comment; a vote always gives one |

Test it with `pytest`; `codesign plugin check` says what a plugin has to bear, and how this one does.
"""

PROJECT = """[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "codesign-$dashed"
version = "0.1.0"
description = "$title, a plugin for Codesign"
readme = "README.md"
requires-python = ">=3.11"
dependencies = ["codesign"]

[project.entry-points."codesign.plugins"]
$name = "codesign_$name:plugin"

[tool.hatch.build.targets.wheel]
packages = ["src/codesign_$name"]

[tool.pytest.ini_options]
testpaths = ["tests"]
"""

FILES = {
    "__init__.py": CARD,
    "rules.py": RULES,
    "hooks.py": HOOKS,
    "slots/idea.aside.html": SLOT,
    "tests/test_plugin.py": TEST,
    "README.md": README,
}

#: The same with a table of its own, filled from the log.
FILES_WITH_TABLE = FILES | {
    "hooks.py": table.HOOKS,
    "store.py": table.STORE,
    "migrations/versions/0001_last_word.py": table.MIGRATION,
    "slots/idea.aside.html": table.SLOT,
    "tests/test_plugin.py": TEST + table.TEST,
    "README.md": README + table.README,
}

#: What lies beside the code in the project of an installable package; the rest lies in ``src/codesign_<name>/``.
_BESIDE = ("tests/", "README.md", "pyproject.toml")


def write_plugin(name: str, base: Path, *, with_table: bool = False, taken: Collection[str] = ()) -> list[Path]:
    """Write the plugin *name* into a new folder below *base*; returns the files. Raises Invalid, Conflict."""
    _check_name(name, taken)
    return _write(name, base / name, with_table, {}, lambda place: base / name / place)


def write_package(name: str, project: Path, *, with_table: bool = False, taken: Collection[str] = ()) -> list[Path]:
    """Write the plugin *name* as a project of its own, to be installed with pip; returns the files. Raises Invalid, Conflict."""
    _check_name(name, taken)
    inside, more = project / "src" / f"codesign_{name}", {"pyproject.toml": PROJECT}
    return _write(
        name, project, with_table, more, lambda place: (project if place.startswith(_BESIDE) else inside) / place
    )


def _check_name(name: str, taken: Collection[str]) -> None:
    """Whether a new plugin can have this name: *taken* are those of plugins that are there."""
    if not checks.may_be_called(name):
        raise Invalid.field("name", _("A plugin's name has lower case letters, digits and _, 2 to 31 of them."))
    if keyword.iskeyword(name) or name in sys.stdlib_module_names:
        raise Invalid.field("name", _("Python has %(name)s already. Choose another name.", name=name))
    if name in taken:
        raise Conflict(_("There is a plugin called %(name)s already.", name=name))


def _write(
    name: str, folder: Path, with_table: bool, more: Mapping[str, str], place_of: Callable[[str], Path]
) -> list[Path]:
    if folder.is_file() or (folder.exists() and any(folder.iterdir())):
        raise Conflict(_("%(folder)s is there already.", folder=str(folder)))
    camel = "".join(part.capitalize() for part in name.split("_"))
    title = name.replace("_", " ").capitalize()
    words = {"name": name, "title": title, "camel": camel, "dashed": name.replace("_", "-")}
    words["imports"] = "CommentAdded, " if with_table else ""
    words["listens"] = "\n    listens_to=(CommentAdded,)," if with_table else ""
    texts = {place_of(place): text for place, text in {**(FILES_WITH_TABLE if with_table else FILES), **more}.items()}
    try:
        for file, text in texts.items():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(Template(text).substitute(words) if file.suffix != ".html" else text, encoding="utf-8")
    except OSError as error:
        raise Conflict(
            _("%(folder)s cannot be written: %(reason)s.", folder=str(folder), reason=error.strerror)
        ) from None
    return list(texts)
