"""The peer of the large benchmark: the same ideas and votes in an app as Flask tutorials have you write it.

Application factory, Flask-SQLAlchemy with a session per request, relationships, ``paginate``, tallies by ``COUNT(*)``, a
``socketio.emit`` after each commit. It has what good tutorials have: indexes on foreign keys and on what lists are ordered
by, joined loading of authors, one grouped query for the counts of a page. It has no log, no roles, no phases, nothing is hidden
from anybody, and undo knows the status alone.
"""

from __future__ import annotations

from flask import Flask
from flask_socketio import SocketIO
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()
socketio = SocketIO()


def create_app(url: str) -> Flask:
    """The app on a database."""
    from tests.load.tutorial_app import models, routes

    app = Flask(__name__)
    app.config.update(SQLALCHEMY_DATABASE_URI=url, SECRET_KEY="tutorial")
    db.init_app(app)
    socketio.init_app(app, async_mode="threading")
    app.register_blueprint(routes.blueprint)
    with app.app_context():
        assert models.Idea.metadata is db.metadata
        db.create_all()
    return app
