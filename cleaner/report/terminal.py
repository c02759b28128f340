"""Results as lines for a terminal; plain where colours are not wanted."""

from __future__ import annotations

from collections.abc import Iterator

import click

from cleaner.batch import Summary
from cleaner.evidence import MODEL, Evidence, Result, Verdict

__all__ = ["explain_lines", "summary_lines"]

_WIDTH = 96


def explain_lines(result: Result, *, colour: bool, kept: bool = True) -> Iterator[str]:
    """The document block by block: what stays, what goes, and the evidence that adds up to each removal.

    Lines begin with `  ` (stays) or `- ` (goes) and the number of the line in the text.
    """

    def paint(text: str, **style: object) -> str:
        return click.style(text, **style) if colour else text  # type: ignore[arg-type]

    for block in result.blocks:
        verdict = result.verdicts[block.index]
        text = _short(" ".join(result.document.body(block).split()))
        if not verdict.removed:
            if kept:
                yield f"  {block.line:5} {text}"
            for item in verdict.evidence:
                if not item.score and (kept or item.family not in ("byline", "legal")):
                    words = _short(" ".join(item.words.split()))
                    yield paint(f"? {block.line:5} {item.rule} {item.name} would say {item.family}: {words}", dim=True)
            continue
        yield paint(f"- {block.line:5} {text}", fg="red")
        yield paint(f"        {verdict.family}: {_sum(verdict)}", dim=True)
        for item in verdict.evidence:
            # Where a rule speaks of the whole block, its words are on the line above.
            if item.copy_of is not None:
                yield paint(f"          {item.rule}: repeats line {result.blocks[item.copy_of].line}", dim=True)
            elif item.score > 0 and len(item.span) * 2 < len(block.body):
                yield paint(f"          {item.rule}: {_short(' '.join(item.words.split()))}", dim=True)
    yield from (paint(f"! {line}", fg="yellow") for line in result.warnings)
    if result.page.confidence:
        yield paint(f"kind of page: {result.page.name} ({result.page.confidence:.0%} sure)", dim=True)
    yield f"{len(result.removed)} of {len(result.blocks)} blocks go, {_share(result)} of the characters"


def _sum(verdict: Verdict) -> str:
    """`5.2 = prior -1.5 + LOG002 logo-row 4.5 + ...`"""
    parts = [f"{_name(item)} {item.score:+.1f}" for item in verdict.evidence]
    return f"{verdict.score:+.1f} (over {verdict.threshold:+.1f}) = " + ", ".join(parts)


def _name(item: Evidence) -> str:
    if item.rule == MODEL:
        return item.words
    return item.name if item.rule.startswith("DEC") else f"{item.rule} {item.name}"


def _short(text: str) -> str:
    return text if len(text) <= _WIDTH else text[: _WIDTH - 1] + "…"


def _share(result: Result) -> str:
    total = len(result.document.text)
    return f"{(total - len(result.text)) / total:.1%}" if total else "0 %"


def summary_lines(summary: Summary) -> Iterator[str]:
    """A batch in a few lines."""
    share = (summary.chars_in - summary.chars_out) / summary.chars_in if summary.chars_in else 0.0
    yield (
        f"{summary.documents} documents cleaned, {summary.changed} changed; "
        f"{summary.removed} of {summary.blocks} blocks and {share:.1%} of {summary.chars_in:,} characters removed"
    )
    if summary.families:
        parts = ", ".join(f"{family} {count:,}" for family, count in summary.families.most_common())
        yield f"characters by family: {parts}"
    if summary.kinds.keys() - {"unknown"}:
        yield "kinds of page: " + ", ".join(f"{kind} {count}" for kind, count in summary.kinds.most_common())
    if summary.left_out:
        yield f"{summary.left_out} documents of other kinds were not written"
    for path, line in summary.warnings:
        yield f"warning: {path}: {line}"
    if summary.failures:
        yield f"{len(summary.failures)} documents failed and were not written"
