r"""How well does the cleaner tell prose from boilerplate, on labelled pages?

    python bench/quality.py wcxb-dev.html.jsonl.xz --folds bench/models             # flattened to text by resiliparse
    python bench/quality.py wcxb-dev.html.jsonl.xz --folds bench/models --input html --peers all --table table.md
    python bench/quality.py wcxb-dev.html.jsonl.xz --folds bench/models --curve     # the three strictnesses
    python bench/quality.py pages.jsonl.xz --input html --call my_module:function
    python bench/quality.py pages.jsonl.xz --command "my-tool --stdin"

The data is not part of the project: `wcxb-dev.html.jsonl.xz` is the development split of WCXB (Murrough Foley,
CC-BY-4.0) as JSON Lines, xz-compressed, with the keys `site`, `type`, `html` and `gold`.

The measure is WCXB's own: words by `\w+` in lower case, as multisets (in scripts without blanks between words,
characters); precision, recall and F1 of the kept text against the gold text of each page, averaged over the pages.
`lost>5%` is the share of pages that lose more than 5 % of their gold words. `breaks`, `code` and `tables` are what a
bag of words cannot see: the shares of the gold text's line ends, of its lines of code and of its rows of tables that
are still such.

Sites are split into two halves by a hash of their name: rules are written and tuned on `fit`, and judged on `test`. The
prose model is fitted on all of these pages: with `--folds`, every page is judged by a model that has not seen its site
(`bench/fit.py` wrote them). Other tools than the cleaner run in the same process (`bench/peers.py`).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import lzma
import shlex
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from importlib import import_module
from itertools import islice, pairwise
from multiprocessing import Pool
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import regex
from peers import ON_HTML, ON_TEXT, installed

from cleaner import Cleaner, CleanerError, Config
from cleaner.config import HTML_MODES
from cleaner.features import measure
from cleaner.fingerprint import normalise
from cleaner.segment import segment

# In scripts without blanks between words, every character counts as one.
DENSE = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}]"
WORD = regex.compile(rf"{DENSE}|[\w--{DENSE}]+", regex.V1)


class Score(NamedTuple):
    """Of one page; what there is nothing of in its gold text (line ends, code, tables) is None."""

    precision: float
    recall: float
    f1: float
    breaks: float | None = None
    code: float | None = None
    tables: float | None = None


System = Callable[[str, str], str]  # (text, site) -> kept text
FOLDS = 5
# Characters of a line on each side of its end that are looked at, and that a line of code has at least; cells of a row.
BREAK, CODE, CELLS = 12, 6, 12


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


def score(kept: str, gold: str, html: str = "") -> Score:
    """Of the words of `kept` against those of `gold`; with the page's `html`, of its structure too."""
    ours, theirs = Counter(WORD.findall(kept.lower())), Counter(WORD.findall(gold.lower()))
    shared = sum((ours & theirs).values())
    precision = shared / max(1, sum(ours.values()))
    recall = shared / max(1, sum(theirs.values()))
    f1 = 2 * precision * recall / max(1e-9, precision + recall)
    return Score(precision, recall, f1, *(structure(kept, gold, html) if html else ()))


def plain(text: str) -> str:
    return " ".join(text.split())


def structure(kept: str, gold: str, html: str) -> tuple[float | None, float | None, float | None]:
    """Shares of the gold text's line ends, lines of code and rows of tables that `kept` still has as such.

    A line end counts where both lines were kept; a line of code or a row where the gold text has its words. Code has to
    keep the blanks inside the line, a row has to stand in one line.
    """
    import lxml.html

    lines = [plain(line) for line in kept.split("\n")]
    joined, whole = "\n".join(lines), plain(kept)
    gold_lines = [line for line in map(plain, gold.split("\n")) if len(line) > BREAK]
    pairs = [(a, b) for a, b in pairwise(gold_lines) if a in whole and b in whole]
    breaks = [f"{a[-BREAK:]} {b[:BREAK]}" not in joined for a, b in pairs]
    try:
        tree = lxml.html.document_fromstring(html.encode("utf-8"), parser=lxml.html.HTMLParser(encoding="utf-8"))
    except (ValueError, lxml.etree.LxmlError):
        return share(breaks), None, None
    true = plain(gold)
    code = {line.strip() for pre in tree.iter("pre") for line in pre.text_content().split("\n")}
    code = {line for line in code if len(line) >= CODE and plain(line) in true}
    rows = [[plain(cell.text_content()) for cell in row.iter("td", "th")] for row in tree.iter("tr")]
    rows = [cells for row in rows if 1 < len(cells := [c for c in row if c]) <= CELLS and all(c in true for c in cells)]
    found = [any(all(cell in line for cell in row) for line in lines) for row in rows]
    return share(breaks), share([line in kept for line in code]), share(found)


def share(found: list[bool]) -> float | None:
    return sum(found) / len(found) if found else None


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
    return partial(_cleaned, by_site(config, folds), input)


def _cleaned(cleaner: Callable[[str], Cleaner], form: str, source: str, site: str) -> str:
    try:
        return cleaner(site).clean(source, format=form)
    except CleanerError:
        return ""


Found = dict[tuple[str, str, str], list[Score]]


def collect(
    path: str, systems: dict[str, System], prepare: Callable[[str], str], limit: int = 0, every: int = 1
) -> Found:
    """(half of the sites, kind of page, language as ":en", or "all"; system) -> one score a page."""
    found: Found = defaultdict(list)
    chosen = islice(pages(path), 0, limit * every or None, every)
    with Pool(initializer=_remember, initargs=(systems, prepare)) as pool:
        for page, language, scores in pool.imap(_one, chosen, 4):
            for name, result in scores.items():
                for kind in ("all", page.get("type", "page"), f":{language or 'other'}"):
                    found[half(page["site"]), kind, name].append(result)
    return found


_TASK: dict[str, Any] = {}


def _remember(systems: dict[str, System], prepare: Callable[[str], str]) -> None:
    _TASK.update(systems=systems, prepare=prepare)


def _one(page: dict[str, Any]) -> tuple[dict[str, str], str, dict[str, Score]]:
    text = _TASK["prepare"](page["html"])
    scores = {
        name: score(system(text, site_name(page)), page["gold"], page["html"])
        for name, system in _TASK["systems"].items()
    }
    told = {"site": site_name(page), "type": page.get("type", "page")}
    return told, measure(segment(page["gold"])).language, scores


COLUMNS = ("precision", "recall", "F1", "lost>5%", "lost>30%", "breaks", "code", "tables")


def figures(scores: Sequence[Score]) -> tuple[float | None, ...]:
    """By `COLUMNS`."""
    n = len(scores)
    tail = [sum(s.recall < least for s in scores) / n for least in (0.95, 0.70)]
    means = [sum(s[place] for s in scores) / n for place in range(3)]
    kept = [[x for s in scores if (x := s[place]) is not None] for place in range(3, 6)]
    return (*means, *tail, *(sum(part) / len(part) if part else None for part in kept))


def table(found: Found) -> list[tuple[str, ...]]:
    """Rows for people to read, both halves and their sum, a heading first."""
    both: Found = defaultdict(list, found)
    for (_half, kind, name), scores in found.items():
        both["both", kind, name] = [*both["both", kind, name], *scores]
    order = {name: place for place, (_half, _kind, name) in enumerate(found)}
    rows = [("sites", "pages", "n", "system", *COLUMNS)]
    for (part, kind, name), scores in sorted(both.items(), key=lambda item: (*item[0][:2], order[item[0][2]])):
        shown = [_shown(column, value) for column, value in zip(COLUMNS, figures(scores), strict=True)]
        rows.append((part, kind, str(len(scores)), name, *shown))
    return rows


def _shown(column: str, value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.1%}" if ">" in column else f"{value:.3f}"


def show(found: Found) -> None:
    rows = table(found)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print(" ".join(f"{cell:{'<' if at == 3 else '>'}{widths[at]}}" for at, cell in enumerate(row)))


def as_markdown(found: Found) -> str:
    head, *rows = table(found)
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join("| " + " | ".join(row) + " |\n" for row in lines)


def chosen_systems(options: argparse.Namespace) -> dict[str, System]:
    """What is to be scored, by name."""
    systems: dict[str, System] = {}
    for strictness in ("keep-more", "balanced", "remove-more") if options.curve else (options.strictness,):
        config = Config(strictness=strictness, model=options.model, html=options.html)
        name = "cleaner" if strictness == "balanced" else f"cleaner, {strictness}"
        systems[name] = judge(config, options.folds, options.input)
    peers, missing = installed(ON_TEXT if options.input == "text" else ON_HTML)
    wanted = list(peers) if options.peers == "all" else [n.strip() for n in options.peers.split(",") if n.strip()]
    for name in missing if options.peers == "all" else ():
        print(f"{name} is not installed here and is left out", file=sys.stderr)
    for name in wanted or list(peers)[:1]:
        if name not in peers:
            sys.exit(f"quality.py: no peer {name!r}; there are: {', '.join(peers)}")
        systems[name] = partial(_without_site, peers[name])
    if options.call:
        module, _, function = options.call.partition(":")
        systems[options.call] = partial(_without_site, getattr(import_module(module), function))
    if options.command:
        systems[options.command] = partial(_run, shlex.split(options.command))
    return systems


def _without_site(peer: Callable[[str], str], text: str, _site: str) -> str:
    return peer(text)


def _run(command: list[str], text: str, _site: str) -> str:
    """What a command writes when it is given the page."""
    ran = subprocess.run(command, input=text, capture_output=True, text=True, encoding="utf-8", check=True)
    return ran.stdout


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", help="JSON Lines, xz-compressed")
    parser.add_argument("--input", choices=("text", "html"), default="text")
    parser.add_argument("--html", choices=HTML_MODES, default="full", help="the cleaner's mode for HTML")
    parser.add_argument("--strictness", default="balanced")
    parser.add_argument("--curve", action="store_true", help="all three strictnesses")
    parser.add_argument("--limit", type=int, default=0, help="pages to read at most")
    parser.add_argument("--every", type=int, default=1, help="read one page in so many")
    parser.add_argument("--flattener", choices=sorted(FLATTENERS), default="resiliparse")
    parser.add_argument("--model", default="standard", help="standard, none, or the path of one")
    parser.add_argument("--folds", type=Path, help="folder of models by fold, in place of --model")
    parser.add_argument("--peers", default="", help="tools to score beside, by name with commas between, or all")
    parser.add_argument("--call", help="MODULE:FUNCTION from text (or HTML) to text, to be scored beside")
    parser.add_argument("--command", help="a command that reads the page and writes text, to be scored beside")
    parser.add_argument("--table", type=Path, help="write the table there too, as Markdown")
    options = parser.parse_args()
    prepare = FLATTENERS[options.flattener] if options.input == "text" else str
    found = collect(options.data, chosen_systems(options), prepare, options.limit, options.every)
    show(found)
    if options.table:
        options.table.write_text(as_markdown(found), encoding="utf-8")


if __name__ == "__main__":
    main()
