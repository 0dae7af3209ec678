"""Who is let in, and who is refused with a reason its author can act on."""

from __future__ import annotations

import importlib.metadata
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from codesign.hooks import checks, discovery
from codesign.hooks.host import PluginHost
from codesign.hooks.rules import ScoreRule

Write = Callable[..., Path]

GOOD = """
    from codesign.sdk import Plugin
    from . import hooks
    plugin = Plugin(name="good", title="Good", version="1.2.3", hooks=hooks)
"""
HOOKS = """
    from codesign.sdk import hookimpl
    @hookimpl
    def fill_slot(slot):
        return {"slot": slot}
"""


def only_refusal(host: PluginHost) -> str:
    assert host.plugins == {} and len(host.refused) == 1
    return host.refused[0].reason


def test_a_folder_with_a_card_is_let_in(write_plugin: Write) -> None:
    base = write_plugin("good", GOOD, **{"hooks.py": HOOKS, "slots/idea.aside.html": "x"})
    host = PluginHost.with_folders(base)
    assert host.refused == [] and host.card("good").version == "1.2.3" and host.hooks_of("good") == ("fill_slot",)
    assert host.plugins["good"].part("slots") == base / "good" / "slots"
    assert host.plugins["good"].part("static") is None
    assert "codesign_plugins.good.hooks" in sys.modules and str(base) not in sys.path


def test_a_second_host_in_the_process_gets_the_same_plugin(write_plugin: Write) -> None:
    base = write_plugin("good", GOOD, **{"hooks.py": HOOKS})
    first, second = PluginHost.with_folders(base), PluginHost.with_folders(base)
    assert first.card("good") is second.card("good") and first.rules is not second.rules


@pytest.mark.parametrize(
    ("code", "files", "reason"),
    [
        ("import nowhere", {}, "It cannot be loaded: ModuleNotFoundError: No module named 'nowhere'"),
        ("raise SystemExit(1)", {}, "It cannot be loaded: SystemExit: 1"),
        ("plugin = 3", {}, "it has no card: its module needs plugin = sdk.Plugin(…)"),
        ("card()", {}, "NameError"),
        ("", {}, "it has no card"),
        ("CARD(requires='>=2')", {}, "it needs the hook API >=2, this is 1.0"),
        ("CARD(requires='newest')", {}, "is no list of versions"),
        ("CARD(name='other')", {}, "its folder or entry point is called 'bad', its card says 'other'"),
        ("CARD(name='Bad Name')", {}, "cannot be a plugin's name"),
        ("CARD(scope='galaxy')", {}, "scope is 'space' or 'server', not 'galaxy'"),
        ("CARD(settings=sdk.Settings.from_dict({'n': sdk.fields.Integer()}))", {}, "have no load_default: n"),
        ("CARD(settings=3)", {}, "settings is a marshmallow schema class"),
        ("CARD(events=(sdk.VoteCast,))", {}, "its own event 'vote.cast' must be an sdk.Event named 'bad.<past>'"),
        ("CARD(listens_to=(int,))", {}, "listens_to takes event classes"),
        ("CARD(listens_to=(sdk.VoteCast,))", {}, "it listens to events and has no hook events_recorded"),
        ("CARD(stores_personal_data=True)", {}, "stores personal data and has no hook erase_person"),
        ("CARD(tasks=(sdk.Task('nightly', 'daily', print),))", {}, "every is a number and m, h or d"),
        ("CARD(rules=(sdk.ScoreRule('top', print),))", {}, "ScoreRule 'top' is brought by both 'core' and 'bad'"),
        ("CARD(rules=(sdk.ScoreRule('x', print, parameters={'k': 'gone'}),))", {}, "from a setting 'gone'"),
        ("CARD(pages=3)", {}, "must be made with sdk.Routes"),
        ("r = sdk.Routes(); r.get('/x')(print); CARD(pages=r)", {}, "does not say which right it needs"),
        ("r = sdk.Routes(); r.get('/x', needs='all')(print); CARD(api=r)", {}, "needs 'all'; there are view, "),
        ("r = sdk.Routes(); r.get('x', needs='view')(print); CARD(api=r)", {}, "must begin with /"),
        ("from . import h; CARD(hooks=h)", {"h.py": "def fill_slott(): pass"}, "There are"),
        (
            "from . import h; CARD(hooks=h)",
            {"h.py": "@hookimpl\ndef review_contributions(draft): pass"},
            "It answers a moment that does not exist: review_contributions. Did you mean review_contribution?",
        ),
        (
            "from . import h; CARD(hooks=h)",
            {"h.py": "@hookimpl\ndef dance(): pass"},
            "There are: review_contribution, ",
        ),
        ("from . import h; CARD(hooks=h)", {"h.py": "@hookimpl\ndef fill_slot(request): pass"}, "request"),
        (
            "from . import h; CARD(hooks=h)",
            {"h.py": "@_hookimpl(wrapper=True)\ndef fill_slot():\n    return (yield)"},
            "is a wrapper; hooks are asked one by one",
        ),
    ],
)
def test_what_is_wrong_is_refused_and_said(write_plugin: Write, code: str, files: dict[str, str], reason: str) -> None:
    if reason == "There are":  # an unmarked function is no hook, so nothing is wrong
        reason = ""
    head = "from codesign import sdk\ndef CARD(**parts):\n    global plugin\n"
    head += "    plugin = sdk.Plugin(**{'name': 'bad', 'title': 'Bad', 'version': '1', **parts})\n"
    prelude = "from codesign.sdk import hookimpl\nimport pluggy\n_hookimpl = pluggy.HookimplMarker('codesign')\n"
    base = write_plugin("bad", head + code, **{name: prelude + text for name, text in files.items()})
    host = PluginHost.with_folders(base)
    if not reason:
        assert "bad" in host.plugins and host.hooks_of("bad") == ()
        return
    assert reason in only_refusal(host)
    assert host.refused[0].name == "bad" and host.refused[0].source == str(base / "bad")


def test_the_rest_boots(write_plugin: Write) -> None:
    write_plugin("bad", "import nowhere")
    base = write_plugin("good", GOOD, **{"hooks.py": HOOKS})
    host = PluginHost.with_folders(base)
    assert list(host.plugins) == ["good"] and [refusal.name for refusal in host.refused] == ["bad"]
    assert "No module named 'nowhere'" in host.refused[0].traceback


def test_two_of_one_name_name_both(write_plugin: Write, tmp_path: Path) -> None:
    base = write_plugin("good", GOOD, **{"hooks.py": HOOKS})
    found = list(discovery.in_folders([base]))
    host = PluginHost()
    host.load([*found, discovery.Found("good", "package good-plugin", lambda: None)])
    assert host.refused[0].reason == f"there are two plugins called 'good': this one and {base / 'good'}"


def test_two_rules_of_one_name_name_both(write_plugin: Write) -> None:
    code = "from codesign.sdk import Plugin, ScoreRule\nplugin = Plugin('{0}', 'x', '1', rules=(ScoreRule('mine', print),))"
    write_plugin("first", code.format("first"))
    host = PluginHost.with_folders(write_plugin("second", code.format("second")))
    assert list(host.plugins) == ["first"] and host.rules.find(ScoreRule, "mine") is not None
    assert host.refused[0].reason == "ScoreRule 'mine' is brought by both 'first' and 'second'"


@pytest.mark.parametrize(
    ("setting", "names"),
    [("", ["good", "other"]), ("none", []), ("other", ["other"]), ("other, good", ["good", "other"])],
)
def test_safe_mode_and_allow_list(write_plugin: Write, setting: str, names: list[str]) -> None:
    write_plugin("good", GOOD, **{"hooks.py": HOOKS})
    base = write_plugin("other", GOOD.replace("good", "other"), **{"hooks.py": HOOKS})
    host = PluginHost.with_folders(base, allow=setting)
    assert sorted(host.plugins) == names and host.refused == []
    assert sorted(found.name for found in host.left_out) == sorted({"good", "other"} - set(names))


def test_what_is_not_allowed_is_not_even_imported(write_plugin: Write) -> None:
    base = write_plugin("bad", "raise SystemError")
    assert PluginHost.with_folders(base, allow="none").refused == []


def test_an_installed_package_is_found_by_its_entry_point(write_plugin: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder of the package gives templates and slots, as a bundled plugin's does."""
    base = write_plugin("packed", GOOD.replace("good", "packed"), **{"hooks.py": HOOKS, "slots/idea.aside.html": "x"})
    monkeypatch.syspath_prepend(str(base))
    point = importlib.metadata.EntryPoint("packed", "packed:plugin", discovery.GROUP)
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda group: [point] if group == discovery.GROUP else [])
    host = PluginHost()
    host.load(discovery.in_packages())
    assert host.refused == [] and host.plugins["packed"].part("slots") == base / "packed" / "slots"
    sys.modules.pop("packed"), sys.modules.pop("packed.hooks")


@pytest.mark.parametrize(
    ("requires", "version", "fits"),
    [
        (">=1.0,<2", (1, 0), True), (">=1.0,<2", (1, 7), True), (">=1.0,<2", (2, 0), False), (">=1.3", (1, 2), False),
        ("==1.0", (1, 0), True), ("> 1, <= 1.4", (1, 4), True), ("<1", (1, 0), False),
    ],
)  # fmt: skip
def test_versions_of_the_hook_api(requires: str, version: tuple[int, int], fits: bool) -> None:
    assert checks.fits(requires, version) is fits


def test_the_host_never_touches_the_web() -> None:
    """Services may ask plugins, so nothing the host imports may reach Flask (routes, slots and pages stand above it)."""
    code = (
        "import sys; import codesign.hooks.rules, codesign.hooks.card, codesign.hooks.routes, codesign.hooks.runner;"
        "print('flask' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize("path", ["/elsewhere", "/-/bad/{nothing}", "/-/bad/{"])
def test_a_bell_leads_to_a_page_of_its_plugin(write_plugin: Write, path: str) -> None:
    code = f"""
from codesign import sdk

@sdk.event("bad.rang", sdk.TEAM, bell=sdk.Bell("team", "It rang.", {path!r}))
class Rang(sdk.Event):
    line_id: str

plugin = sdk.Plugin(name="bad", title="Bad", version="1", events=(Rang,))
"""
    host = PluginHost.with_folders(write_plugin("bad", code))
    assert [each.name for each in host.refused] == ["bad"] and "must lead to a page of its own" in host.refused[
        0
    ].reason
