"""JSON doors of the roadmap."""

from __future__ import annotations

from typing import Any

from codesign.kernel.db import offload, read
from codesign.roadmap import changelog, queries, releases, service
from codesign.roadmap.outcome import read_outcome
from codesign.roadmap.schemas import (
    ColumnInput,
    ColumnPatch,
    NewReleaseInput,
    OutcomeSchema,
    PublishReleaseInput,
    ReleasePageSchema,
    ReleasePatch,
    ReleaseSchema,
    ReleasesQuery,
    RoadmapColumnSchema,
    RoadmapQuery,
    RoadmapSchema,
    column_json,
    outcome_json,
    release_json,
    roadmap_json,
)
from codesign.spaces.access import look
from codesign.web.api import ApiBlueprint
from codesign.web.identity import current_actor

blueprint = ApiBlueprint("roadmap_api", __name__, description="The roadmap and releases")


@blueprint.route("/spaces/<space>/roadmap", methods=["GET"])
@blueprint.arguments(RoadmapQuery, location="query")
@blueprint.response(200, RoadmapSchema)
def get_roadmap(query: dict[str, Any], space: str) -> dict[str, Any]:
    """The roadmap of a space, column by column."""
    return roadmap_json(offload(queries.read_roadmap, current_actor(), space, query["limit"]))


@blueprint.route("/spaces/<space>/roadmap/columns", methods=["POST"])
@blueprint.arguments(ColumnInput)
@blueprint.response(201, RoadmapColumnSchema)
def add_column(content: dict[str, Any], space: str) -> dict[str, Any]:
    """Add a column. A status stands in one column: it leaves the one it was in."""
    return column_json(service.add_column(current_actor(), space, **content))


@blueprint.route("/spaces/<space>/roadmap/columns/<column>", methods=["PATCH"])
@blueprint.arguments(ColumnPatch)
@blueprint.response(200, RoadmapColumnSchema)
def change_column(content: dict[str, Any], space: str, column: str) -> dict[str, Any]:
    """Rename a column, choose its statuses, who sees it, or its place."""
    return column_json(service.change_column(current_actor(), space, column, **content))


@blueprint.route("/spaces/<space>/roadmap/columns/<column>", methods=["DELETE"])
@blueprint.response(204)
def remove_column(space: str, column: str) -> None:
    """Take a column away; ideas of its statuses are on the roadmap no more."""
    service.remove_column(current_actor(), space, column)


@blueprint.route("/spaces/<space>/roadmap/columns", methods=["DELETE"])
@blueprint.response(204)
def restore_columns(space: str) -> None:
    """Go back to the usual columns: one for each status but those where ideas start."""
    service.restore_columns(current_actor(), space)


@blueprint.route("/spaces/<space>/releases", methods=["GET"])
@blueprint.arguments(ReleasesQuery, location="query")
@blueprint.response(200, ReleasePageSchema)
def list_releases(query: dict[str, Any], space: str) -> dict[str, Any]:
    """What a space published, newest first."""
    with read():
        page = changelog.list_releases(look(current_actor(), space), **query)
    return {"items": [release_json(item) for item in page.items], "next": page.next, "seq": page.seq}


@blueprint.route("/spaces/<space>/releases", methods=["POST"])
@blueprint.arguments(NewReleaseInput)
@blueprint.response(201, ReleaseSchema)
def write_release(content: dict[str, Any], space: str) -> dict[str, Any]:
    """Begin a release. Only the product team sees it before it is published."""
    return release_json(releases.write_release(current_actor(), space, **content))


@blueprint.route("/releases/<release>", methods=["GET"])
@blueprint.response(200, ReleaseSchema)
def get_release(release: str) -> dict[str, Any]:
    """One release."""
    return release_json(changelog.get_release(current_actor(), release))


@blueprint.route("/releases/<release>", methods=["PATCH"])
@blueprint.arguments(ReleasePatch)
@blueprint.response(200, ReleaseSchema)
def change_release(content: dict[str, Any], release: str) -> dict[str, Any]:
    """Change words or ideas of a release; nobody is told again."""
    version = content.pop("version", None)
    return release_json(releases.change_release(current_actor(), release, version, **content))


@blueprint.route("/releases/<release>/publish", methods=["POST"])
@blueprint.arguments(PublishReleaseInput)
@blueprint.response(200, ReleaseSchema)
def publish_release(content: dict[str, Any], release: str) -> dict[str, Any]:
    """Let everybody read it, and tell those who voted for its ideas, commented on them or follow them, once."""
    return release_json(releases.publish_release(current_actor(), release, content["version"]))


@blueprint.route("/releases/<release>", methods=["DELETE"])
@blueprint.response(204)
def remove_release(release: str) -> None:
    """Take a release away, published or not."""
    releases.remove_release(current_actor(), release)


@blueprint.route("/spaces/<space>/outcome", methods=["GET"])
@blueprint.response(200, OutcomeSchema)
def get_outcome(space: str) -> dict[str, Any]:
    """What came of the ideas of a space: counts, and in how many days half of them got there."""
    return outcome_json(offload(read_outcome, current_actor(), space))
