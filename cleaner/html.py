"""Bytes into text, HTML told apart from text, and HTML into the text of its article."""

from __future__ import annotations

import codecs
import copy
import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import regex

from cleaner.errors import DocumentError

__all__ = ["Asked", "Decoded", "ask_trafilatura", "decode", "embedded_article", "extract", "looks_like_html"]


class Decoded(NamedTuple):
    """Text of some bytes. `bom` and `encoding` turn the text back into them (for text; HTML keeps its source)."""

    text: str
    encoding: str
    bom: bytes
    html: bool


_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SIGNATURES = (
    (b"%PDF-", "a PDF file"),
    (b"PK\x03\x04", "a ZIP archive (or an office document)"),
    (b"\x1f\x8b", "gzip-compressed"),
    (b"\x28\xb5\x2f\xfd", "zstd-compressed"),
    (b"\xfd7zXZ", "xz-compressed"),
    (b"BZh", "bzip2-compressed"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"{\\rtf", "an RTF document"),
)
_HEAD = 4096  # bytes or characters at the start in which a declaration or an opening tag is looked for
_CONTROL = bytes(set(range(32)) - {7, 8, 9, 10, 11, 12, 13, 27, 28, 29, 30, 31})
_DECLARED = regex.compile(
    rb"(?i)<meta[^>]*?charset\s*=\s*[\"']?\s*([\w:.-]+)|<\?xml[^>]*?encoding\s*=\s*[\"']([\w:.-]+)"
)
_XML_DECLARATION = regex.compile(r"^\s*<\?xml[^>]*\?>")
_START = regex.compile(
    r"(?i)(?:\s|\ufeff|<!--.*?-->|<\?xml[^>]*\?>)*+<(!doctype\s+html|html|head|body)\b", regex.DOTALL
)
_FRAGMENT = regex.compile(
    r"(?i)\s*+<(p|div|article|section|main|h[1-6]|ul|ol|table|blockquote|header|nav|figure)\b[^>]*>"
)
_EMBEDDED = regex.compile(r"""(?is)<script[^>]*type\s*=\s*["']?application/ld\+json["']?[^>]*>(.*?)</script>""")
_TAG = regex.compile(r"<[^<>]{1,2000}>")
_MARKDOWN = regex.compile(r"(?m)^(?:#{1,6} |```|[-*] \S)")


def looks_like_html(text: str) -> bool:
    """Whether `text` is HTML: a page, or a fragment that starts and ends with tags and has no Markdown in it."""
    if _START.match(text[:_HEAD]) and ("</" in text or "/>" in text or "<p" in text):
        return True
    return bool(_FRAGMENT.match(text[:_HEAD])) and text[-200:].rstrip().endswith(">") and not _MARKDOWN.search(text)


def decode(data: bytes, *, encoding: str | None = None, format: str = "auto") -> Decoded:
    """Decode a document. `format` is "auto", "text", "markdown" or "html".

    Text must be what it says it is: a byte-order mark, `encoding`, or else UTF-8, without a guess, so that it can be
    given back exactly. HTML is decoded as browsers do: mark, `encoding`, UTF-8 where it is valid, the declared
    encoding, then detection. Raises DocumentError.
    """
    for bom, name in _BOMS:
        if data.startswith(bom):
            text = _strict(data[len(bom) :], name)
            return Decoded(text, name, bom, _is_html(text, format))
    _refuse_binary(data)
    if encoding is not None:
        text = _strict(data, encoding)
        return Decoded(text, encoding, b"", _is_html(text, format))
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        # Latin-1 maps every byte to a character: enough to see tags.
        if not _is_html(data[: 2 * _HEAD].decode("latin-1") + data[-200:].decode("latin-1"), format):
            raise _invalid(data, "utf-8", error) from error
        detected = _html_encoding(data)
        return Decoded(data.decode(detected, "replace"), detected, b"", html=True)
    html = _is_html(text, format)
    if html and data.isascii() and (declared := _declared(data)):
        # Seven-bit encodings such as ISO-2022-JP are ASCII to the byte.
        return Decoded(data.decode(declared, "replace"), declared, b"", html)
    return Decoded(text, "utf-8", b"", html)


def _is_html(text: str, format: str) -> bool:
    return looks_like_html(text) if format == "auto" else format == "html"


def _strict(data: bytes, encoding: str) -> str:
    try:
        text = data.decode(encoding)
        same = text.encode(encoding) == data
    except UnicodeDecodeError as error:
        raise _invalid(data, encoding, error) from error
    except UnicodeError as error:
        raise DocumentError(f"cannot be read as {encoding} ({error}); name another encoding") from error
    if not same:
        raise DocumentError(f"not given back by {encoding} as it was; convert it to UTF-8 first")
    return text


def _invalid(data: bytes, encoding: str, error: UnicodeDecodeError) -> DocumentError:
    byte = f"byte 0x{data[error.start]:02x} at offset {error.start}" if error.start < len(data) else "cut short"
    return DocumentError(f"not valid {encoding.upper()} ({byte}); convert it, or name its encoding with --encoding")


def _refuse_binary(data: bytes) -> None:
    for signature, what in _SIGNATURES:
        if data.startswith(signature):
            raise DocumentError(f"not a text but {what}; extract its text first")
    head = data[: 16 * _HEAD]
    if b"\0" in head or len(head) - len(head.translate(None, _CONTROL)) > len(head) // 50:
        raise DocumentError("not a text but binary data; convert it to text first")


def _html_encoding(data: bytes) -> str:
    """The encoding of HTML that is not UTF-8: declared, else detected, else what browsers assume."""
    if (name := _declared(data)) and name != "utf-8":
        return name
    import charset_normalizer  # needed for few pages, and slow to import

    matches = charset_normalizer.from_bytes(data)
    best = matches.best()
    if best is None:
        return "cp1252"
    # Rare encodings fit many a Western page as well as the one that browsers assume; where that one reads as a
    # language no less than the best does, it is taken.
    usual = [m for m in matches if "cp1252" in m.could_be_from_charset]
    return "cp1252" if any(m.coherence >= best.coherence for m in usual) else best.encoding


def _declared(data: bytes) -> str | None:
    """Python's name of the encoding that the page declares, by the labels browsers know (WHATWG Encoding)."""
    match = _DECLARED.search(data[:_HEAD])
    if match is None:
        return None
    import webencodings

    found = webencodings.lookup((match[1] or match[2]).decode("ascii"))
    # A page that can be read well enough to find its declaration is not in a wide encoding; a few labels stand for no
    # encoding that Python has.
    if found is None or found.name.startswith("utf-16") or found.name in ("replacement", "x-user-defined"):
        return None
    try:
        return codecs.lookup(found.codec_info.name).name
    except LookupError:
        return None


class Asked(NamedTuple):
    """What trafilatura keeps of a page, by default and when it favours recall ("" where it finds no article), and what
    it knows of it: title, author, date and language, as far as they are told."""

    kept: tuple[str, str]
    told: Mapping[str, str]


def ask_trafilatura(html: str, url: str | None = None) -> Asked:
    """Ask trafilatura for its verdict on a page. Its own deduplication is off: it keeps state between calls."""
    import trafilatura  # half a second to import, and of no use to text
    from lxml import etree

    tree = trafilatura.load_html(_XML_DECLARATION.sub("", html.lstrip("\ufeff")))
    if tree is None:
        return Asked(("", ""), {})
    kept, told = [], {}
    for recall in (False, True):
        try:
            text = trafilatura.extract(
                copy.deepcopy(tree), url=url, include_comments=False, deduplicate=False, favor_recall=recall
            )
        except (ValueError, AssertionError, AttributeError, RecursionError, TypeError, etree.LxmlError):
            text = None  # it says nothing of this page
        kept.append(text or "")
    try:
        known = trafilatura.extract_metadata(tree, default_url=url)
    except (ValueError, AssertionError, AttributeError, RecursionError, TypeError, etree.LxmlError):
        known = None
    for key in ("title", "author", "date", "language"):
        if known is not None and (value := getattr(known, key, None)):
            told[key] = str(value)
    return Asked((kept[0], kept[1]), told)


def embedded_article(html: str) -> str:
    """The longest `articleBody` (schema.org, as JSON-LD) that a page carries for machines; "" where it has none."""
    bodies: list[str] = []
    for script in _EMBEDDED.findall(html):
        try:
            bodies += _bodies(json.loads(script.strip(), strict=False))
        except (ValueError, RecursionError):
            continue
    return max(bodies, key=len, default="")


def _bodies(value: Any) -> Iterator[str]:
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            body = item.get("articleBody")
            if isinstance(body, str):
                yield _TAG.sub("", body)
            waiting += item.values()
        elif isinstance(item, list):
            waiting += item


def extract(html: str, *, url: str | None = None) -> str:
    """The article's text, a line a block, by trafilatura; all visible text where it finds no article.

    trafilatura's own deduplication is off: it keeps state between calls. Raises DocumentError where the page has no
    text at all.
    """
    import trafilatura  # half a second to import, and of no use to text
    from lxml import etree

    page = _XML_DECLARATION.sub("", html.lstrip("\ufeff"))
    try:
        text = trafilatura.extract(page, url=url, include_comments=False, include_tables=True, deduplicate=False)
        text = text or trafilatura.html2txt(page) or _all_text(page)
    except (ValueError, AssertionError, AttributeError, RecursionError, etree.LxmlError) as error:
        raise DocumentError(f"cannot be parsed as HTML ({type(error).__name__}: {error})") from error
    if not text or not text.strip():
        raise DocumentError("HTML without any text in it; nothing to clean")
    return str(text)


def _all_text(page: str) -> str:
    """Whatever text there is, a line a text node: for fragments too small to be told what is what."""
    from lxml import html

    tree = html.fromstring(page)
    return "\n".join(
        " ".join(t.split()) for t in tree.xpath("//text()[not(parent::script or parent::style)]") if t.strip()
    )
