"""A result as plain data for JSON."""

from __future__ import annotations

from typing import Any

from cleaner.evidence import Result

__all__ = ["as_json"]


def as_json(result: Result) -> dict[str, Any]:
    """Blocks with offsets, text, verdict and evidence. Joined, the blocks' `text` gives the document's text back;
    those not `removed` give the cleaned one."""
    blocks = []
    for block in result.blocks:
        verdict = result.verdicts[block.index]
        evidence = [
            {
                "rule": item.rule,
                "name": item.name,
                "family": item.family,
                "score": round(item.score, 4),
                "start": item.span.start,
                "end": item.span.end,
                "words": item.words,
                **({} if item.copy_of is None else {"copy_of": item.copy_of}),
            }
            for item in verdict.evidence
        ]
        blocks.append(
            {
                "index": block.index,
                "kind": block.kind.value,
                "line": block.line,
                "start": block.span.start,
                "end": block.span.end,
                "text": result.document.text[block.span.start : block.span.end],
                "removed": verdict.removed,
                "protected": verdict.protected,
                "score": round(verdict.score, 4),
                "family": verdict.family if verdict.removed else None,
                "evidence": evidence,
            }
        )
    return {
        "format": result.document.format,
        "encoding": result.encoding,
        "page": {"kind": result.page.name, "confidence": result.page.confidence},
        "warnings": list(result.warnings),
        "metadata": {family: list(lines) for family, lines in result.metadata.items()},
        "blocks": blocks,
    }
