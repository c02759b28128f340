"""Plain text and Markdown into blocks; joining the blocks gives the text back, byte for byte.

Lines are grouped, never cut: a block is one or more whole lines with the blank lines after them. What makes lines
one block is a code fence, a table, lines of code, a list item with its continuation, an underlined heading, or
hard wrapping at a fixed width. Every other line is a block of its own, since flattened pages have a block a line.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import regex

from cleaner.document import Block, Document, Kind, Span
from cleaner.fingerprint import DENSE_SCRIPTS

__all__ = ["segment", "strip_marker"]

# What `str.strip` takes for white space, and the characters that have no width (soft hyphen, marks of direction,
# joiners, byte-order mark): a line of nothing else is blank.
_BLANK = (
    "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\xad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
)
_FENCE = regex.compile(r"(`{3,}|~{3,})(.*)", regex.DOTALL)
_HEADING = regex.compile(r"#{1,6}[ \t]+\S")
_UNDERLINE = regex.compile(r"(?:={3,}|-{3,})")
_MARKER = regex.compile(
    r"(?:[-*+•◦▪▫‣⁃·●○■□❖➤►▶→✓✔✗☑✅☐★☆]\ufe0f?|\(?\d{1,3}[.)]|[a-z]\))[ \t\xa0]+(?=\S)"
    r"|\p{Emoji_Presentation}|\p{So}\ufe0f"
)
_WORDCHAR = regex.compile(r"[\p{L}\p{N}]")
_TABLE_RULE = regex.compile(r"\|?[ \t]*:?-{2,}:?[ \t]*(?:\|[ \t]*:?-{2,}:?[ \t]*)*\|?")
_CODE_LINE = regex.compile(
    r"(?:def|class|func|fn|function|public|private|protected|static|const|let|var|struct|enum)\s+[\w<>\[\]*&\s]+[({=:;]"
    r"|(?:import|using|package|use)\s+[\w.:{}*,\s/'\"]+;|from\s+[\w.]+\s+import\s+\w|import\s+[\w.]+(?:\s+as\s+\w+)?$"
    r"|#\s*(?:include|define|ifdef|endif)\b|(?:if|for|while|switch|catch|elif)\s*\(.*\)\s*\{?$"
    r"|(?:return|yield)\s+(?:[\w.]+[(\[]|[\"'\[{(]|\w+$)"
    r"|(?:return|throw|raise)\b.*;$|(?:>>>|PS>)\s+\S|\$\s+[a-z]|(?:SELECT|INSERT INTO|CREATE TABLE)\s+[\w*`\"]"
    r"|</?[a-z][\w-]*(?:\s+[\w-]+=[\"'{].*)?/?>|[}\])]+[;,]?$"
)
_MAYBE_CODE = regex.compile(
    r"[\w.\[\]'\"]+\s*(?:=|\+=|:=)\s*[\w\"'\[({].*[;)\]}\"']$|[\w.]+\(.*\)\s*[;{]?$|.*[;{]$|.*[{,]$"
)
_CODE_SIGN = regex.compile(r"[{}()\[\];=<>_$#&|\\]|::|->")
_DENSE = regex.compile(DENSE_SCRIPTS)
_FIRST_WORD = regex.compile(r"\S+")

# Hard-wrapped text is wrapped somewhere in this range; longer lines are whole paragraphs.
_WRAP_WIDTHS = range(40, 141)


class _Line(NamedTuple):
    start: int  # offset of the line
    end: int  # offset after its line end
    body: str  # without indentation and trailing blanks
    indent: int  # characters before the body
    blank: bool


class _Group(NamedTuple):
    first: int  # index of the first line
    last: int  # index after the last line
    kind: Kind


def segment(text: str, *, format: str = "text", url: str | None = None, language: str | None = None) -> Document:
    """Split `text` into blocks.

    >>> [(b.kind.value, b.body.start, b.body.end) for b in segment("# Tea\\n\\nPour it.\\n").blocks]
    [('heading', 0, 5), ('paragraph', 7, 15)]
    """
    lines = _lines(text)
    groups = list(_groups(lines))
    if not groups and lines:
        groups = [_Group(0, len(lines), Kind.DIVIDER)]
    return Document(text, tuple(_blocks(lines, groups)), format, url, language)


def strip_marker(body: str) -> str:
    """The text of a list item without its bullet or number; an emoji stays, it is part of the text."""
    match = _MARKER.match(body)
    return body[match.end() :] if match and match[0][-1:].isspace() else body


def _lines(text: str) -> list[_Line]:
    lines = []
    start = 0
    for raw in text.splitlines(keepends=True):
        left = raw.lstrip(_BLANK)
        lines.append(_Line(start, start + len(raw), left.rstrip(_BLANK), len(raw) - len(left), not left))
        start += len(raw)
    return lines


def _blocks(lines: list[_Line], groups: list[_Group]) -> Iterator[Block]:
    """Give the blank lines between groups to the group before them, those at the start to the first."""
    run = 0
    for index, group in enumerate(groups):
        start = lines[group.first].start if index else 0
        end = lines[groups[index + 1].first].start if index + 1 < len(groups) else lines[-1].end
        if index and group.first > groups[index - 1].last:
            run += 1
        first, last = lines[group.first], lines[group.last - 1]
        # A text of blank lines only has one block with nothing to see.
        body = Span(start, start) if first.blank else Span(first.start + first.indent, _body_end(last))
        yield Block(index, group.kind, Span(start, end), body, run, group.first + 1)


def _body_end(line: _Line) -> int:
    return line.start + line.indent + len(line.body)


def _groups(lines: list[_Line]) -> Iterator[_Group]:
    """Groups of lines in order; blank lines outside code fences belong to none."""
    fences = _fence_ends(lines)
    at = 0
    while at < len(lines):
        if lines[at].blank:
            at += 1
        elif at in fences:
            yield _Group(at, fences[at] + 1, Kind.CODE)
            at = fences[at] + 1
        else:
            stop = at
            while stop < len(lines) and not lines[stop].blank and stop not in fences:
                stop += 1
            yield from _run(lines, at, stop)
            at = stop


def _fence_ends(lines: list[_Line]) -> dict[int, int]:
    """Line of each opening code fence -> line of the fence that closes it. An unclosed fence opens nothing: one
    stray ``` must not turn the rest of a scraped page into code."""
    fences = [(i, m[1], m[2].strip()) for i, line in enumerate(lines) if (m := _FENCE.match(line.body))]
    pairs: dict[int, int] = {}
    hopeless: dict[str, int] = {}  # fence character -> shortest fence known to have no closer further on
    at = 0
    while at < len(fences):
        opening, marks, _info = fences[at]
        at += 1
        if len(marks) >= hopeless.get(marks[0], len(marks) + 1):
            continue
        for ahead in range(at, len(fences)):
            closing, other, info = fences[ahead]
            if other[0] == marks[0] and len(other) >= len(marks) and not info:
                pairs[opening] = closing
                at = ahead + 1
                break
        else:
            hopeless[marks[0]] = len(marks)
    return pairs


def _run(lines: list[_Line], at: int, stop: int) -> Iterator[_Group]:
    """Groups of a stretch of lines with no blank line in it."""
    while at < stop:
        body = lines[at].body
        if (end := _table_end(lines, at, stop)) > at:
            yield _Group(at, end, Kind.TABLE)
        elif (end := _code_end(lines, at, stop)) > at:
            yield _Group(at, end, Kind.CODE)
        elif _HEADING.match(body):
            end = at + 1
            yield _Group(at, end, Kind.HEADING)
        elif not _WORDCHAR.search(body):
            end = at + 1
            # A fence that opens nothing is still a fence for whatever reads the text after us.
            yield _Group(at, end, Kind.CODE if _FENCE.match(body) else Kind.DIVIDER)
        elif _MARKER.match(body):
            end = _item_end(lines, at, stop)
            yield _Group(at, end, Kind.LIST_ITEM)
        elif at + 1 < stop and _UNDERLINE.fullmatch(lines[at + 1].body) and len(body) <= 120:
            end = at + 2
            yield _Group(at, end, Kind.HEADING)
        else:
            end = _plain_end(lines, at, stop)
            yield from _plain(lines, at, end)
        at = end


def _table_end(lines: list[_Line], at: int, stop: int) -> int:
    """Line after the table that starts at `at`, or `at` where none does.

    A table has a Markdown rule line under its head, or three rows or more with the same number of cells.
    """
    bars = lines[at].body.count("|")
    tabs = lines[at].body.count("\t")
    if bars and at + 1 < stop and "-" in lines[at + 1].body and _TABLE_RULE.fullmatch(lines[at + 1].body):
        end = at + 2
        while end < stop and "|" in lines[end].body:
            end += 1
        return end
    for mark, count, least in (("|", bars, 2), ("\t", tabs, 1)):
        end = at
        while count >= least and end < stop and lines[end].body.count(mark) == count:
            end += 1
        if end - at >= 3:
            return end
    return at


def _code_end(lines: list[_Line], at: int, stop: int) -> int:
    """Line after the lines of code that start at `at`, or `at`: at least two lines that read as code, nearly all
    of the rest of the stretch too. Indentation alone is not code."""
    end = at
    hits = 0
    while end < stop and (_is_code(lines[end].body) or (hits * 2 > end - at and _could_be_code(lines[end].body))):
        hits += _is_code(lines[end].body)
        end += 1
    return end if hits >= 2 and hits * 2 > end - at else at


def _is_code(body: str) -> bool:
    if len(body) > 200:
        return False
    if _CODE_LINE.match(body):
        return True
    return bool(_MAYBE_CODE.match(body)) and len(_CODE_SIGN.findall(body)) >= max(3, len(body) // 15)


def _could_be_code(body: str) -> bool:
    return len(body) <= 200 and len(_CODE_SIGN.findall(body)) * 12 >= len(body)


def _item_end(lines: list[_Line], at: int, stop: int) -> int:
    """A list item goes on over lines indented deeper than its marker that start nothing of their own."""
    end = at + 1
    while end < stop and lines[end].indent > lines[at].indent and not _starts_anew(lines, end, stop):
        end += 1
    return end


def _plain_end(lines: list[_Line], at: int, stop: int) -> int:
    """Line after the longest stretch from `at` on that starts no table, code, heading, list item or divider."""
    end = at + 1
    while (
        end < stop
        and not (end + 1 < stop and _UNDERLINE.fullmatch(lines[end + 1].body))
        and not _starts_anew(lines, end, stop)
    ):
        end += 1
    return end


def _starts_anew(lines: list[_Line], at: int, stop: int) -> bool:
    """Whether the line at `at` starts a divider, list item, marked heading, table or code."""
    body = lines[at].body
    return bool(
        not _WORDCHAR.search(body)
        or _MARKER.match(body)
        or _HEADING.match(body)
        or _table_end(lines, at, stop) > at
        or _code_end(lines, at, stop) > at
    )


def _plain(lines: list[_Line], at: int, end: int) -> Iterator[_Group]:
    if _is_wrapped([line.body for line in lines[at:end]]):
        yield _Group(at, end, _plain_kind(lines[at].body))
        return
    for index in range(at, end):
        yield _Group(index, index + 1, _plain_kind(lines[index].body))


def _plain_kind(body: str) -> Kind:
    return Kind.QUOTE if body.startswith(">") else Kind.PARAGRAPH


def _is_wrapped(bodies: list[str]) -> bool:
    """Whether lines are one paragraph, broken wherever the next word did not fit.

    Greedy wrapping leaves a trace: no line could have taken the first word of the next one. A list of short lines
    fails that at once; a list of lines that happen to be as long as each other mostly starts them with a capital,
    which running text does not.
    """
    breaks = len(bodies) - 1
    width = max(map(len, bodies))
    if breaks < 1 or width not in _WRAP_WIDTHS:
        return False
    misfits = sum(len(line) + _need(after) <= width for line, after in pairwise(bodies))
    if misfits * 10 > breaks:
        return False
    starts = [body.lstrip("> \"'“”‘’(")[:1] for body in bodies[1:]]
    cased = [start for start in starts if start.lower() != start.upper()]
    if not cased:
        return breaks >= 2
    lower = sum(start == start.lower() for start in cased)
    return lower * (2 if breaks < 3 else 3) >= len(cased)


def _need(line: str) -> int:
    """Columns that the first word of `line` would have taken at the end of the line before it."""
    if _DENSE.match(line):
        return 1
    first = _FIRST_WORD.match(line)
    return 1 + len(first[0]) if first else 0
