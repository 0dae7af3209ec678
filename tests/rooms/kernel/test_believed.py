"""Numbers that are believed for some seconds."""

from __future__ import annotations

from codesign.kernel.believed import Believed


def test_many_are_read_at_once_and_only_what_is_not_known() -> None:
    known, asked = Believed[str](60), list[list[object]]()

    def read(keys: list[object]) -> dict[object, str]:
        asked.append(keys)
        return {key: f"{key}!" for key in keys}

    assert known.get_many(["a", "b", "a"], read) == {"a": "a!", "b": "b!"}
    assert known.get_many(["b", "c"], read) == {"b": "b!", "c": "c!"}
    assert known.get_many([], read) == {} and asked == [["a", "b"], ["c"]]
    known.seconds = -1.0
    known.get_many(["c"], read)
    assert asked[-1] == ["c"]
