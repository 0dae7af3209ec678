"""Languages, and how numbers and moments are written."""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo
from functools import lru_cache

from babel import Locale, negotiate_locale
from babel.dates import format_date, format_datetime, format_skeleton
from babel.numbers import format_decimal, get_decimal_symbol
from flask import Flask, current_app, has_request_context, request
from flask_babel import (
    Babel,
    get_locale,
    get_timezone,
    get_translations,
    gettext,
    ngettext,
    to_user_timezone,
)
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup

from codesign.kernel import clock
from codesign.kernel import text as kernel_text
from codesign.kernel.text import Sentence
from codesign.web import catalogues

LANGUAGE_COOKIE = "lang"
ZONE_COOKIE = "zone"
_EXACT_BELOW = 10_000
_THIN_SPACE = "\u202f"
EXTENSION = "codesign.web.text"
#: So many sentences are kept, each in each language it was asked for in; and so many moments as they are written.
MOST_SENTENCES, MOST_MOMENTS = 20_000, 5_000


def install(app: Flask, languages: Sequence[str]) -> None:
    """Set up translation into *languages*; the first is the default."""
    app.config.setdefault("LANGUAGES", list(languages))
    Babel(
        app,
        default_locale=languages[0].replace("-", "_"),
        default_translation_directories=str(catalogues.OURS),
        locale_selector=_choose_locale,
        timezone_selector=choose_zone,
    )
    kernel_text.use(app.config["LANGUAGES"], catalogues.speaker(app))
    app.jinja_env.filters.update(number=number, short=short, exact=exact, ago=ago, day=day, say=say, initial=initial)
    app.jinja_env.filters.update(decimals=decimals)
    app.jinja_env.globals.update(_=_in_page, gettext=_in_page, ngettext=_counted_in_page)
    # Of this app alone: another one may speak from other catalogues.
    app.extensions[EXTENSION] = lru_cache(MOST_SENTENCES)(lambda message, locale: get_translations().ugettext(message))


def translated(message: str) -> str:
    """*message* in the viewer's language. A page says hundreds of sentences: each is looked up once for a language."""
    said: str = current_app.extensions[EXTENSION](message, get_locale())
    return said


@pass_eval_context
def _in_page(context: EvalContext, message: str, /, **parameters: object) -> str:
    """``_`` and ``gettext`` of templates: as Jinja's own, without passing three calls for each sentence."""
    said = translated(message)
    if not parameters:
        said %= {}
        return Markup(said) if context.autoescape else said  # noqa: S704 - our own words
    return (Markup(said) if context.autoescape else said) % parameters  # noqa: S704 - our own words


@pass_eval_context
def _counted_in_page(context: EvalContext, singular: str, plural: str, num: int, /, **parameters: object) -> str:
    """``ngettext`` of templates."""
    said = get_translations().ungettext(singular, plural, num)
    return (Markup(said) if context.autoescape else said) % {"num": num, **parameters}  # noqa: S704 - our own words


def choose_language() -> str | None:
    """The language the viewer chose, else the best their browser asks for."""
    if not has_request_context():
        return None
    offered: list[str] = current_app.config["LANGUAGES"]
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    wanted = [chosen] if chosen in offered else list(request.accept_languages.values())
    best: str = negotiate_locale(wanted, offered, sep="-") or offered[0]
    return best.replace("-", "_")


def _choose_locale() -> Locale | None:
    """One object for each language: what is kept for a language is found at once where it is the very same."""
    language = choose_language()
    return _locale(language) if language else None


_locale = lru_cache(Locale.parse)


def page_language() -> str:
    """The language of this page, as it is written in HTML and kept of a person: ``de``, ``pt-BR``."""
    return str(get_locale() or "en").replace("_", "-")


def choose_zone() -> str | None:
    """The time zone the viewer's browser told in a cookie, so that exact times are right before any script runs."""
    zone = request.cookies.get(ZONE_COOKIE, "") if has_request_context() else ""
    if not re.fullmatch(r"[A-Za-z_+-]+(/[A-Za-z0-9_+-]+){0,2}", zone):
        return None
    try:
        zoneinfo.ZoneInfo(zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return None
    return zone


def say(text: str) -> str:
    """*text* in the viewer's language: kernel sentences are translated, their parameters too; other text stays."""
    if not isinstance(text, Sentence):
        return text
    parameters = {name: say(value) if isinstance(value, str) else value for name, value in text.parameters.items()}
    said = translated(text.message)
    return said % parameters if parameters else said


def exact(count: int) -> str:
    """A whole number in full, thousands kept apart by a narrow space."""
    return f"{count:,}".replace(",", _THIN_SPACE)


def short(count: int) -> str:
    """A whole number as it is below 10,000, then in thousands or millions with one decimal."""
    if abs(count) < _EXACT_BELOW:
        return exact(count)
    scale, unit = (1_000, "k") if abs(count) < 999_950 else (1_000_000, "M")
    written = format_decimal(round(count / scale, 1), format="#,##0.#", locale=get_locale() or Locale("en"))
    return f"{written}\u00a0{unit}"


def decimals(value: float | str, digits: int = 2) -> str:
    """A number, rounded unless it is written already, with the decimal mark of the viewer's language."""
    written = value if isinstance(value, str) else str(round(value, digits))
    return written.replace(".", _decimal_mark(get_locale() or Locale("en")))


_decimal_mark = lru_cache(get_decimal_symbol)


def number(count: int | None) -> Markup | str:
    """A count for a page; one that is shortened carries the exact number as its title."""
    if count is None:
        return "–"
    if abs(count) < _EXACT_BELOW:
        return exact(count)
    return Markup('<span title="{}">{}</span>').format(exact(count), short(count))


def _moment(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _relative(moment: datetime, today: datetime) -> str:
    seconds = max(0, int((today - moment).total_seconds()))
    if seconds < 45:
        return gettext("just now")
    if seconds < 3600:
        return ngettext("%(num)s minute ago", "%(num)s minutes ago", max(1, round(seconds / 60)))
    if seconds < 86_400:
        return ngettext("%(num)s hour ago", "%(num)s hours ago", round(seconds / 3600))
    days = seconds // 86_400
    return gettext("yesterday") if days == 1 else ngettext("%(num)s day ago", "%(num)s days ago", days)


def ago(moment: datetime | None) -> Markup | str:
    """A ``<time>``: relative under a week, then the date; the exact moment as its title."""
    if moment is None:
        return ""
    today = clock.now()
    recent = timedelta() <= today - moment + timedelta(minutes=1) < timedelta(days=7)
    text = _relative(moment, today) if recent else _date(moment, today)
    return _element(moment, text, "ago")


def day(moment: datetime | None) -> Markup | str:
    """A ``<time>`` that shows the date; the exact moment as its title."""
    return "" if moment is None else _element(moment, _date(moment, clock.now()), "day")


def _date(moment: datetime, today: datetime) -> str:
    return _written_date(
        moment, to_user_timezone(moment).year == today.year, get_locale() or Locale("en"), get_timezone()
    )


@lru_cache(MOST_MOMENTS)
def _written_date(moment: datetime, this_year: bool, locale: Locale, zone: tzinfo) -> str:
    local = moment.astimezone(zone)
    if locale.language == "en":  # day first, as most of the world that reads English does
        return format_date(local, "d MMMM" if this_year else "d MMMM y", locale=locale)
    return format_skeleton("MMMMd", local, locale=locale) if this_year else format_date(local, "long", locale=locale)


def _element(moment: datetime, text: str, form: str) -> Markup:
    return _drawn(moment, text, form, get_locale() or Locale("en"), get_timezone())


@lru_cache(MOST_MOMENTS)
def _drawn(moment: datetime, text: str, form: str, locale: Locale, zone: tzinfo) -> Markup:
    title = format_datetime(moment, "medium", tzinfo=zone, locale=locale)
    return Markup('<time datetime="{}" title="{}" data-form="{}">{}</time>').format(_moment(moment), title, form, text)


def initial(name: str | None) -> str:
    """The letter for a face."""
    letters = [letter for letter in name or "" if letter.isalnum()]
    return letters[0].upper() if letters else "?"


def plural_forms(singular: str, plural: str) -> dict[str, str]:
    """Both forms (or as many as the language has) of a counted sentence, by CLDR category, for scripts."""
    locale = get_locale() or Locale("en")
    samples = (0, 1, 2, 3, 5, 11, 21, 100)
    catalogue = get_translations()
    return {str(locale.plural_form(count)): catalogue.ngettext(singular, plural, count) for count in samples}
