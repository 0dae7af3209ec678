"""Files of pictures, as people would send them."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image


def picture(form: str = "PNG", size: tuple[int, int] = (40, 20), mode: str = "RGB", **more: Any) -> bytes:
    """A picture whose left half is red."""
    image = Image.new(mode, size)
    image.paste({"RGB": (255, 0, 0), "RGBA": (255, 0, 0, 128), "L": 200, "P": 1}[mode], (0, 0, size[0] // 2, size[1]))
    target = io.BytesIO()
    image.save(target, form, **more)
    return target.getvalue()
