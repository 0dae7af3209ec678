"""In which language a page comes, who remembers it, and how numbers, moments and plurals are written in it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from babel.messages import Catalog
from babel.messages.mofile import write_mo
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale, gettext

from codesign.accounts import queries
from codesign.accounts.service import create_person, speak
from codesign.kernel.actor import SYSTEM
from codesign.kernel.text import _, said
from codesign.spaces.queries import list_statuses
from codesign.spaces.service import create_space
from codesign.testing import Clock
from codesign.web import catalogues, texts
from codesign.web.text import ago, day, plural_forms, short
from tests.support.pages import Browser

GERMAN = {"Accept-Language": "de-AT,de;q=0.9,en;q=0.5"}


@pytest.mark.parametrize(
    ("asked", "language"),
    [("", "en"), ("de-AT,de;q=0.9,en;q=0.5", "de"), ("fr,de;q=0.5", "de"), ("fr", "en"), ("en-US,de;q=0.4", "en")],
)
def test_the_browser_says_which_language_it_wants(client: FlaskClient, asked: str, language: str) -> None:
    """Of what it asks for, the best that we have; otherwise the server's own."""
    page = client.get("/sign-in", headers={"Accept-Language": asked}).get_data(as_text=True)
    assert f'<html lang="{language}" dir="ltr"' in page
    assert ("Anmelden" in page) is (language == "de")


def test_refusals_are_told_in_that_language_too(client: FlaskClient) -> None:
    """On pages and to programs."""
    assert "Hier ist nichts" in client.get("/spaces/none", headers=GERMAN).get_data(as_text=True)
    answer = client.get("/api/v1/spaces/none", headers=GERMAN).get_json()
    assert answer["detail"] == "Diesen Raum gibt es nicht, oder du darfst ihn nicht sehen."
    assert answer["code"] == client.get("/api/v1/spaces/none").get_json()["code"] == "not_found"


def test_the_footer_switches_without_scripts(app: Flask) -> None:
    """One form, one press; the browser keeps it, whatever it asks for. What we do not speak changes nothing."""
    page = Browser(app).open("/sign-in").press("Set", language="de")
    assert (page.address, page.status) == ("/sign-in", 200) and "Passwort" in page
    again = page.browser.open("/sign-in")
    assert 'lang="de"' in again.html and again.button("Anmelden")
    assert "Password" in again.press("Übernehmen", language="en")
    page.browser.visitor.send("/preferences", language="xx", next="/")
    assert 'lang="en"' in page.browser.open("/sign-in").html


def test_what_a_person_chose_goes_along_to_another_browser(app: Flask, make_person: Callable[..., Any]) -> None:
    """The footer's choice is kept of who is signed in, and comes with signing in elsewhere; others keep theirs."""
    ann, ben = make_person("Ann"), make_person("Ben")
    Browser.of(app, ann.id).open("/me").press("Set", language="de")
    person = queries.get_person(ann.id)
    assert person is not None and person.locale == "de"
    assert "Meine Seite" in Browser.of(app, ann.id).open("/me")
    assert "My page" in Browser.of(app, ben.id).open("/me")
    assert queries.language_of(ben.id) == "en", "what somebody first read is noted, for letters"


def test_the_people_of_a_demo_keep_no_language(make_app: Callable[..., Flask]) -> None:
    """They are somebody else each time."""
    app = make_app(demo=True)
    vera = create_person(SYSTEM, name="Vera", demo_role="owner")
    Browser.of(app, vera.id)
    assert queries.language_of(vera.id) is None


def test_the_profile_sets_it_for_pages_and_letters(app: Flask, make_person: Callable[..., Any]) -> None:
    """One setting; pages follow at once."""
    ann = make_person("Ann")
    page = Browser.of(app, ann.id).open("/me").press("Save", locale="de")
    assert "Gespeichert." in page and queries.language_of(ann.id) == "de"


def test_what_waits_for_the_next_page_is_said_in_its_language(app: Flask, make_person: Callable[..., Any]) -> None:
    """What was done is told by the page after it, with all that was filled in."""
    ann = make_person("Ann", is_admin=True)
    speak(ann.id, "de")
    page = Browser.of(app, ann.id).open("/spaces/new").press("Raum anlegen", name="Räder", template="blank")
    assert "Räder ist bereit. Lade ein, für wen es ist." in page


def test_a_new_space_begins_in_its_owners_language(app: Flask, make_person: Callable[..., Any]) -> None:
    """The names of its statuses are data from then on; without a known language they are the server's."""
    ann = make_person("Ann")
    speak(ann.id, "de")
    german = create_space(SYSTEM, name="Räder", owner_id=ann.id)
    english = create_space(SYSTEM, name="Wheels", owner_id=make_person("Ben").id)
    assert [status.name for status in list_statuses(german.id)][:2] == ["Offen", "In Prüfung"]
    assert [status.name for status in list_statuses(english.id)][:2] == ["Open", "Under review"]


def test_the_first_language_is_the_servers_own(make_app: Callable[..., Flask]) -> None:
    """For who asks for none of ours, and for letters to people whose language nobody knows."""
    client = make_app(languages="de,en").test_client()
    assert 'lang="de"' in client.get("/sign-in", headers={"Accept-Language": "fr"}).get_data(as_text=True)
    assert said(_("Confirm your address"), None) == "Bestätige deine Adresse"
    assert said(_("Confirm your address"), "en") == "Confirm your address"
    assert said(_("%(title)s: %(sentence)s", title="Bell", sentence=_("The team answered.")), "de") == (
        "Bell: Das Team hat geantwortet."
    )


def test_a_language_with_one_choice_offers_no_switch(make_app: Callable[..., Flask]) -> None:
    """Nobody is asked what there is no choice of."""
    assert 'id="language"' not in make_app(languages="en").test_client().get("/sign-in").get_data(as_text=True)


def test_languages_are_written_from_the_right_where_they_are(make_app: Callable[..., Flask]) -> None:
    """The page says so, and styles follow."""
    assert '<html lang="ar" dir="rtl"' in make_app(languages="ar").test_client().get("/sign-in").get_data(as_text=True)


def test_a_plugin_speaks_by_a_catalogue_of_its_own(app: Flask, tmp_path: Path) -> None:
    """What ours says too is said as ours says it."""
    words = Catalog(locale="de")
    words.add("Only the plugin says this.", "Das sagt nur das Plugin.")
    words.add("Sign in", "Von fremder Hand")
    folder = tmp_path / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "messages.mo").open("wb") as file:
        write_mo(file, words)
    catalogues.add_folder(app, tmp_path)
    with app.test_request_context(), force_locale("de"):
        assert gettext("Only the plugin says this.") == "Das sagt nur das Plugin."
        assert gettext("Sign in") == "Anmelden"


def test_numbers_moments_and_plurals_are_written_as_people_read_them(app: Flask, clock: Clock) -> None:
    """Decimal commas, dates in their own order, as many plural forms as there are; scripts get them by name."""
    autumn, spring = datetime(2025, 10, 3, 9, tzinfo=UTC), datetime(2026, 1, 3, 9, tzinfo=UTC)
    clock.set(datetime(2026, 3, 2, 9, tzinfo=UTC))
    hour = datetime(2026, 3, 2, 8, tzinfo=UTC)
    with app.test_request_context():
        with force_locale("en"):
            assert short(12_431) == "12.4\u00a0k" and ">1 hour ago<" in ago(hour)
            assert ">3 October 2025<" in day(autumn) and ">3 January<" in day(spring)
            assert plural_forms("%(num)s vote", "%(num)s votes") == {"one": "%(num)s vote", "other": "%(num)s votes"}
        with force_locale("de"):
            assert short(12_431) == "12,4\u00a0k" and ">vor 1 Stunde<" in ago(hour)
            assert ">3. Oktober 2025<" in day(autumn) and ">3. Januar<" in day(spring)
            assert plural_forms("%(num)s vote", "%(num)s votes") == {
                "one": "%(num)s Stimme",
                "other": "%(num)s Stimmen",
            }
        with force_locale("ar"):
            assert set(plural_forms("a", "b")) == {"zero", "one", "two", "few", "many", "other"}


def test_what_is_kept_of_sentences_and_moments_is_kept_for_a_language_and_a_zone(app: Flask, clock: Clock) -> None:
    """A page says the same hundreds of sentences again and again; what fills them in is escaped each time."""
    clock.set(datetime(2026, 3, 2, 9, tzinfo=UTC))
    page = (
        "{{ _('Sign in') }} {{ _('Select %(title)s', title=name) }} {{ ngettext('%(num)s idea', '%(num)s ideas', 2) }}"
    )
    drawn = {}
    for language, name in (("en", "<b>"), ("de", "<i>"), ("en", "<u>")):
        with app.test_request_context(), force_locale(language):
            drawn[name] = app.jinja_env.from_string("{% autoescape true %}" + page + "{% endautoescape %}").render(
                name=name
            )
    assert drawn["<b>"] == "Sign in Select &lt;b&gt; 2 ideas" and drawn["<u>"] == "Sign in Select &lt;u&gt; 2 ideas"
    assert drawn["<i>"].startswith("Anmelden ") and "&lt;i&gt;" in drawn["<i>"] and drawn["<i>"].endswith("2 Ideen")
    for language, word in (("en", "just now"), ("de", "gerade eben"), ("en", "just now")):
        with app.test_request_context(), force_locale(language):
            assert f'"time.now": "{word}"' in texts.script_texts()
    night = datetime(2026, 1, 3, 23, 30, tzinfo=UTC)
    for zone, date in (("UTC", "3 January"), ("Asia/Tokyo", "4 January"), ("UTC", "3 January")):
        with app.test_request_context(headers={"Cookie": f"zone={zone}"}):
            assert f">{date}<" in day(night)
