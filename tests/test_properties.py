"""The promises, on generated text and on every sample."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cleaner import Result, clean, explain
from cleaner.fingerprint import fold, unmark
from cleaner.segment import segment
from tests.strategies import ANY_TEXT, documents

SAMPLES = Path(__file__).parent.parent / "samples"
TEXTS = sorted(p for p in SAMPLES.rglob("*") if p.suffix in (".txt", ".md"))
PAGES = sorted(SAMPLES.rglob("*.html"))
GENERATED = st.one_of(ANY_TEXT, documents())
FEWER = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def holds_together(result: Result) -> None:
    """Blocks partition the text; kept and removed make up all; scores add up; protected blocks stay."""
    text, blocks = result.document.text, result.blocks
    assert result.document.join(blocks) == text
    ends = [0, *(b.span.end for b in blocks)]
    assert [b.span.start for b in blocks] == ends[:-1]
    assert ends[-1] == len(text)
    kept = [b for b in blocks if not result.verdicts[b.index].removed]
    assert sorted((*kept, *result.removed), key=lambda b: b.index) == list(blocks)
    assert result.document.join(kept) == result.text
    for block, verdict in zip(blocks, result.verdicts, strict=True):
        assert verdict.block == block.index
        assert block.span.start <= block.body.start <= block.body.end <= block.span.end
        assert verdict.score == pytest.approx(sum(e.score for e in verdict.evidence))
        assert not (verdict.protected and verdict.removed)
        for item in verdict.evidence:
            assert block.span.start <= item.span.start <= item.span.end <= block.span.end
            if verdict.removed and item.copy_of is not None:
                assert item.copy_of != block.index
        if verdict.removed:
            assert any(e.score > 0 for e in verdict.evidence)


@FEWER
@given(ANY_TEXT)
def test_blocks_partition_any_text(text: str) -> None:
    document = segment(text)
    assert document.join(document.blocks) == text
    assert [b.index for b in document.blocks] == list(range(len(document.blocks)))


@FEWER
@given(ANY_TEXT)
def test_folding_and_unmarking_keep_offsets(text: str) -> None:
    assert len(fold(text)) == len(unmark(text)) == len(text)


def test_every_character_folds_to_one() -> None:
    every = "".join(map(chr, range(0x110000)))
    assert len(fold(every)) == len(every)


@FEWER
@given(GENERATED)
def test_results_hold_together(text: str) -> None:
    result = explain(text, format="text")
    holds_together(result)
    assert result.restore() == text


@FEWER
@given(GENERATED)
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    once = clean(text)
    assert clean(once) == once


@FEWER
@given(documents(), st.sampled_from(["utf-8", "utf-16", "utf-16-le", "utf-8-sig"]))
def test_bytes_come_back(text: str, encoding: str) -> None:
    data = text.encode(encoding)
    if encoding == "utf-16-le":
        data = b"\xff\xfe" + data
    result = explain(data, format="text")
    assert result.restore() == data


@pytest.mark.parametrize("path", TEXTS, ids=lambda p: str(p.relative_to(SAMPLES)))
def test_samples_keep_the_promises(path: Path) -> None:
    data = path.read_bytes()
    result = explain(data, format="text")
    holds_together(result)
    assert result.restore() == data
    assert clean(result.text, format="text") == result.text


@pytest.mark.parametrize("path", PAGES, ids=lambda p: str(p.relative_to(SAMPLES)))
def test_pages_keep_the_promises(path: Path) -> None:
    data = path.read_bytes()
    result = explain(data)
    assert result.document.format == "html"
    holds_together(result)
    assert result.restore() == data
    assert clean(result.text, format="text") == result.text
