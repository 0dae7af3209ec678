"""The one blueprint on which each module hangs its doors."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("roadmap", "codesign.roadmap.pages", template_folder="../templates")
