"""The pages of plugins: axe finds nothing on them, nothing is cut off on a phone, a setting is saved by hand."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.test_accessible import SIZES, complaints
from tests.support.town import Town

PLUGINS = ("crm_export", "moderation_rules", "scoring", "search")
pytestmark = pytest.mark.timeout(500)


def post(town: Town, path: str, **form: str) -> str:
    """Send a form as Olga; where it leads."""
    answer = town.api.post(f"{town.url}{path}", data=form)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


@pytest.fixture
def space(town: Town) -> str:
    """The path of a space of Olga's with an idea in which all plugins are on."""
    made = town.space()
    town.idea(made, "A lamp that lights up while I stand still")
    for name in PLUGINS:
        post(town, f"/spaces/{made['slug']}/settings/plugins/{name}/on")
    return f"/spaces/{made['slug']}"


@pytest.mark.full
def test_axe_finds_nothing_and_a_phone_shows_it_all(town: Town, space: str) -> None:
    crm = f"{space}/-/crm_export"
    line = post(town, f"{crm}/connections", connector="hubspot", title="Our customers", secret="pat")
    post(town, f"{line}/pause")  # nobody outside is called
    post(town, f"{space}/desk/fields/ready", method="rice")
    addresses = [
        "/admin/plugins", *(f"/admin/plugins/{name}" for name in PLUGINS), "/admin/plugins/moderation_rules/settings",
        f"{space}/settings/plugins", *(f"{space}/settings/plugins/{name}" for name in PLUGINS),
        f"{crm}/", f"{crm}/consent", line, f"{line}/mapping", f"{line}/dry-run",
        *(f"{space}/desk/what-if?rule={tried}" for tried in ("rice", "hot", "formula&set.formula=up/", "formula&set.formula=up")),
    ]  # fmt: skip
    found = {}
    page = town.screen("olga", bypass_csp=True)
    for address in addresses:
        page.goto(address if address.startswith("http") else f"{town.url}{address}")
        for theme, size in (("light", "desk"), ("dark", "phone")):
            page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
            page.set_viewport_size(SIZES[size])  # type: ignore[arg-type]
            problems = complaints(page)
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                problems.append("it is wider than the screen")
            if problems:
                found[f"{address}, {theme}, {size}"] = problems
    assert found == {}


@pytest.mark.full
def test_a_team_adds_a_pattern_and_a_language_by_hand(town: Town, space: str) -> None:
    page = town.screen("olga", f"{town.url}{space}/settings/plugins/moderation_rules")
    page.get_by_label("Deutsch").check()
    page.get_by_label("Your own patterns").fill("order no\\. ?\\d+\n(")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#own_patterns-error")).to_contain_text("Line 2: This is no pattern")
    expect(page.get_by_label("Deutsch")).to_be_checked()
    page.get_by_label("Your own patterns").fill("order no\\. ?\\d+")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(page.get_by_label("Your own patterns")).to_have_value("order no\\. ?\\d+")
    expect(page.get_by_label("Deutsch")).to_be_checked()
    expect(page.get_by_label("English")).to_be_checked()
