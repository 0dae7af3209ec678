"""Markdown as people may write it: no HTML in, and what comes out is cleaned once more."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import nh3
from flask_babel import gettext
from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markupsafe import Markup

from codesign.kernel.mentions import MARK
from codesign.kernel.pictured import size_in

_TAGS = {
    "p", "br", "hr", "em", "strong", "del", "s", "code", "pre", "blockquote",
    "ul", "ol", "li", "a", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td",
    "span", "img",
}  # fmt: skip
_ATTRIBUTES = {
    "a": {"href", "title"}, "ol": {"start"}, "img": {"src", "alt", "width", "height", "loading", "decoding"},
}  # fmt: skip
_SCHEMES = {"http", "https", "mailto"}

_parser = MarkdownIt("commonmark", {"html": False, "breaks": True, "linkify": False}).enable(["table", "strikethrough"])

#: What a text must have to look different from how it was typed: a sign anywhere, or one that begins a line.
_MARKUP = re.compile(r"[\\`*_~\[\]<>&#|\x00]|^[ \t]*(?:[-+=]|\d{1,9}[.)])", re.MULTILINE)

_NOBODY = '<span class="mention"></span>'
_SPEECHLESS = '.webp" alt=""'
_SHOWN = re.compile(r'<img src="[^"]*" alt="([^"]*)"[^>]*>')


def _read_mention(state: StateInline, silent: bool) -> bool:
    found = MARK.match(state.src, state.pos, state.posMax)
    if found is None:
        return False
    if not silent:
        state.push("mention", "span", 0).content = found[1]
    state.pos = found.end()
    return True


def _write_mention(renderer: RendererHTML, tokens: Sequence[Token], place: int, *_rest: Any) -> str:
    name = tokens[place].content
    return f'<span class="mention">@{escapeHtml(name)}</span>' if name.strip() else _NOBODY


def _write_picture(renderer: RendererHTML, tokens: Sequence[Token], place: int, *rest: Any) -> str:
    """A picture of ours in its size; one from elsewhere is a link: it would tell its server who reads the page."""
    token = tokens[place]
    address, words = str(token.attrs.get("src", "")), renderer.renderInlineAsText(token.children, rest[0], rest[1])
    size = size_in(address)
    if size is None:
        return f'<a href="{escapeHtml(address)}">{escapeHtml(words or address)}</a>'
    sizes = f'width="{size[0]}" height="{size[1]}" loading="lazy" decoding="async"'
    return f'<img src="{address}" alt="{escapeHtml(words)}" {sizes}>'


def _ours_alone(tag: str, attribute: str, value: str) -> str | None:
    """Once more, after cleaning: no picture from anywhere else."""
    return None if (tag, attribute) == ("img", "src") and size_in(value) is None else value


_parser.inline.ruler.before("link", "mention", _read_mention)
_parser.add_render_rule("mention", _write_mention)
_parser.add_render_rule("image", _write_picture)


def _lower_headings(html: str) -> str:
    """Move headings below the page's own: what people write starts at h3."""
    for level in (4, 3, 2, 1):
        html = html.replace(f"<h{level}>", f"<h{level + 2}>").replace(f"</h{level}>", f"</h{level + 2}>")
    return html


def render(text: str) -> Markup:
    """*text* (Markdown) as safe HTML. Links are marked as the words of strangers; people who are mentioned stand out;
    pictures are those of this server alone.

    Their names are taken as the text has them: facts carry the names their viewer may know, and none for others.
    """
    html = _clean(text)
    if _NOBODY in html:  # outside of what is remembered: the word depends on the viewer's language
        html = html.replace(_NOBODY, f'<span class="mention">@{escapeHtml(gettext("somebody"))}</span>')
    if _SPEECHLESS in html:
        words = gettext("Picture without a description")
        html = html.replace(_SPEECHLESS, f'.webp" alt="{escapeHtml(words)}"')
    return Markup(html)  # noqa: S704 - cleaned by nh3


@lru_cache(maxsize=2048)
def _clean(text: str) -> str:
    html = _lower_headings(_parser.render(text))
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_ours_alone,
        allowed_classes={"span": {"mention"}},
        url_schemes=_SCHEMES,
        link_rel="nofollow ugc noopener",
        strip_comments=True,
    )


def plain(text: str, limit: int = 200) -> str:
    """The beginning of *text* without its markup, for previews, descriptions and cards."""
    words = _words(render(text))
    return words if len(words) <= limit else words[:limit].rsplit(" ", 1)[0] + "…"


def plain_text(text: str) -> str:
    """All of *text* without its markup, for whoever shows pieces of it. Most texts have none, so those are not parsed."""
    return _words(_clean(text)) if _MARKUP.search(text) else " ".join(text.split())


def _words(html: str) -> str:
    told = _SHOWN.sub(r"\1", html)  # what a picture shows is words as well
    stripped = Markup(nh3.clean(told, tags=set())).unescape()  # noqa: S704 - without tags it is text
    return " ".join(stripped.split())
