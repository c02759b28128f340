"""What callers use: clean, explain, Cleaner, Config, Result."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import cleaner
from cleaner import Cleaner, Config, ConfigError, DocumentError, clean, explain
from tests.variants import load

ARTICLE = "It rained on Tuesday.\n\nShare on Facebook\n\nIt rained again on Friday.\n"
CLEANED = "It rained on Tuesday.\n\nIt rained again on Friday.\n"
PROSE = "The council voted on Tuesday to keep the old swing bridge open at night, after three hours of debate. "
PAGE = (
    "<!doctype html><html><head><title>T</title></head><body><nav><a href='/'>Home</a></nav><article><h1>Bridge</h1>"
    f"<p>{PROSE * 2}</p><p>{PROSE.replace('Tuesday', 'Friday') * 2}</p>"
    "<p>Share on Facebook</p></article></body></html>"
)


def test_clean_is_the_text_of_explain() -> None:
    assert clean(ARTICLE) == explain(ARTICLE).text == Cleaner().clean(ARTICLE) == CLEANED


def test_a_removed_block_carries_what_removed_it() -> None:
    result = explain(ARTICLE)
    (block,) = result.removed
    verdict = result.verdicts[block.index]
    assert verdict.removed
    assert verdict.family == "share"
    assert [(e.rule, e.words) for e in verdict.evidence if e.score > 2] == [("SHA001", "Share on Facebook")]
    assert verdict.score == sum(e.score for e in verdict.evidence)


def test_strictness_moves_the_threshold() -> None:
    text = load("opentools-scale-ai").text
    sizes = [len(Cleaner(Config(strictness=s)).clean(text)) for s in ("keep-more", "balanced", "remove-more")]
    assert sizes[0] >= sizes[1] >= sizes[2]
    thresholds = [
        Cleaner(Config(strictness=s)).explain(ARTICLE).verdicts[0].threshold for s in ("keep-more", "balanced")
    ]
    assert thresholds[0] > thresholds[1]


def test_information_is_not_lost() -> None:
    result = explain(load("xpert-scale-ai").text)
    assert any("June 15, 2025" in line for line in result.metadata["date"])


def test_configuration_is_checked_and_frozen() -> None:
    for wrong in (
        {"strictness": "wild"},
        {"keep": ("(",)},
        {"keep": "x"},
        {"near_duplicate": 0.1},
        {"max_chars": 0},
        {"encoding": "klingon"},
        {"collapse": "yes"},
    ):
        with pytest.raises(ConfigError):
            Config(**wrong)
    with pytest.raises(AttributeError):
        Config().strictness = "balanced"  # type: ignore[misc]
    with pytest.raises(ConfigError, match="format 'pdf'"):
        explain(ARTICLE, format="pdf")
    with pytest.raises(ConfigError, match="site profiles"):
        explain(ARTICLE, profile="site.profile")


def test_what_the_user_keeps_stays() -> None:
    assert clean(ARTICLE, config=Config(keep=("Facebook$",))) == ARTICLE


def test_collapse_can_be_switched_off() -> None:
    text = f"{PROSE}\n\nIt rained.\n\n{PROSE}\n"
    assert clean(text) == f"{PROSE}\n\nIt rained.\n\n"
    assert clean(text, config=Config(collapse=False)) == text


def test_html_is_told_apart_and_restored() -> None:
    for source in (PAGE, PAGE.encode(), "\ufeff" + PAGE, f"<!-- c -->\n{PAGE}"):
        result = explain(source)
        assert result.document.format == "html"
        assert "Share" not in result.text
        assert "swing bridge" in result.text
        assert result.restore() == source
    fragment = f"<p>{PROSE}</p>\n<p>{PROSE.replace('night', 'noon')}</p>"
    assert explain(fragment).document.format == "html"
    for text in (ARTICLE, "<p> is the tag of a paragraph.", "# About <div>\n\nText.", "if a < b and c > d:\n", PROSE):
        assert explain(text).document.format == "text"


@pytest.mark.parametrize(
    ("encoding", "declaration"),
    [
        ("windows-1252", '<meta charset="windows-1252">'),
        ("windows-1252", '<meta http-equiv="Content-Type" content="text/html; charset=iso-8859-1">'),
        ("utf-8", '<meta charset="windows-1252">'),  # declared wrongly: valid UTF-8 is UTF-8
        ("windows-1251", '<meta charset="cp1251">'),
        ("shift_jis", '<meta charset="shift_jis">'),
        ("iso-2022-jp", '<meta charset="iso-2022-jp">'),
        ("utf-8", '<meta charset="replacement">'),
        ("utf-8", '<meta charset="iso-2022-kr">'),
        ("utf-8", '<meta charset="utf-16">'),
        ("utf-16", ""),
        ("utf-8-sig", ""),
        ("windows-1252", ""),  # detected
    ],
)
def test_html_bytes_are_decoded(encoding: str, declaration: str) -> None:
    words = {"windows-1251": "Совет решил ", "shift_jis": "理事会は決めた。", "iso-2022-jp": "理事会は決めた。"}
    word = words.get(encoding, "Le café – l’été à Orléans, déjà ")
    body = f"<p>{(word * 20).strip()}</p><p>{PROSE * 3}</p>"
    page = f"<html><head>{declaration}<title>T</title></head><body><article>{body}</article></body></html>"
    data = page.encode(encoding)
    result = explain(data)
    assert word.strip() in result.text
    assert result.restore() == data


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (b"\x00\x01\x02\x03", "binary"),
        (b"caf\xe9", "UTF-8"),
        ("<html><body></body></html>", "without any text"),
        (7, "str or bytes"),
    ],
)
def test_what_is_no_document_is_an_error_of_one_line(source: object, message: str) -> None:
    with pytest.raises(DocumentError, match=message) as caught:
        explain(source)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)


def test_a_document_over_the_limit_is_an_error() -> None:
    with pytest.raises(DocumentError, match="101 characters are over the limit of 100"):
        explain("x" * 101, config=Config(max_chars=100))


def test_a_short_fragment_of_html_has_its_text() -> None:
    assert clean("<p>The café on the corner.</p>").strip() == "The café on the corner."
    assert (
        clean("<meta charset=x><html><body><p>Tea at five.</p></body></html>", format="html").strip() == "Tea at five."
    )


def test_a_document_of_nothing_but_boilerplate_says_so() -> None:
    result = explain("Share on Facebook\n\n© 2025 The Ledger. All rights reserved.\n")
    assert result.text == ""
    assert result.warnings == ("nothing is left of this document",)


def test_neighbours_alone_remove_no_sentence() -> None:
    line = "The river runs to the sea and we follow it down, all of us together, singing as we go"
    text = f"The river runs\n\nThe river runs\n\n{line}\n\n" * 3
    assert line in clean(text)


def test_many_alike_paragraphs_take_no_forever() -> None:
    text = "".join(
        f"The council voted to keep the old swing bridge open at night, paragraph {n}.\n\n" for n in range(600)
    )
    assert clean(text) == text


def test_empty_text_is_empty() -> None:
    assert clean("") == ""
    assert clean(b"") == ""
    assert clean(" \n\n") == " \n\n"
    assert explain("").removed == ()


def test_pipe_keeps_order_and_goes_on_after_a_bad_document() -> None:
    sources = [ARTICLE, b"\x00\x01", {"source": PAGE, "url": "https://example.org/"}, "", b"It rained.\n"]
    results = list(Cleaner().pipe(sources))
    assert [r.error is None for r in results] == [True, False, True, True, True]
    assert results[0].text == CLEANED
    assert results[1].restore() == b"\x00\x01"
    assert results[2].document.url == "https://example.org/"
    assert results[4].text == "It rained.\n"


def test_one_cleaner_serves_many_threads() -> None:
    text = load("opentools-scale-ai").text
    shared = Cleaner()
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(shared.clean, [text] * 8)) == {shared.clean(text)}


@pytest.mark.slow
def test_the_same_bytes_under_any_hash_seed() -> None:
    code = (
        "import hashlib, pathlib, cleaner;"
        "t = pathlib.Path('samples/opentools-scale-ai.txt').read_text(encoding='utf-8');"
        "r = cleaner.explain(t + t); print(hashlib.sha256(repr((r.text, r.verdicts)).encode()).hexdigest())"
    )
    root = Path(__file__).parent.parent
    seen = {
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, check=True, cwd=root, env={"PYTHONHASHSEED": seed}
        ).stdout
        for seed in ("0", "1", "4242")
    }
    assert len(seen) == 1


def test_import_is_light() -> None:
    """Text needs no HTML parser, no MinHash and no command line; only what is on this list is loaded."""
    code = (
        "import sys; old = set(sys.modules); import cleaner; print(*{m.split('.')[0] for m in set(sys.modules) - old})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    allowed = {"cleaner", "numpy", "regex", "ahocorasick_rs", "tomli", *sys.stdlib_module_names}
    assert {
        m for m in set(done.stdout.split()) - allowed if not m.startswith("_") and not m.endswith("__mypyc")
    } == set()


def test_public_names_exist() -> None:
    assert all(hasattr(cleaner, name) for name in cleaner.__all__)
