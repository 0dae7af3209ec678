"""A small app with the walls and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask, render_template_string
from flask.testing import FlaskClient

from codesign.kernel import config
from codesign.kernel.errors import Closed, Invalid, NotFound, TooMany, Unauthenticated
from codesign.kernel.text import _
from codesign.web import errors, install
from codesign.web.registry import registry_of

PROBLEMS = {
    "missing": NotFound,
    "closed": lambda: Closed(_("Voting closed on %(day)s.", day="10 December")),
    "invalid": lambda: Invalid.field("title", _("Give it a title.")),
    "fast": lambda: TooMany(retry_after=39.2),
    "stranger": Unauthenticated,
}


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    """The walls alone, with a page, a form and everything that can go wrong."""
    app = Flask("walls", static_folder=None)
    app.secret_key = "k" * 40
    install.install(app, config.load({"CODESIGN_INSTANCE": str(tmp_path)}))
    errors.install(app)
    registry_of(app).link("sign_in", lambda view: "/sign-in")

    @app.get("/page")
    def page() -> str:
        return render_template_string(
            '{% extends "base.html" %}{% block main %}<h1>Hello</h1>{{ csrf_field() }}{% endblock %}'
        )

    @app.post("/page")
    @app.post("/api/v1/thing")
    def save() -> str:
        return "saved"

    @app.get("/problem/<name>")
    @app.get("/api/v1/problem/<name>")
    def problem(name: str) -> str:
        if name == "bug":
            raise RuntimeError("the password is swordfish")
        raise PROBLEMS[name]()

    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without scripts."""
    return app.test_client()
