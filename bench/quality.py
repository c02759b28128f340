r"""How well does the cleaner tell prose from boilerplate, on labelled pages?

    python bench/quality.py wcxb-dev.html.jsonl.xz            # flattened to text by resiliparse
    python bench/quality.py wcxb-dev.html.jsonl.xz --input html

The data is not part of the project: `wcxb-dev.html.jsonl.xz` is the development split of WCXB (Murrough Foley,
CC-BY-4.0) as JSON Lines, xz-compressed, with the keys `site`, `type`, `html` and `gold`.

The measure is WCXB's own: words by `\w+` in lower case, as multisets; precision, recall and F1 of the kept text
against the gold text of each page, averaged over the pages. `lost>5%` is the share of pages that lose more than 5 % of
their gold words. Sites are split into two halves by a hash of their name: rules are written and tuned on `fit`, and
judged on `test`. The prose model is fitted on all of these pages: with `--folds`, every page is judged by a model that
has not seen its site (`bench/fit.py --folds` wrote them).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import lzma
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cleaner import Cleaner, CleanerError, Config
from cleaner.fingerprint import normalise

WORD = re.compile(r"\w+")
Score = tuple[float, float, float]
System = Callable[[str, str], str]  # (text, site) -> kept text
FOLDS = 5


def half(site: str) -> str:
    """ "fit" or "test", by a hash of the site's name."""
    return "test" if hashlib.blake2b(site.encode(), digest_size=1).digest()[0] % 2 else "fit"


def pages(path: str) -> Iterator[dict[str, Any]]:
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def flatten(html: str) -> str:
    """The page's whole text, a line a block."""
    from resiliparse.extract.html2text import extract_plain_text

    return str(extract_plain_text(html, main_content=False))


def _inscriptis(html: str) -> str:
    from inscriptis import get_text

    return str(get_text(html))


def _html_text(html: str) -> str:
    import html_text

    return str(html_text.extract_text(html))


def _html2text(html: str) -> str:
    import html2text

    writer = html2text.HTML2Text(bodywidth=0)
    return str(writer.handle(html))


def _soup(html: str) -> str:
    from bs4 import BeautifulSoup

    soup = BeautifulSoup(html, "lxml")
    for tag in soup(["script", "style", "noscript", "template"]):
        tag.decompose()
    return str(soup.get_text("\n"))


FLATTENERS: dict[str, Callable[[str], str]] = {
    "resiliparse": flatten,
    "inscriptis": _inscriptis,
    "html-text": _html_text,
    "html2text": _html2text,
    "beautifulsoup": _soup,
}


def digest(body: str) -> str:
    """A hash of a block's words, for lists of blocks that are not ours to print."""
    return hashlib.sha256(normalise(body).encode()).hexdigest()[:16]


def silver(page: dict[str, Any], mode: str = "precision") -> str:
    """What stands in for the gold text of a page without one: what trafilatura keeps of the HTML, when it is to be
    precise or in another mode, less the lines with a snippet that must go, and the snippets that must stay."""
    import trafilatura

    chosen = {"favor_precision": mode == "precision", "favor_recall": mode == "recall"}
    kept = trafilatura.extract(page["html"], include_comments=False, **chosen) or ""
    gone = [" ".join(s.split()) for s in page["without"]]
    lines = [line for line in kept.split("\n") if not any(s in " ".join(line.split()) for s in gone)]
    return "\n".join((*lines, *page["with"]))


def score(kept: str, gold: str) -> Score:
    """Precision, recall and F1 of the words of `kept` against those of `gold`."""
    ours, theirs = Counter(WORD.findall(kept.lower())), Counter(WORD.findall(gold.lower()))
    shared = sum((ours & theirs).values())
    precision = shared / max(1, sum(ours.values()))
    recall = shared / max(1, sum(theirs.values()))
    return precision, recall, 2 * precision * recall / max(1e-9, precision + recall)


def fold(site: str) -> int:
    """Which of the folds a site belongs to, by a hash of its name."""
    return hashlib.blake2b(site.encode(), digest_size=2).digest()[1] % FOLDS


def site_name(page: dict[str, Any]) -> str:
    return str(page.get("site") or urlsplit(page.get("url", "")).netloc or page.get("id", ""))


def fold_path(folder: Path, number: int) -> Path:
    """Where the model is that was fitted without the sites of a fold."""
    return folder / f"fold-{number}.npz"


def by_site(config: Config, folds: Path | None = None) -> Callable[[str], Cleaner]:
    """The cleaner for a site: with `folds`, that with the model of that folder which has not seen it."""
    names = [str(fold_path(folds, number)) for number in range(FOLDS)] if folds else [config.model]
    cleaners = [Cleaner(replace(config, model=name)) for name in names]
    return lambda site: cleaners[fold(site) % len(cleaners)]


def judge(config: Config, folds: Path | None = None, input: str = "text") -> System:
    """A system that cleans by the cleaner for the site; "" for what cannot be read."""
    cleaner = by_site(config, folds)

    def clean(source: str, site: str) -> str:
        try:
            return cleaner(site).clean(source, format=input)
        except CleanerError:
            return ""

    return clean


def collect(
    path: str, systems: dict[str, System], prepare: Callable[[str], str], limit: int = 0
) -> dict[tuple[str, str, str], list[Score]]:
    """(half of the sites, type of page or "all", system) -> one score a page."""
    found: dict[tuple[str, str, str], list[Score]] = defaultdict(list)
    for number, page in enumerate(pages(path)):
        if limit and number >= limit:
            break
        text = prepare(page["html"])
        for name, system in systems.items():
            result = score(system(text, site_name(page)), page["gold"])
            for kind in ("all", page["type"]):
                found[half(page["site"]), kind, name].append(result)
    return found


def show(found: dict[tuple[str, str, str], list[Score]]) -> None:
    print(
        f"{'sites':6} {'pages':14} {'n':>5} {'system':18} {'precision':>9} {'recall':>7} {'F1':>6} "
        f"{'lost>5%':>8} {'lost>30%':>8}"
    )
    for (part, kind, name), scores in sorted(found.items()):
        n = len(scores)
        p, r, f = (sum(s[i] for s in scores) / n for i in range(3))
        tail = [sum(s[1] < least for s in scores) / n for least in (0.95, 0.70)]
        print(f"{part:6} {kind:14} {n:5} {name:18} {p:9.3f} {r:7.3f} {f:6.3f} {tail[0]:8.1%} {tail[1]:8.1%}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", help="JSON Lines, xz-compressed")
    parser.add_argument("--input", choices=("text", "html"), default="text")
    parser.add_argument("--strictness", default="balanced")
    parser.add_argument("--limit", type=int, default=0, help="pages to read at most")
    parser.add_argument("--flattener", choices=sorted(FLATTENERS), default="resiliparse")
    parser.add_argument("--model", default="standard", help="standard, none, or the path of one")
    parser.add_argument("--folds", type=Path, help="folder of models by fold, in place of --model")
    options = parser.parse_args()
    clean = judge(Config(strictness=options.strictness, model=options.model), options.folds, options.input)
    systems: dict[str, System] = {"cleaner": clean}
    if options.input == "text":
        systems["nothing removed"] = lambda text, _site: text
    else:
        import trafilatura

        systems["trafilatura"] = lambda html, _site: trafilatura.extract(html, include_comments=False) or ""
    prepare = FLATTENERS[options.flattener] if options.input == "text" else str
    show(collect(options.data, systems, prepare, options.limit))


if __name__ == "__main__":
    sys.exit(main())
