"""Pages, the API and the votes."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, jsonify, render_template, request
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from tests.load.tutorial_app import db, socketio
from tests.load.tutorial_app.models import Comment, Idea, StatusChange, User, Vote

blueprint = Blueprint("ideas", __name__)
STATUSES = ("open", "review", "planned", "building", "shipped", "declined")


def page_of_ideas(per_page: int) -> tuple[Any, dict[int, int], dict[int, int]]:
    """The ideas the address asks for, with how many votes and comments those of the page have."""
    query = select(Idea).options(joinedload(Idea.author))
    if status := request.args.get("status"):
        query = query.where(Idea.status == status)
    if words := request.args.get("q"):
        for word in words.split():
            query = query.where(Idea.title.ilike(f"%{word}%") | Idea.body.ilike(f"%{word}%"))
    if request.args.get("sort", "top") == "top":
        counts = select(Vote.idea_id, func.count().label("n")).group_by(Vote.idea_id).subquery()
        query = query.outerjoin(counts, counts.c.idea_id == Idea.id)
        query = query.order_by(func.coalesce(counts.c.n, 0).desc(), Idea.id)
    else:
        query = query.order_by(Idea.created_at.desc(), Idea.id.desc())
    page = db.paginate(query, per_page=per_page, max_per_page=100)
    ids = [idea.id for idea in page.items]
    return page, count_by_idea(Vote, ids), count_by_idea(Comment, ids)


def count_by_idea(model: Any, ids: list[int]) -> dict[int, int]:
    """How many votes or comments ideas have."""
    query = select(model.idea_id, func.count()).where(model.idea_id.in_(ids)).group_by(model.idea_id)
    return {row[0]: row[1] for row in db.session.execute(query)}


@blueprint.get("/")
def index() -> str:
    """The list."""
    page, votes, comments = page_of_ideas(25)
    return render_template("index.html", page=page, votes=votes, comments=comments, statuses=STATUSES)


@blueprint.get("/admin")
def admin() -> str:
    """The list for the team, with boxes to tick and the number of ideas of each status."""
    page, votes, comments = page_of_ideas(50)
    counts = db.session.execute(select(Idea.status, func.count()).group_by(Idea.status)).all()
    return render_template(
        "admin.html", page=page, votes=votes, comments=comments, counts=dict(map(tuple, counts)), statuses=STATUSES
    )


@blueprint.get("/ideas/<int:idea_id>")
def show(idea_id: int) -> str:
    """One idea."""
    idea = db.get_or_404(Idea, idea_id)
    return render_template("show.html", idea=idea, votes=count_by_idea(Vote, [idea_id]).get(idea_id, 0))


@blueprint.get("/api/ideas")
def api_ideas() -> Response:
    """The list for programs."""
    page, votes, comments = page_of_ideas(request.args.get("per_page", 25, int))
    return jsonify(
        ideas=[
            {
                "id": idea.id, "title": idea.title, "body": idea.body, "status": idea.status,
                "created_at": idea.created_at.isoformat(), "author": {"id": idea.author.id, "name": idea.author.name},
                "votes": votes.get(idea.id, 0), "comments": comments.get(idea.id, 0),
            }
            for idea in page.items
        ],
        page=page.page, pages=page.pages, total=page.total,
    )  # fmt: skip


@blueprint.post("/ideas/<int:idea_id>/vote")
def vote(idea_id: int) -> Response:
    """Vote, or take the vote back."""
    user = db.get_or_404(User, request.form.get("user_id", type=int))
    idea = db.get_or_404(Idea, idea_id)
    found = db.session.scalar(select(Vote).where(Vote.idea_id == idea.id, Vote.user_id == user.id))
    if found:
        db.session.delete(found)
    else:
        db.session.add(Vote(idea_id=idea.id, user_id=user.id, created_at=func.now()))
    try:
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        abort(409)
    count = count_by_idea(Vote, [idea_id]).get(idea_id, 0)
    socketio.emit("vote", {"idea": idea_id, "votes": count})
    return jsonify(votes=count)


@blueprint.post("/admin/status")
def change_status() -> Response:
    """Give many ideas another status."""
    status = request.form["status"]
    ideas = db.session.scalars(select(Idea).where(Idea.id.in_(request.form.getlist("id", int)))).all()
    batch = (db.session.scalar(select(func.max(StatusChange.batch))) or 0) + 1
    for idea in ideas:
        db.session.add(StatusChange(batch=batch, idea_id=idea.id, old=idea.status, new=status))
        idea.status = status
    db.session.commit()
    for idea in ideas:
        socketio.emit("status", {"idea": idea.id, "status": status})
    return jsonify(changed=len(ideas), batch=batch)


@blueprint.post("/admin/undo/<int:batch>")
def undo(batch: int) -> Response:
    """Give them back the status they had, where nobody changed it since."""
    changes = db.session.scalars(select(StatusChange).where(StatusChange.batch == batch)).all()
    for change in changes:
        idea = db.session.get(Idea, change.idea_id)
        if idea is not None and idea.status == change.new:
            idea.status = change.old
            socketio.emit("status", {"idea": idea.id, "status": idea.status})
    db.session.commit()
    return jsonify(changed=len(changes))
