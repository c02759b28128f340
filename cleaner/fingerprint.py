"""Normalised forms of a text: what is compared, and what patterns look at."""

from __future__ import annotations

import unicodedata

import regex

__all__ = ["DENSE_SCRIPTS", "fold", "normalise", "unmark"]

# Scripts written without blanks between words, as a set of characters for patterns.
DENSE_SCRIPTS = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]"

_WORD = regex.compile(r"[\w]+")
# One character for one character, so that offsets into the folded text are offsets into the text.
_ALIKE = {
    "\u0130": "i",  # its lower case is two characters long
    **dict.fromkeys("\t\n\r\v\f\x1c\x1d\x1e\x85\u00a0\u1680\u2028\u2029\u202f\u205f\u3000", " "),
    **dict.fromkeys(map(chr, range(0x2000, 0x200B)), " "),
    **dict.fromkeys("\u2018\u2019\u201b\u02bc\u00b4", "'"),
    **dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb", '"'),
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"),
}


def fold(text: str) -> str:
    """Lower case with plain blanks, quotes and dashes: same length, same offsets as `text`."""
    for char, plain in _ALIKE.items():
        if char in text:
            text = text.replace(char, plain)
    return text.lower()


_MARKUP = regex.compile(
    r"!?\[(?=[^\[\]\n]*\]\()|\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*(?: +\"[^\"\n]*\")?\)"  # links and pictures
    r"|\]\(\S*$|(?<![\w*])\*{1,3}(?=\S)|(?<=\S)\*{1,3}(?![\w*])|(?<!\w)_{1,3}(?=\S)|(?<=\S)_{1,3}(?!\w)"  # emphasis
    r"|^[ \t]*#{1,6}(?=[ \t])|(?<!`)`(?!`)",  # headings, code spans
    regex.MULTILINE,
)


def unmark(text: str) -> str:
    """`text` with Markdown's marks and link targets blanked out: what a reader sees, at the same offsets."""
    if "](" not in text and not {"*", "_", "#", "`"} & set(text):
        return text
    # Inside out: a picture may stand in a link.
    for _ in range(2):
        text = _MARKUP.sub(lambda match: " " * len(match[0]), text)
    return text


def normalise(text: str) -> str:
    """The words of `text` alone: NFKC, casefolded, one blank between, no punctuation."""
    return " ".join(_WORD.findall(unicodedata.normalize("NFKC", text).casefold()))
