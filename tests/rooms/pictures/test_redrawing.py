"""What comes in as a picture: drawn anew, upright, without anything else; what is no picture is refused."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from flask import Flask
from PIL import Image, PngImagePlugin

from codesign.kernel.errors import Invalid, TooLarge
from codesign.kernel.pictured import pictured, reference, size_in, worded
from codesign.pictures import redrawing
from codesign.pictures.redrawing import redraw
from codesign.web.markdown import plain, render
from tests.support.pictures import picture

ORIENTATION, GPS, MAKER = 0x0112, 0x8825, 0x010F


def seen(content: bytes) -> Image.Image:
    """What a browser would see."""
    return Image.open(io.BytesIO(content), formats=["WEBP"])


@pytest.mark.parametrize("form", redrawing.FORMATS)
def test_pictures_of_every_kind_become_one_kind(form: str) -> None:
    drawn = redraw(picture(form, mode="L" if form == "GIF" else "RGB"))
    assert (drawn.width, drawn.height) == seen(drawn.content).size == (40, 20)


@pytest.mark.parametrize("mode", ["RGBA", "P", "L"])
def test_what_shines_through_goes_on_doing_so(mode: str) -> None:
    assert seen(redraw(picture(mode=mode)).content).mode == ("RGBA" if mode == "RGBA" else "RGB")


def test_nothing_foreign_survives_and_the_picture_stands_upright() -> None:
    exif = Image.Exif()
    exif[ORIENTATION], exif[MAKER], exif[GPS] = 6, "Snoop", {1: "N", 2: (52.0, 31.0, 12.0)}
    drawn = redraw(picture("JPEG", exif=exif, comment=b"said by the file") + b"<script>alert(1)</script>PK\x03\x04")
    image = seen(drawn.content)
    assert (drawn.width, drawn.height) == (20, 40)  # a quarter turn
    top, bottom = image.getpixel((10, 8)), image.getpixel((10, 32))
    assert isinstance(top, tuple) and isinstance(bottom, tuple) and top[0] > 200 and bottom[0] < 60
    assert not dict(image.getexif()) and not image.info.keys() & {"exif", "icc_profile", "xmp", "comment"}
    for foreign in (b"Snoop", b"said by", b"script", b"PK\x03\x04"):
        assert foreign not in drawn.content
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Comment", "Snoop", zip=True)
    assert b"Snoop" not in redraw(picture(pnginfo=notes)).content


def test_large_pictures_are_made_as_small_as_a_screen() -> None:
    drawn = redraw(picture("JPEG", (4000, 2500)))
    assert (drawn.width, drawn.height) == (2048, 1280)


def test_of_what_moves_the_first_picture_stays() -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue", "green")]
    for form in ("GIF", "WEBP", "PNG"):
        target = io.BytesIO()
        frames[0].save(target, form, save_all=True, append_images=frames[1:], duration=50)
        image = seen(redraw(target.getvalue()).content)
        pixel = image.convert("RGB").getpixel((4, 4))
        assert getattr(image, "n_frames", 1) == 1 and isinstance(pixel, tuple) and pixel[0] > 200, form


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few hundred bytes that says it is enormous."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(9999))) + chunk(b"IEND", b"")
    )


def test_a_small_file_of_many_scans_is_refused_before_it_is_opened() -> None:
    whole = picture("JPEG", progressive=True)
    start = whole.rindex(b"\xff\xda")
    scan, end = whole[start:-2], whole[-2:]
    assert whole.count(b"\xff\xda") == 10 and redraw(whole[:-2] + scan * 20 + end)
    with pytest.raises(Invalid):
        redraw(whole[:-2] + scan * (redrawing.MOST_SCANS - 9) + end)


@pytest.mark.parametrize(
    "content",
    [
        b"", b"hello", b"<html><script>alert(1)</script></html>", b"%PDF-1.4", b"PK\x03\x04" + bytes(50),
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', picture("BMP"), picture("TIFF"),
        picture("JPEG")[:300], picture()[:60], b"\xff\xd8\xff\xe0" + bytes(500), b"RIFF\x00\x00\x00\x00WEBP" + bytes(80),
        b"GIF89a" + bytes(300), bomb(30_000, 30_000), bomb(5_000, 4_001), bomb(400, 400),
    ],
    ids=lambda content: repr(content[:12]),
)  # fmt: skip
def test_what_is_no_whole_picture_is_refused(content: bytes) -> None:
    with pytest.raises(Invalid):
        redraw(content)


def test_too_many_bytes_are_not_even_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redrawing, "MOST_BYTES", 100)
    with pytest.raises(TooLarge):
        redraw(bytes(101))


PLACE = "/pictures/01JD0000000000000000000000-800x600.webp"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f'![A "cat" & <x>]({PLACE})',
         f'<img src="{PLACE}" alt="A &quot;cat&quot; &amp; &lt;x&gt;" width="800" height="600" loading="lazy" decoding="async">'),
        (f"![]({PLACE})",
         f'<img src="{PLACE}" alt="Picture without a description" width="800" height="600" loading="lazy" decoding="async">'),
        ("![cat](https://evil.example/cat.png)", '<a href="https://evil.example/cat.png" rel="nofollow ugc noopener">cat</a>'),
        (f"![cat](https://evil.example{PLACE})", f'<a href="https://evil.example{PLACE}" rel="nofollow ugc noopener">cat</a>'),
        ("![cat](//evil.example/cat.png)", '<a href="//evil.example/cat.png" rel="nofollow ugc noopener">cat</a>'),
        ("![cat](data:image/png;base64,AAAA)", '<a rel="nofollow ugc noopener">cat</a>'),
        (f'<img src="{PLACE}" onerror="x">', f'&lt;img src="{PLACE}" onerror="x"&gt;'),
    ],
)  # fmt: skip
def test_texts_show_pictures_of_this_server_alone(app: Flask, text: str, shown: str) -> None:
    with app.test_request_context():
        assert str(render(text)).strip() == f"<p>{shown}</p>"


def test_what_a_picture_shows_is_read_and_found(app: Flask) -> None:
    text = f"Like {reference(PLACE, 'my [old]  cat')} here"
    assert pictured(text) == ("01JD0000000000000000000000",) and size_in(PLACE) == (800, 600)
    assert worded(text) == "Like my \\[old\\] cat here"
    with app.test_request_context():
        assert plain(text) == "Like my [old] cat here"
