"""HTML as blocks: what is read, the hints, Markdown, and what happens where a page holds nothing that is seen."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner import Cleaner, Config, DocumentError, clean, explain
from cleaner.detect.prose import STANDARD, for_pages, load_model
from cleaner.html import embedded_article
from cleaner.page import HINTS, VERDICTS, read_page, verdict_hints

SITE = sorted((Path(__file__).parent.parent / "samples" / "site").rglob("*.html"))
SENTENCE = "The council voted on Tuesday to keep the old swing bridge open at night, after three hours of debate. "
PAGE = f"""<!doctype html><html><head><title>The bridge | Ossel Times</title><script>var x = "no text";</script></head>
<body><nav><ul><li><a href="/">Home</a></li><li><a href="/news">News</a></li></ul></nav>
<main><h1>The bridge</h1><p>{SENTENCE * 3}</p>
<h2>Costs</h2><p>{SENTENCE * 2}<b>Nobody</b> spoke<br>against it.</p>
<ol><li>First the paint, which has come off on the northern side.</li><li>Then the
 motor<ul><li>and its two belts</li></ul></li></ol>
<blockquote><p>{SENTENCE}</p></blockquote>
<table><tr><th>Year</th><th>Boats</th></tr><tr><td>2023</td><td>412</td></tr><tr><td>2024</td><td>388</td></tr></table>
<pre>open()
  wait(60)</pre>
<p>It will stay open until October, and the lamp above the gate will burn.</p></main>
<footer><a href="/a">Privacy</a><a href="/b">Terms of use</a></footer></body></html>"""


def bodies(html: str) -> list[str]:
    page = read_page(html)
    assert page is not None
    return [page.document.body(b) for b in page.document.blocks]


def hint(html: str, name: str, text: str) -> int:
    page = read_page(html)
    assert page is not None
    at = next(b.index for b in page.document.blocks if text in page.document.body(b))
    return int(page.hints[at, HINTS.index(f"page: {name}")])


def test_blocks_are_what_a_reader_sees_as_one() -> None:
    found = bodies(PAGE)
    assert found[:3] == ["Home", "News", "The bridge"]
    assert "Nobody spoke" in found[5]
    assert found[6] == "against it."
    assert "Year | Boats\n2023 | 412\n2024 | 388" in found
    assert "open()\n  wait(60)" in found
    assert found[-1] == "Privacy Terms of use"
    assert not any("no text" in body for body in found)


def test_hints_say_where_a_block_stands() -> None:
    assert hint(PAGE, "in nav", "Home") == 1
    assert hint(PAGE, "link share", "Home") == 1000
    assert hint(PAGE, "in nav", "The bridge") == 0
    assert hint(PAGE, "heading level", "Costs") == 2
    assert hint(PAGE, "below trunk", "The bridge") > 0 > hint(PAGE, "below trunk", "Home")
    assert hint(PAGE, "in main", "Costs") == 1
    assert hint('<div style="display:none"><p>Gone for good</p></div><p>Here</p>', "hidden", "Gone") == 1
    assert hint('<div class="share-bar"><p>On paper</p></div><p>Here</p>', "words above share", "On paper") == 1


@pytest.mark.parametrize("path", SITE, ids=lambda p: p.name)
def test_blocks_partition_the_text(path: Path) -> None:
    page = read_page(path.read_text(encoding="utf-8", errors="replace"))
    assert page is not None
    document = page.document
    assert document.join(document.blocks) == document.text
    assert page.hints.shape == (len(document.blocks), len(HINTS))
    assert page.hints.dtype == np.int64
    assert all(b.span.start <= b.body.start < b.body.end <= b.span.end for b in document.blocks)
    assert [document.text.count("\n", 0, b.body.start) + 1 for b in document.blocks] == [
        b.line for b in document.blocks
    ]


TAGS = st.sampled_from(
    ["p", "div", "ul", "li", "a", "h2", "pre", "table", "tr", "td", "br", "span", "nav", "blockquote"]
)
MARKUP = st.lists(
    st.one_of(TAGS.map(lambda t: f"<{t}>"), TAGS.map(lambda t: f"</{t}>"), st.text("abc é中\n.<&", max_size=12)),
    max_size=40,
).map("".join)


@settings(deadline=None, max_examples=150)
@given(MARKUP)
def test_any_markup_is_read_or_refused(markup: str) -> None:
    try:
        result = explain(f"<html><body>{markup}</body></html>", format="html", config=Config(html="fast"))
    except DocumentError:
        return
    assert result.document.join(result.blocks) == result.document.text
    assert result.markdown.count("\n") >= result.text.count("\n")


def test_the_article_stays_and_the_furniture_goes() -> None:
    for mode in ("full", "fast"):
        text = clean(PAGE, format="html", config=Config(html=mode))
        assert text.count("swing bridge") == 6
        assert "lamp above the gate" in text
        assert "wait(60)" in text
        assert "2023 | 412" in text
        assert "Privacy" not in text


def test_markdown_keeps_headings_lists_tables_and_code() -> None:
    markdown = explain(PAGE, format="html").markdown
    assert markdown.startswith("# The bridge\n\n")
    assert "\n\n## Costs\n\n" in markdown
    assert (
        "1. First the paint, which has come off on the northern side.\n2. Then the motor\n  - and its two belts\n"
        in markdown
    )
    assert f"\n\n> {SENTENCE.strip()}\n\n" in markdown
    assert "| Year | Boats |\n| --- | --- |\n| 2023 | 412 |\n| 2024 | 388 |\n" in markdown
    assert "```\nopen()\n  wait(60)\n```\n" in markdown


def test_what_looks_like_a_mark_is_escaped_and_fences_hold() -> None:
    html = f"<main><p># not a heading</p><p>{SENTENCE * 4}</p><pre>```\ncode\n```</pre><p>{SENTENCE * 3}</p></main>"
    result = explain(html, format="html")
    assert "````\n```\ncode\n```\n````" in result.markdown
    if "not a heading" in result.text:
        assert "\\# not a heading" in result.markdown


def test_of_a_title_that_stands_twice_the_heading_stays() -> None:
    title = "The bridge that nobody crossed in winter"
    path = f'<nav><ol><li><a href="/">Home</a></li><li><a href="/n">News</a></li><li>{title}</li></ol></nav>'
    html = PAGE.replace("<main><h1>The bridge</h1>", f"{path}<main><h1>{title}</h1>")
    result = explain(html, format="html")
    assert result.markdown.startswith(f"# {title}\n")
    assert result.text.count(title) == 1
    for verdict in result.verdicts:
        assert verdict.score == pytest.approx(sum(e.score for e in verdict.evidence))


def test_markdown_of_a_text_is_the_text() -> None:
    result = explain("# A heading\n\nWind is air that moves.\n")
    assert result.markdown == result.text


def test_an_empty_page_gives_what_it_carries_for_machines() -> None:
    body = "\n\n".join(f"{SENTENCE * 3}It cost {n} pounds." for n in range(4))
    data = {"@graph": [{"@type": "NewsArticle", "articleBody": f"<b>{body}</b>"}, {"articleBody": "short"}]}
    html = (
        f'<html><head><script type="application/ld+json">{json.dumps(data)}</script></head>'
        "<body><div>Loading</div></body></html>"
    )
    assert embedded_article(html) == body
    assert clean(html).count("swing bridge") == 12
    assert "swing bridge" not in clean(html.replace("Loading", "A real page. " * 300))
    seen = html.replace("Loading", "<p>" + "A real page of a real site, with a harbour in it. " * 30 + "</p>")
    assert "harbour" in clean(seen, config=Config(model=None))
    assert "swing bridge" not in clean(seen, config=Config(model=None))
    assert embedded_article('<script type="application/ld+json">{broken</script>') == ""


@pytest.mark.parametrize("html", ["", "<html></html>", "<html><body><script>x</script></body></html>"])
def test_a_page_without_text_is_refused_in_one_line(html: str) -> None:
    with pytest.raises(DocumentError, match="HTML") as caught:
        clean(html, format="html")
    assert "\n" not in str(caught.value)


def test_deep_nesting_is_read() -> None:
    html = "<div>" * 1000 + f"<p>{SENTENCE * 3}</p>"
    assert "swing bridge" in clean(html, format="html", config=Config(html="fast"))


def test_what_trafilatura_knows_is_told() -> None:
    html = PAGE.replace(
        "<head>", '<head><meta name="author" content="Ann Onymous"><meta name="date" content="2024-05-03">'
    )
    told = explain(html, format="html").metadata
    assert told["title"] == ("The bridge",)
    assert told["author"] == ("Ann Onymous",)
    assert told["date"] == ("2024-05-03",)
    assert explain(html, format="html", config=Config(html="fast")).metadata["title"] == ("The bridge | Ossel Times",)


def test_verdicts_are_shares_of_each_block() -> None:
    page = read_page(PAGE)
    assert page is not None
    rows = verdict_hints(page.document, (SENTENCE * 3, ""))
    assert rows.shape == (len(page.document.blocks), len(VERDICTS))
    at = next(b.index for b in page.document.blocks if page.document.body(b).startswith("The council"))
    assert rows[at, 0] > 900
    assert not rows[:, 1].any()


def test_another_trafilatura_is_left_out_with_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cleaner.pipeline.version", lambda _name: "0.1")
    result = explain(PAGE, format="html")
    assert any("trafilatura" in line for line in result.warnings)
    assert result.text == clean(PAGE, format="html", config=Config(html="fast"))


@pytest.mark.parametrize("mode", ["full", "fast"])
def test_models_of_pages_say_what_they_are(mode: str) -> None:
    extra = (*HINTS, *(VERDICTS if mode == "full" else ()))
    model = load_model(for_pages(STANDARD, mode), extra)
    assert ("trafilatura" in model.about) == (mode == "full")
    assert model.columns[-len(extra) :] == extra
    assert f"--html {mode}" in model.about["command"]


def test_a_model_of_texts_alone_reads_pages_as_text(tmp_path: Path) -> None:
    path = tmp_path / "own.npz"
    replace(load_model(STANDARD)).save(path)
    assert "swing bridge" in Cleaner(Config(model=str(path))).clean(PAGE)
