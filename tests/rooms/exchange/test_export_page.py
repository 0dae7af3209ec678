"""Owners take their space along from the page where it is deleted; nobody else gets at the file."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from codesign.accounts.queries import get_person
from codesign.exchange.archive.writing import export_space
from codesign.exchange.pages import archive as pages
from tests.support.world import World


def get(app, token: str, slug: str = "lively"):
    """The answer to a request for a space's file."""
    return app.test_client().get(f"/spaces/{slug}/export.zip", headers={"Authorization": f"Bearer {token}"})


def test_owners_get_what_the_command_line_gives(app, lively: World, make_token, tmp_path: Path) -> None:
    """The same bytes, without addresses; never kept by a cache."""
    owner = get_person(str(lively.owner.person_id))
    answer = get(app, make_token(owner))
    assert answer.status_code == 200 and answer.mimetype == "application/zip"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Disposition"] == "attachment; filename=lively.zip"
    export_space("lively", tmp_path / "space.zip")
    assert answer.data == (tmp_path / "space.zip").read_bytes()
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        assert b"@example.org" not in archive.read("person.jsonl")


def test_nobody_else_gets_it(app, make_world, make_token, make_person) -> None:
    """Others in the team may not; of a private space strangers learn nothing; a token needs its scope."""
    world = make_world(slug="lively")
    hidden = make_world(slug="hidden", visibility="private")
    moderator = get_person(str(world.moderator.person_id))
    stranger = make_person()
    assert get(app, make_token(moderator)).status_code == 403
    assert get(app, make_token(stranger)).status_code == 403
    assert get(app, make_token(stranger), "hidden").status_code == 404
    assert get(app, make_token(stranger), "no-such-space").status_code == 404
    assert app.test_client().get("/spaces/hidden/export.zip").status_code == 404
    owner = get_person(str(hidden.owner.person_id))
    assert get(app, make_token(owner, "read"), "hidden").status_code == 403
    assert get(app, make_token(owner, "admin"), "hidden").status_code == 200


def test_one_file_is_written_at_a_time(app, lively: World, make_token) -> None:
    """The second one is asked to come back; afterwards the door is open again."""
    token = make_token(get_person(str(lively.owner.person_id)))
    with pages._writing:
        answer = get(app, token)
        assert answer.status_code == 503 and int(answer.headers["Retry-After"]) > 0
    assert get(app, token).status_code == 200


def test_the_headers_alone_cost_no_archive(app, lively: World, make_token, make_person) -> None:
    """A browser or a link checker that only looks takes nobody's turn; who may not have the file learns no more."""
    asking = {"Authorization": f"Bearer {make_token(get_person(str(lively.owner.person_id)))}"}
    with pages._writing:
        answer = app.test_client().head("/spaces/lively/export.zip", headers=asking)
    assert answer.status_code == 200 and answer.mimetype == "application/zip" and not answer.data
    assert answer.headers["Cache-Control"] == "no-store" and "Content-Length" not in answer.headers
    stranger = {"Authorization": f"Bearer {make_token(make_person())}"}
    assert app.test_client().head("/spaces/lively/export.zip", headers=stranger).status_code == 403
