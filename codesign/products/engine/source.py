"""From text to a document: YAML or JSON, bounded, without YAML's traps (aliases that multiply, keys given twice)."""

from __future__ import annotations

import json
from typing import Any

import yaml

from codesign.kernel.errors import Invalid, TooLarge
from codesign.kernel.text import _

LARGEST = 8_000_000
"""Characters. Files may be as large at every door; a body of the API is bounded by ``CODESIGN_MAX_BODY_KB`` before."""
MOST_EVENTS = 200_000
"""Words, numbers, lists and their ends in YAML, each of which costs 400 bytes and some microseconds. JSON costs a tenth."""
MOST_DEPTH = 250
"""Levels of indentation or brackets: deeper texts are refused before they exhaust the stack."""


class _Loader(yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader):  # type: ignore[misc]
    """Plain data only, no dates, each key once."""

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        seen = set()
        for key, _value in node.value:
            if not isinstance(key, yaml.ScalarNode) or key.value in seen:
                raise yaml.MarkedYAMLError(problem="a key is there twice", problem_mark=key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


_Loader.yaml_implicit_resolvers = {
    first: [
        (tag, pattern)
        for tag, pattern in found
        if tag not in ("tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:merge")
    ]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def parse(text: str) -> Any:
    """The document that *text* holds, JSON where it begins with a brace, else YAML.

    Raises Invalid with the line, TooLarge.
    """
    if len(text) > LARGEST:
        raise TooLarge(_("A product model may have at most %(most)s characters.", most=LARGEST))
    try:
        if text.lstrip()[:1] == "{":
            document = json.loads(text, object_pairs_hook=_once)
        else:
            _check(text)
            document = yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe loader of our own
        # Half of a pair of surrogates, as JSON's escapes can write it, could be neither kept nor sent: not even the refusal.
        json.dumps(document, ensure_ascii=False, skipkeys=True, default=str).encode()
        return document
    except UnicodeEncodeError:
        raise _invalid(1, "half of a character is not text") from None
    except json.JSONDecodeError as error:
        raise _invalid(error.lineno, error.msg) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise _invalid(mark.line + 1 if mark else 1, error.problem or error.context or "?") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise _invalid(1, str(error).splitlines()[0][:200] if str(error) else "?") from None


def _check(text: str) -> None:
    """Looks at the text once before anything is made of it."""
    depth = 0
    for number, event in enumerate(yaml.parse(text, Loader=_Loader)):
        if number >= MOST_EVENTS:
            raise TooLarge(
                _("A product model in YAML may have at most %(most)s values. Send it as JSON.", most=MOST_EVENTS)
            )
        if isinstance(event, yaml.AliasEvent):
            raise _invalid(_line(event), "aliases are not read")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MOST_DEPTH:
            raise _invalid(_line(event), "nested too deeply")


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def show(document: Any) -> str:
    """*document* as YAML, in its own order."""
    return str(yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=120))


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key is there twice")
    return found


def _invalid(line: int, reason: str) -> Invalid:
    return Invalid.field("document", _("Line %(line)s: %(reason)s", line=line, reason=reason), "unreadable")
