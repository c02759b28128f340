"""What other tools keep of a page, for `bench/quality.py`: each a function from HTML, or from flattened text, to text.

A peer is imported when it is first called; `installed` says which are here. `rs-trafilatura` has to be built with a
Rust toolchain where there is no wheel, `magic-html` is not on PyPI (github.com/opendatalab/magic-html).
"""

from __future__ import annotations

import html as entities
import logging
import re
from collections.abc import Callable
from functools import cache, partial
from importlib.util import find_spec
from typing import Any

Peer = Callable[[str], str]

logging.disable(logging.CRITICAL)  # what peers say of broken pages


def _trafilatura(html: str, **mode: bool) -> str:
    import trafilatura

    return trafilatura.extract(html, include_comments=False, **mode) or ""


def _rs_trafilatura(html: str) -> str:
    import rs_trafilatura

    return str(rs_trafilatura.extract(html).main_content or "")


def _resiliparse(html: str) -> str:
    from resiliparse.extract.html2text import extract_plain_text

    return str(extract_plain_text(html, main_content=True, alt_texts=False))


def _readability(html: str) -> str:
    from readability import Document

    return _lines_of(Document(html).summary())


def _lines_of(html: str) -> str:
    from inscriptis import get_text

    return str(get_text(html))


@cache
def _stop_words() -> frozenset[str]:
    import justext

    return frozenset(justext.get_stoplist("English"))


def _justext(html: str) -> str:
    import justext

    return "\n".join(p.text for p in justext.justext(html, _stop_words()) if not p.is_boilerplate)


def _boilerpy(html: str) -> str:
    from boilerpy3 import extractors

    return str(extractors.ArticleExtractor(raise_on_failure=False).get_content(html))


def _newspaper(html: str) -> str:
    import newspaper

    article = newspaper.Article("https://example.org/", fetch_images=False)
    article.download(input_html=html)
    article.parse()
    return str(article.text)


def _goose(html: str) -> str:
    from goose3 import Goose

    with Goose({"enable_image_fetching": False}) as goose:
        return str(goose.extract(raw_html=html).cleaned_text)


def _magic_html(html: str) -> str:
    from magic_html import GeneralExtractor

    return _lines_of(GeneralExtractor().extract(html, base_url="https://example.org/")["html"])


def _as_paragraphs(text: str) -> str:
    """The lines as a page of nothing but paragraphs, for tools whose rules read HTML."""
    lines = "".join(f"<p>{entities.escape(line)}</p>\n" for line in text.split("\n") if line.strip())
    return f"<html><body>{lines}</body></html>"


def _boilerpipe_rules(text: str) -> str:
    from boilerpy3 import extractors

    return str(extractors.NumWordsRulesExtractor(raise_on_failure=False).get_content(_as_paragraphs(text)))


@cache
def _c4() -> Any:
    from datatrove.pipeline.filters import C4QualityFilter

    # Its rules about lines alone: those about documents drop whole pages.
    return C4QualityFilter(min_num_sentences=-1, filter_lorem_ipsum=False, filter_curly_bracket=False)


def _c4_lines(text: str) -> str:
    from datatrove.data import Document

    document = Document(text=text, id="0")
    kept = _c4().filter(document)
    return document.text if kept is True else ""


# Name of the tool -> (module it needs, what it keeps).
ON_HTML: dict[str, tuple[str, Peer]] = {
    "trafilatura": ("trafilatura", _trafilatura),
    "trafilatura, precision": ("trafilatura", partial(_trafilatura, favor_precision=True)),
    "trafilatura, recall": ("trafilatura", partial(_trafilatura, favor_recall=True)),
    "rs-trafilatura": ("rs_trafilatura", _rs_trafilatura),
    "resiliparse": ("resiliparse", _resiliparse),
    "readability-lxml": ("readability", _readability),
    "jusText": ("justext", _justext),
    "boilerpy3": ("boilerpy3", _boilerpy),
    "newspaper4k": ("newspaper", _newspaper),
    "goose3": ("goose3", _goose),
    "magic-html": ("magic_html", _magic_html),
}
ON_TEXT: dict[str, tuple[str, Peer]] = {
    "nothing removed": ("re", str),
    "jusText's rules": ("justext", lambda text: _justext(_as_paragraphs(text))),
    "boilerpipe's rules": ("boilerpy3", _boilerpipe_rules),
    "C4's lines": ("datatrove", _c4_lines),
}


def installed(peers: dict[str, tuple[str, Peer]]) -> tuple[dict[str, Peer], list[str]]:
    """The peers that are here, guarded against their own failures, and the names of those that are not."""
    here = {name: partial(_safe, peer) for name, (module, peer) in peers.items() if find_spec(module)}
    return here, [name for name in peers if name not in here]


def _safe(peer: Peer, source: str) -> str:
    """ "" where the peer fails: a page it cannot read is a page of which it keeps nothing."""
    try:
        return peer(re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", " ", source))
    except Exception:  # noqa: BLE001 - whatever a peer raises
        return ""
