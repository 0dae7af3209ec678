"""The publish gate: what is wrong with a draft, how many products it allows, and which saved ones it breaks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from codesign.products import apart, engine
from codesign.products.facts import ProductFact, VersionFact
from codesign.products.ports import Saved, ports
from codesign.products.queries import get_version, model_of, versions_after

#: Saved configurations that are tried against a new version, newest first.
MOST_TRIED = 2_000
ANALYSIS_SECONDS = 5


@dataclass(frozen=True)
class Broken:
    """A saved configuration that cannot stay as it is: by which rules, the smallest set of decisions to give up, and the
    options that are gone."""

    saved: Saved
    rules: tuple[dict[str, Any], ...]
    gives_up: tuple[str, ...]
    unknown: tuple[str, ...]


@dataclass(frozen=True)
class Breaks:
    """What a new version does to saved configurations. ``whole`` is false where there are more than were tried."""

    tried: int
    broken: tuple[Broken, ...]
    whole: bool = True


def analysis_of(version: VersionFact) -> dict[str, Any]:
    """What is to be known of a version's model: kept with a published one, worked out for a draft.

    Raises apart.TooHard where the model takes more than its limits.
    """
    if version.analysis is not None:
        return version.analysis
    return apart.ask("analysis", document=version.document, seconds=ANALYSIS_SECONDS)


def breaks_of(product: ProductFact, draft: VersionFact) -> Breaks:
    """Which saved configurations of *product* the *draft* does not allow or takes options from, and the smallest repair."""
    saved = ports.saved(product.id, MOST_TRIED + 1)
    whole, saved = len(saved) <= MOST_TRIED, saved[:MOST_TRIED]
    by_version: dict[str, list[Saved]] = {}
    for one in saved:
        by_version.setdefault(one.version_id, []).append(one)
    broken: list[Broken] = []
    for version_id, group in by_version.items():
        old = get_version(version_id)
        if old is None:
            continue
        names = engine.followed(map(model_of, (old, *versions_after(old, draft))))
        answer = apart.ask(
            "breaks", names=names, document=draft.document, configurations=[dict(one.decisions) for one in group]
        )
        broken += [_broken(one, found) for one, found in zip(group, answer["breaks"], strict=True) if found]
    return Breaks(len(saved), tuple(broken), whole)


def _broken(saved: Saved, found: Mapping[str, Any]) -> Broken:
    return Broken(saved, tuple(found["rules"]), tuple(found["gives_up"]), tuple(found["unknown"]))
