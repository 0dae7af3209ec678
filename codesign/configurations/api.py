"""JSON doors of configurations. What the engine says of decisions is asked of the product (``/products/{product}/…``)."""

from __future__ import annotations

from typing import Any

from codesign.configurations import queries, service
from codesign.configurations.editors import log_of
from codesign.configurations.facts import ConfigurationFact
from codesign.configurations.schemas import (
    CompareInput,
    ComparisonSchema,
    ConfigurationPageSchema,
    ConfigurationPatch,
    ConfigurationQuery,
    ConfigurationSchema,
    ConfigurationsQuery,
    EditInput,
    EditsQuery,
    EditsSchema,
    ForkInput,
    JoinInput,
    MigratedSchema,
    NewConfigurationInput,
    TogetherSchema,
    comparison_json,
    configuration_json,
    edit_json,
)
from codesign.configurations.side_by_side import Side, side_by_side
from codesign.ideas.limits import count_text
from codesign.kernel.db import read
from codesign.kernel.errors import Forbidden, Invalid
from codesign.kernel.text import _
from codesign.products.limits import count_question
from codesign.products.queries import get_version, missing_product, product_access
from codesign.products.solving import solve
from codesign.spaces.access import access
from codesign.web.api import ApiBlueprint
from codesign.web.identity import current_actor

blueprint = ApiBlueprint("configurations_api", __name__, description="Configurations")

MOST_COMPARED = 4


@blueprint.route("/spaces/<space>/configurations", methods=["GET"])
@blueprint.arguments(ConfigurationsQuery, location="query")
@blueprint.response(200, ConfigurationPageSchema)
def list_configurations(query: dict[str, Any], space: str) -> dict[str, Any]:
    """Published configurations of a space, newest first; with `mine=1` my own, drafts too."""
    with read():
        gate = access(current_actor(), space)
        page = queries.list_configurations(
            gate, mine=query["mine"], product_id=query["product"], limit=query["limit"], cursor=query["cursor"]
        )
    return {"items": [configuration_json(each) for each in page.items], "next": page.next, "seq": page.seq}


@blueprint.route("/spaces/<space>/configurations", methods=["POST"])
@blueprint.arguments(NewConfigurationInput)
@blueprint.response(201, ConfigurationSchema)
def start_configuration(content: dict[str, Any], space: str) -> dict[str, Any]:
    """Begin a draft of a product's published version, perhaps with decisions made."""
    actor = current_actor()
    count_text(actor)
    with read():
        gate, (product, _access) = access(actor, space), product_access(actor, content["product_id"])
    if product.space_id != gate.space.id:
        raise missing_product()
    wishes = tuple(content.pop("wishes"))
    return configuration_json(service.start_configuration(actor, wishes=wishes, **content))


@blueprint.route("/configurations/<configuration>", methods=["GET"])
@blueprint.arguments(ConfigurationQuery, location="query")
@blueprint.response(200, ConfigurationSchema)
def get_configuration(query: dict[str, Any], configuration: str) -> dict[str, Any]:
    """A configuration of mine, a published one, or a draft that was shared with me by its `key`."""
    return configuration_json(queries.find_configuration(current_actor(), configuration, query["key"])[1])


@blueprint.route("/configurations/<configuration>", methods=["PATCH"])
@blueprint.arguments(ConfigurationPatch)
@blueprint.response(200, ConfigurationSchema)
def change_configuration(content: dict[str, Any], configuration: str) -> dict[str, Any]:
    """Change a draft of mine. `decisions` and `wishes` replace what was there; decisions that do not go are a conflict."""
    count_question(current_actor(), "repairs")
    if "wishes" in content:
        content["wishes"] = tuple(content["wishes"])
    return configuration_json(service.replace_choices(current_actor(), configuration, **content))


@blueprint.route("/configurations/<configuration>", methods=["DELETE"])
@blueprint.response(204)
def discard_configuration(configuration: str) -> None:
    """Throw a draft of mine away."""
    service.discard(current_actor(), configuration)


@blueprint.route("/configurations/<configuration>/fork", methods=["POST"])
@blueprint.arguments(ForkInput, required=False)
@blueprint.response(201, ConfigurationSchema)
def fork_configuration(content: dict[str, Any], configuration: str) -> dict[str, Any]:
    """Go on from a configuration in a draft of my own; `forked_from` says where it came from."""
    actor = current_actor()
    count_text(actor)
    count_question(actor, "repairs")
    return configuration_json(service.fork_configuration(actor, configuration, content.get("key", "")))


@blueprint.route("/configurations/<configuration>/migrate", methods=["POST"])
@blueprint.response(200, MigratedSchema)
def migrate_configuration(configuration: str) -> dict[str, Any]:
    """Move a draft of mine to the published version of its product, with the smallest repair."""
    done = service.migrate(current_actor(), configuration)
    return {**configuration_json(done.configuration), "gave_up": list(done.gave_up)}


# --- Several people on one draft --------------------------------------------------------------------------------------


@blueprint.route("/configurations/<configuration>/edits", methods=["GET"])
@blueprint.arguments(EditsQuery, location="query")
@blueprint.response(200, EditsSchema)
def list_edits(query: dict[str, Any], configuration: str) -> dict[str, Any]:
    """The edits of a draft I may edit after a number, for who was away. A published one keeps its log for those who made it."""
    part = log_of(current_actor(), configuration, query["after"], query["limit"])
    return {
        "items": [edit_json(edit) for edit in part.edits],
        "version": part.version,
        "next": part.version if part.more else None,
        "reset": part.reset,
    }


@blueprint.route("/configurations/<configuration>/edits", methods=["POST"])
@blueprint.arguments(EditInput)
@blueprint.response(200, ConfigurationSchema)
def make_edit(content: dict[str, Any], configuration: str) -> dict[str, Any]:
    """Decide one option of a draft I may edit. Where it contradicts what somebody else chose after `seen_version`, it is kept
    as contested; where it contradicts what I saw, it is a conflict, code `blocked`."""
    count_question(current_actor(), "repairs")
    return configuration_json(service.choose(current_actor(), configuration, **content))


@blueprint.route("/configurations/<configuration>/undo", methods=["POST"])
@blueprint.response(200, ConfigurationSchema)
def undo(configuration: str) -> dict[str, Any]:
    """Take my last edit back; a conflict where somebody else has changed its option since."""
    count_question(current_actor(), "repairs")
    return configuration_json(service.undo(current_actor(), configuration))


@blueprint.route("/configurations/<configuration>/redo", methods=["POST"])
@blueprint.response(200, ConfigurationSchema)
def redo(configuration: str) -> dict[str, Any]:
    """Do again what I took back last."""
    count_question(current_actor(), "repairs")
    return configuration_json(service.redo(current_actor(), configuration))


@blueprint.route("/configurations/<configuration>/together", methods=["GET"])
@blueprint.response(200, TogetherSchema)
def who_edits(configuration: str) -> dict[str, Any]:
    """Who edits a draft of mine along."""
    _access, fact = queries.find_configuration(current_actor(), configuration)
    return _together(fact)


@blueprint.route("/configurations/<configuration>/together", methods=["PUT"])
@blueprint.response(200, TogetherSchema)
def open_to_others(configuration: str) -> dict[str, Any]:
    """Let others edit a draft of mine along: whoever has the key may join."""
    return _together(service.open_to_others(current_actor(), configuration))


@blueprint.route("/configurations/<configuration>/together", methods=["DELETE"])
@blueprint.response(204)
def close_to_others(configuration: str) -> None:
    """Edit a draft of mine alone again; what others did stays."""
    service.close_to_others(current_actor(), configuration)


@blueprint.route("/configurations/<configuration>/together/<person>", methods=["DELETE"])
@blueprint.response(204)
def remove_partner(configuration: str, person: str) -> None:
    """Let somebody edit along no more; the key is made anew."""
    service.remove_partner(current_actor(), configuration, person)


@blueprint.route("/configurations/<configuration>/join", methods=["POST"])
@blueprint.arguments(JoinInput)
@blueprint.response(200, ConfigurationSchema)
def join(content: dict[str, Any], configuration: str) -> dict[str, Any]:
    """Edit a draft along whose key I was given."""
    actor = current_actor()
    count_text(actor)
    return configuration_json(service.join_draft(actor, configuration, content["key"]))


@blueprint.route("/configurations/<configuration>/join", methods=["DELETE"])
@blueprint.response(204)
def leave(configuration: str) -> None:
    """Edit somebody's draft along no more."""
    service.leave_draft(current_actor(), configuration)


def _together(fact: ConfigurationFact) -> dict[str, Any]:
    if not fact.is_mine:
        raise Forbidden(_("Only the owner of a draft can do that."))
    return {"edit_key": fact.edit_key or None, "partners": queries.partners_of(fact.id)}


@blueprint.route("/configurations/compare", methods=["GET"])
@blueprint.arguments(CompareInput, location="query")
@blueprint.response(200, ComparisonSchema)
def compare_configurations(query: dict[str, Any]) -> dict[str, Any]:
    """Two to four configurations of one product side by side, the groups in which they differ first."""
    count_question(current_actor(), "repairs")
    with read():
        sides = compared(query["ids"].split(","))
    rows = solve(sides[0].version, lambda _compiled: side_by_side(sides))
    return comparison_json(sides, rows)


def compared(ids: list[str]) -> list[Side]:
    """The configurations with their versions; raises NotFound, Invalid."""
    wanted = list(dict.fromkeys(each.strip() for each in ids if each.strip()))
    if not 2 <= len(wanted) <= MOST_COMPARED:
        raise Invalid.field("ids", _("Name two to %(most)s configurations.", most=MOST_COMPARED), "invalid")
    found: list[ConfigurationFact] = [queries.find_configuration(current_actor(), each)[1] for each in wanted]
    versions = [get_version(each.product_version_id) for each in found]
    if len({each.product_id for each in found}) > 1:
        raise Invalid.field("ids", _("Only configurations of one product can be compared."), "invalid")
    return [Side(each, version) for each, version in zip(found, versions, strict=True) if version]
