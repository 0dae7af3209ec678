"""Markdown as people may write it: no HTML in, and what comes out is cleaned once more."""

from __future__ import annotations

from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

_TAGS = {
    "p", "br", "hr", "em", "strong", "del", "s", "code", "pre", "blockquote",
    "ul", "ol", "li", "a", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
_SCHEMES = {"http", "https", "mailto"}

# Pictures are left out: a picture from elsewhere tells its server who reads the page.
_parser = (
    MarkdownIt("commonmark", {"html": False, "breaks": True, "linkify": False})
    .enable(["table", "strikethrough"])
    .disable("image")
)


def _lower_headings(html: str) -> str:
    """Move headings below the page's own: what people write starts at h3."""
    for level in (4, 3, 2, 1):
        html = html.replace(f"<h{level}>", f"<h{level + 2}>").replace(f"</h{level}>", f"</h{level + 2}>")
    return html


@lru_cache(maxsize=2048)
def render(text: str) -> Markup:
    """*text* (Markdown) as safe HTML. Links are marked as the words of strangers; @names stay plain text."""
    html = _lower_headings(_parser.render(text))
    clean = nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes=_SCHEMES,
        link_rel="nofollow ugc noopener",
        strip_comments=True,
    )
    return Markup(clean)  # noqa: S704 - cleaned by nh3


def plain(text: str, limit: int = 200) -> str:
    """The beginning of *text* without its markup, for previews, descriptions and cards."""
    stripped = Markup(nh3.clean(str(render(text)), tags=set())).unescape()  # noqa: S704
    words = " ".join(stripped.split())
    return words if len(words) <= limit else words[:limit].rsplit(" ", 1)[0] + "…"
