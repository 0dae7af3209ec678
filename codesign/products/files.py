"""Models of products in files: YAML and JSON of our own, UVL, and the XML of FeatureIDE and S.P.L.O.T."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from codesign.kernel.errors import Invalid
from codesign.kernel.lane import run_in_thread
from codesign.kernel.text import _
from codesign.products import engine
from codesign.products.engine import feature_ide, uvl
from codesign.products.facts import VersionFact
from codesign.products.queries import model_of

OURS = (".yaml", ".yml", ".json")
ENDINGS = (*OURS, ".uvl", ".xml")
MEDIA_TYPES = {"yaml": "application/yaml", "json": "application/json", "uvl": "text/plain; charset=utf-8"}


@dataclass(frozen=True)
class ModelFile:
    """A model read from a file: its document, the text as written (ours only), and what the format lost."""

    document: dict[str, Any]
    source: str = ""
    notes: tuple[str, ...] = ()


def read_file(name: str, content: bytes) -> ModelFile:
    """The model in a file, by the ending of its *name*; raises Invalid with line and reason, TooLarge."""
    return run_in_thread(lambda: _read(PurePath(name).suffix.lower(), content))


def _read(ending: str, content: bytes) -> ModelFile:
    if ending == ".xml":
        model, notes = feature_ide.read_with_notes(content)
        return ModelFile(engine.write(model), notes=notes)
    if ending not in ENDINGS:
        raise Invalid.field("file", _("Send one of these: %(endings)s.", endings=", ".join(ENDINGS)), "format")
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise Invalid.field("file", _("This file is not text in UTF-8."), "encoding") from None
    if ending == ".uvl":
        model, notes = uvl.read_with_notes(text)
        return ModelFile(engine.write(model), notes=notes)
    return ModelFile(engine.parse(text), text)


def write_file(version: VersionFact, form: str, as_written: bool = False) -> tuple[str, str]:
    """A version as a file (``yaml``, ``json``, ``uvl``): its text and media type. What UVL cannot say is told in its head.

    *as_written* gives YAML as its author wrote it: for the product team alone, comments may be meant for nobody else.
    """
    if form == "json":
        return json.dumps(version.document, ensure_ascii=False, indent=2) + "\n", MEDIA_TYPES[form]
    if form == "yaml":
        return (as_written and version.source) or engine.show(version.document), MEDIA_TYPES[form]
    text, losses = uvl.write(model_of(version))
    return "".join(f"// {loss}\n" for loss in losses) + text, MEDIA_TYPES[form]
