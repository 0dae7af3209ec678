"""The one blueprint on which each module hangs its doors."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("insights", "codesign.insights.pages", template_folder="../templates")
