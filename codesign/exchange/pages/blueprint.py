"""The blueprint that the modules of this package hang their doors on."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("exchange", "codesign.exchange.pages", template_folder="../templates")
