"""A file that says it is a picture becomes one of ours: read once, drawn anew, written in one format.

What is kept is nothing but the dots. The library comes in with the first picture: it would slow every start.
"""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from codesign.kernel.errors import Invalid, TooLarge
from codesign.kernel.lane import Lane
from codesign.kernel.text import _

if TYPE_CHECKING:
    from PIL import Image

MOST_BYTES = 5 * 1024 * 1024
MOST_DOTS = 20_000_000
#: No screen shows more of it; the longer side is made so long.
LONGEST_SIDE = 2048
QUALITY = 85
#: Cameras and programs write about ten; each goes over every dot once more, whatever little the file holds for it.
MOST_SCANS = 40
#: What is read, whatever the file is called. Of what moves the first picture is taken.
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")

#: One after another, beside the hub: a large one takes some 150 MB for a second or two.
_lane = Lane()


@dataclass(frozen=True)
class Redrawn:
    """A picture that is safe to show."""

    width: int
    height: int
    content: bytes


def redraw(content: bytes, longest: int = LONGEST_SIDE) -> Redrawn:
    """*content* as a picture of ours, upright, without anything that was said about it.

    Raises TooLarge, and Invalid for what is no picture, is broken or cut off, or has more dots than anybody can see.
    """
    if len(content) > MOST_BYTES:
        raise too_large()
    if content.startswith(b"\xff\xd8") and content.count(b"\xff\xda") > MOST_SCANS:
        raise _no_picture()
    return _lane.run(_redraw, content, longest)


def _redraw(content: bytes, longest: int) -> Redrawn:
    from PIL import Image, ImageOps

    # Its own limit would only be a warning; ours is asked before a dot is unpacked.
    warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as opened:
            _require_size(opened.size)
            opened.draft("RGB", (longest, longest))  # a JPEG can be unpacked small
            upright = ImageOps.exif_transpose(opened)
            upright.thumbnail((longest, longest))
            return _written(_plain(upright))
    except (Invalid, MemoryError):
        raise
    # Whatever a reader of foreign files stumbles over: the file is what is wrong.
    except Exception:
        raise _no_picture() from None


def _require_size(size: tuple[int, int]) -> None:
    if size[0] * size[1] > MOST_DOTS:
        most = MOST_DOTS // 1_000_000
        raise Invalid.field("picture", _("A picture has at most %(most)s million dots. Make it smaller.", most=most))


def _plain(image: Any) -> Image.Image:
    """The dots alone, in the two ways our format knows."""
    if image.mode.startswith("I"):  # 16 bits a dot
        image = image.convert("I").point(lambda dot: dot * (1 / 256)).convert("L")
    sheer = image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info
    plain: Image.Image = image.convert("RGBA" if sheer else "RGB")
    plain.info = {}
    return plain


def _written(image: Image.Image) -> Redrawn:
    target = io.BytesIO()
    image.save(target, "WEBP", quality=QUALITY, exact=False)
    return Redrawn(*image.size, target.getvalue())


def too_large() -> TooLarge:
    """The problem of a file that nobody wants to read."""
    return TooLarge(_("A picture has at most %(most)s MB.", most=MOST_BYTES // 1024**2))


def _no_picture() -> Invalid:
    return Invalid.field("picture", _("This is no picture we can show: send a JPEG, PNG, WebP or GIF file."))
