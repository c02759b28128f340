"""What must come out right first: the two real articles, variants of them, a scraped site, and clean prose."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cleaner import clean, explain
from tests.variants import Labelled, faults, injected, labelled, load, renamed, variant

HERE = Path(__file__).parent
SAMPLES = HERE.parent / "samples"
ARTICLES = ("opentools-scale-ai", "xpert-scale-ai")
CLEAN = sorted((SAMPLES / "clean").iterdir())
SITE = sorted(p for p in (SAMPLES / "site").rglob("*") if p.suffix in (".txt", ".md"))
SITE_LABELS = HERE / "data" / "site-labels"


@pytest.mark.parametrize("name", ARTICLES)
def test_real_articles_come_out_right(name: str) -> None:
    case = load(name)
    output = clean(case.text)
    assert faults(case, output) == []
    assert output == (SAMPLES / "expected" / f"{name}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ARTICLES)
@pytest.mark.parametrize("table", ["open", "held"])
def test_articles_come_out_right_under_other_names_and_promos(name: str, table: str) -> None:
    """Companies, products, people, phone numbers and the promo's wording replaced: every line as labelled."""
    for seed in range(20):
        case = renamed(name, seed, table)
        assert faults(case, clean(case.text, format="text")) == []


SHAPES: dict[str, Callable[[str], str]] = {
    "windows newlines": lambda text: text.replace("\n", "\r\n"),
    "no indentation": lambda text: "\n".join(line.strip() for line in text.split("\n")),
    "a line a block": lambda text: "\n".join(line.strip() for line in text.split("\n") if line.strip()),
    "blank lines between all": lambda text: "\n\n".join(line.strip() for line in text.split("\n") if line.strip()),
}


@pytest.mark.parametrize("name", ARTICLES)
@pytest.mark.parametrize("shape", SHAPES)
def test_real_articles_come_out_right_in_any_layout(name: str, shape: str) -> None:
    case = load(name)
    assert faults(case, clean(SHAPES[shape](case.text), format="text")) == []


@pytest.mark.parametrize("table", ["open", "held"])
@pytest.mark.parametrize("copies", [1, 2, 3])
def test_promo_blocks_put_into_an_article_go(table: str, copies: int) -> None:
    """Heading, pitch and logos between the paragraphs of an article. Repeated they all go; where they stand once, the
    logos do, and no line of the article goes with them."""
    for seed in range(20):
        case = injected(seed, table, copies)
        found = faults(case, clean(case.text, format="text"))
        pitch = [f"left: {line}" for line in case.remove[:2]]
        assert found == [] if copies > 1 else set(found) <= set(pitch)


@pytest.mark.parametrize("name", ARTICLES)
@pytest.mark.parametrize("seed", range(12))
def test_variants_lose_no_prose(name: str, seed: int) -> None:
    for table in ("open", "held"):
        case = variant(name, seed, table)
        lost = [fault for fault in faults(case, clean(case.text, format="text")) if fault.startswith("lost")]
        assert lost == []


def share_left(table: str, seeds: range) -> float:
    """Share of the lines that should go which stay, over variants of both articles."""
    wanted = left = 0
    for name in ARTICLES:
        for seed in seeds:
            case = variant(name, seed, table)
            wanted += len(set(case.remove))
            left += sum(f.startswith("left") for f in faults(case, clean(case.text, format="text")))
    return left / wanted


@pytest.mark.slow
def test_variants_in_wordings_seen_while_writing_the_rules() -> None:
    assert share_left("open", range(20)) <= 0.03


@pytest.mark.slow
def test_variants_in_wordings_never_seen() -> None:
    assert share_left("held", range(20)) <= 0.03


@pytest.mark.parametrize("path", CLEAN, ids=lambda p: p.name)
def test_clean_prose_is_left_alone(path: Path) -> None:
    result = explain(path.read_bytes(), format="text")
    assert [result.document.body(b) for b in result.removed] == []
    assert not result.warnings


def site_page(path: Path) -> Labelled:
    table = (SITE_LABELS / path.relative_to(SAMPLES / "site")).with_suffix(".labels.tsv")
    return labelled(path.name, path.read_text(encoding="utf-8"), table.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", SITE, ids=lambda p: p.name)
def test_scraped_pages_keep_every_line_of_the_article(path: Path) -> None:
    case = site_page(path)
    found = faults(case, clean(case.text, format="text"))
    assert [fault for fault in found if fault.startswith("lost")] == []
    # A teaser's title between paragraphs, or a promo's heading, looks like a heading of the article.
    assert len(found) <= 6


@pytest.mark.parametrize("path", sorted((SAMPLES / "site").rglob("*.html")), ids=lambda p: p.name)
def test_html_pages_lose_their_furniture(path: Path) -> None:
    text = clean(path.read_bytes())
    assert len(text) > 1500
    for furniture in ("Skip to main content", "Accept all", "All rights reserved", "Share on Gullpost", " Logo"):
        assert furniture not in text


def test_windows_1252_page_is_decoded() -> None:
    text = clean((SAMPLES / "site/culture/2024/cafe-theremin.html").read_bytes())
    assert "café" in text
    assert "’" in text
    assert "\ufffd" not in text
