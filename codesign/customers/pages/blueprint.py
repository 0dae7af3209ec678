"""The one blueprint on which each module hangs its doors."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("customers", "codesign.customers.pages", template_folder="../templates")
