"""What others may know of a picture."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from codesign.kernel.pictured import FOLDER, name_of


@dataclass(frozen=True)
class PictureFact:
    """A picture without its content."""

    id: str
    space_id: str
    owner_id: str | None
    width: int
    height: int
    size: int
    created_at: datetime

    @property
    def name(self) -> str:
        """The name of its file."""
        return name_of(self.id, self.width, self.height)

    @property
    def address(self) -> str:
        """Where it lies, and how texts name it."""
        return FOLDER + self.name
