"""The connectors this plugin brings itself."""

from __future__ import annotations

from .csv_file import CSV
from .hubspot import HUBSPOT
from .tryton import TRYTON
from .webhook import WEBHOOK

OWN = (CSV, WEBHOOK, HUBSPOT, TRYTON)
