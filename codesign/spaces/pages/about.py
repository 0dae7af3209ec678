"""What a space is for, how it works, who answers for it."""

from __future__ import annotations

from flask import render_template, url_for

from codesign.accounts.facts import PersonFact
from codesign.accounts.queries import get_people
from codesign.events.log import head
from codesign.kernel.db import read
from codesign.spaces import queries, words
from codesign.spaces.access import look
from codesign.spaces.pages.base import blueprint
from codesign.web.identity import current_actor


@blueprint.get("/spaces/<space>/about")
def about(space: str) -> str:
    """Purpose, goal, promise, rules in words, phases with dates, people responsible."""
    with read():
        access = look(current_actor(), space)
        members = [member for member in queries.list_team(access.space.id) if member.role in ("owner", "product")]
        people = get_people(member.person_id for member in members)
        statuses, seq = queries.list_statuses(access.space.id), head(access.space.id)
    # Only who lets others read their name stands here; the words "People responsible" can name anybody.
    team = [(member.name, member.role) for member in members if _is_named(people[member.person_id])]
    return render_template(
        "spaces/about.html", space=access.space, team=team, statuses=statuses, words=words, active="about", seq=seq,
        page_url=url_for("spaces.about", space=access.space.slug, _external=True),
    )  # fmt: skip


def _is_named(person: PersonFact) -> bool:
    return bool(person.name) and person.show_name and not person.erased
