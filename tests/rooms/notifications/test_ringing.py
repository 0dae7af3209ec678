"""Events that ring a bell by themselves, of whatever plugin: for those it is meant for, with a letter where it says so."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask

from codesign import sdk
from codesign.kernel.actor import SYSTEM
from codesign.notifications import queries, service
from codesign.spaces.service import add_member, change_member
from codesign.testing import Clock, actor_of
from tests.support.visitor import Visitor

SAYS = "A connection to your customer system stopped by itself."


@pytest.fixture
def stopped(app: Flask, plugins: Any, make_space: Any, make_person: Any) -> Any:
    """A space of Olga's with Mo as moderator, in which a connection stops by itself when asked to."""
    olga, mo = make_person("Olga"), make_person("Mo")
    space = make_space(owner=olga, name="City <bike>")
    add_member(SYSTEM, space.id, mo.id, "moderator")
    plugins.enable("crm_export", space)

    def stop() -> str:
        from codesign_plugins.crm_export import connections
        from codesign_plugins.crm_export.connector import Connector

        with app.app_context():
            csv = sdk.rules(Connector, space.id)["csv"]
            made, _secret = connections.make(space.id, csv, "Files", "", "", "")
            connections.pause(space.id, made, "secret_refused", by_itself=True)
        service.deliver(space.id)
        service.deliver(space.id)
        return made

    return olga, mo, space, stop


def test_owners_hear_of_a_connection_that_stopped_and_get_one_letter(stopped: Any, clock: Clock) -> None:
    olga, mo, space, stop = stopped
    made = stop()
    (notice,) = queries.list_notices(actor_of(olga))
    assert (notice.says, notice.space_name, notice.idea_title) == (SAYS, "City <bike>", "")
    path = f"/spaces/{space.slug}/-/crm_export/connections/{made}"
    assert queries.where_to(actor_of(olga), space.id, notice.seq) == path
    assert queries.list_notices(actor_of(mo)) == [] and queries.count_unread(mo.id) == 0
    (letter,) = queries.list_letters(SYSTEM)
    assert (letter.person_id, letter.subject) == (olga.id, SAYS)
    assert re.findall(r"https?://\S+", letter.body)[0].endswith(path) and "bike>" not in letter.body
    stop()
    assert queries.count_unread(olga.id) == 2 and len(queries.list_letters(SYSTEM)) == 1, "one letter an hour"
    clock.advance(hours=1)
    stop()
    assert len(queries.list_letters(SYSTEM)) == 2


def test_who_no_longer_owns_the_space_reads_nothing_of_it(stopped: Any) -> None:
    olga, mo, space, stop = stopped
    stop()
    change_member(SYSTEM, space.id, mo.id, role="owner")
    change_member(SYSTEM, space.id, olga.id, role="contributor")
    assert queries.list_notices(actor_of(olga)) == []


def test_the_page_of_notices_says_it_and_leads_there(stopped: Any, app: Flask) -> None:
    olga, _mo, space, stop = stopped
    made, visitor = stop(), Visitor.of(app, olga)
    page = visitor.get("/me/notices").text
    assert SAYS in page and "City &lt;bike&gt;" in page
    notice = queries.list_notices(actor_of(olga))[0]
    answer = visitor.get(f"/me/notices/{space.id}/{notice.seq}")
    assert answer.location.endswith(f"/spaces/{space.slug}/-/crm_export/connections/{made}")
    assert "refuses the secret" in visitor.words(answer.location)
