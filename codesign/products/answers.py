"""What the engine says, as JSON: for the process apart and for the doors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from codesign.products import engine
from codesign.products.engine import Explanation, Finding, Reason, Repair, Totals
from codesign.products.engine.counting import counted


def answer(content: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to the one question in *content*, asked through ``apart.ask``."""
    model = engine.read(content["document"])
    question = content["question"]
    if question == "analysis":
        return _analysis(engine.compile(model), content["seconds"])
    if question == "count":
        return {"count": _count(engine.compile(model), content["decisions"], content["seconds"])}
    if question == "breaks":
        found = engine.breaks(content["names"], model, content["configurations"])
        return {"breaks": [None if one.valid and not one.lost else broken_json(one) for one in found]}
    raise LookupError(question)


def _analysis(compiled: engine.Compiled, seconds: float) -> dict[str, Any]:
    found = analysis_json(compiled.analysis(seconds=seconds))
    count = "0" if found["void"] else found["count"] or _count(compiled, {}, seconds)
    return {**found, "count": count, **size_json(compiled.model)}


def size_json(model: engine.Model) -> dict[str, Any]:
    """What lists tell of a model beside that: how many options it has, and what its numbers mean."""
    return {"options": len(model.options), "attributes": [attribute_json(item) for item in model.attributes]}


def attribute_json(item: engine.Attribute) -> dict[str, Any]:
    """What a number of a model means."""
    label = item.label if isinstance(item.label, str) else dict(item.label)
    return {"id": item.id, "label": label, "unit": item.unit, "decimals": item.decimals, "sum": item.summed}


def attribute_of(told: Mapping[str, Any]) -> engine.Attribute:
    """The same back again."""
    return engine.Attribute(told["id"], told["unit"], told["decimals"], told["sum"], told["label"])


def _count(compiled: engine.Compiled, decisions: Mapping[str, bool], seconds: float) -> str | None:
    """The number of configurations as text: it has more digits than a number of JSON can hold."""
    counting = counted(compiled, seconds)
    return None if counting is None else str(counting.total(decisions))


def analysis_json(found: engine.Analysis) -> dict[str, Any]:
    """An analysis as it is kept with a version."""
    return {
        "void": found.void,
        "why_void": [reason_json(reason) for reason in found.why_void],
        "core": list(found.core),
        "dead": findings_json(found.dead),
        "false_optional": findings_json(found.false_optional),
        "redundant_rules": findings_json(found.redundant_rules),
        "count": None if found.count is None else str(found.count),
        "cheapest": dict(found.cheapest),
        "dearest": dict(found.dearest),
        "finished": found.finished,
    }


def findings_json(found: Iterable[Finding]) -> list[dict[str, Any]]:
    """Options or rules with the reasons for what was found of them."""
    return [{"id": one.id, "reasons": [reason_json(reason) for reason in one.reasons]} for one in found]


def reason_json(reason: Reason) -> dict[str, Any]:
    """A rule or a group as a reason; ``message`` may be one sentence or one for each language."""
    message = reason.message if isinstance(reason.message, str) else dict(reason.message)
    return {"id": reason.id, "kind": reason.kind, "message": message or reason.said()}


def broken_json(one: engine.Migration) -> dict[str, Any]:
    """What a new version does to decisions it does not allow, or whose options it no longer has."""
    return {
        "rules": [reason_json(reason) for reason in one.rules],
        "gives_up": list(one.repair.gives_up) if one.repair else [],
        "unknown": list(one.dropped),
    }


def explanation_json(found: Explanation) -> dict[str, Any]:
    """Why something is impossible."""
    return {
        "blocked": found.blocked,
        "decisions": list(found.decisions),
        "rules": [reason_json(reason) for reason in found.rules],
        "minimal": found.minimal,
    }


def totals_json(found: Mapping[str, Totals]) -> dict[str, Any]:
    """Totals by attribute, in smallest units."""
    return {name: {"now": one.now, "least": one.least, "most": one.most} for name, one in found.items()}


def repair_json(found: Repair) -> dict[str, Any]:
    """A way out."""
    return {
        "gives_up": list(found.gives_up),
        "decisions": dict(found.decisions),
        "totals": totals_json(found.totals),
    }
