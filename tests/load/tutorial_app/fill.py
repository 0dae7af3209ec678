"""The crowd in the tables of the peer."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any

from flask import Flask
from sqlalchemy import insert, text

from codesign.cli.progress import bar
from tests.load.crowd import Crowd
from tests.load.tutorial_app import create_app, db
from tests.load.tutorial_app.models import Comment, Idea, User, Vote

AT_ONCE = 5_000


def fill(url: str, crowd: Crowd) -> Flask:
    """An app with all of the crowd. Numbers of ideas and people are the crowd's plus one."""
    from tests.load.big import moment

    app = create_app(url)
    votes = crowd.votes()
    with app.app_context():
        put(User, ({"id": n + 1, "name": f"Person {n}"} for n in range(crowd.people)))
        put(Idea, (
            {
                "id": each.number + 1, "title": each.title, "body": each.body, "status": each.kind,
                "created_at": moment(each.at), "author_id": each.author + 1,
            }
            for each in crowd.proposals
        ))  # fmt: skip
        put(Vote, (
            {"idea_id": idea + 1, "user_id": person + 1, "created_at": moment(at)} for at, idea, person in votes
        ))  # fmt: skip
        put(Comment, (
            {"idea_id": idea + 1, "user_id": person + 1, "body": words, "created_at": moment(at)}
            for at, idea, person, words in crowd.comments()
        ))  # fmt: skip
        if db.engine.dialect.name == "postgresql":  # it does so by itself after a while; SQLite never does
            with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as line:
                line.execute(text("VACUUM ANALYZE"))
    return app


def put(model: Any, rows: Iterable[dict[str, Any]]) -> None:
    """Write rows into a table."""
    source = iter(rows)
    with bar(f"  peer: {model.__tablename__}"):
        while some := list(islice(source, AT_ONCE)):
            db.session.execute(insert(model), some)
            db.session.commit()
