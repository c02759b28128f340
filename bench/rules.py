r"""What does each rule find on labelled pages, and how much of that is prose?

    python bench/rules.py FOLDER-WITH-THE-DATA            # a table
    python bench/rules.py FOLDER-WITH-THE-DATA --write    # and cleaner/rules/statistics.json, which the docs print
    python bench/rules.py FOLDER-WITH-THE-DATA --folds bench/models    # by models that have not seen the page's site

A rule's hits are the blocks that it speaks against and that go; of a preview rule, the blocks that it flags. A hit's
words count as lost where the gold text has them (for up to 7 words as a whole, for more by their 4-grams) and the
cleaned text does not. Precision is the share of the hits' words that are not lost; `low` is the lower end of Wilson's
95 % interval for it, with hits as the trials.

Articles count for these figures; pages of other kinds (shops, listings, forums) are stated beside, as `elsewhere`.
English rules were written with the pages of half the sites at hand (`fit` in bench/quality.py), so only the other half
counts for them; packs of other languages were written without any of the pages, and all pages count. The data is not
part of the project: WCXB's development split and groups of pages by site, with gold text; and multilingual pages
without one, where what trafilatura keeps of the HTML stands in for it. Where that and a rule disagreed (250 different
blocks), each was read: those that are furniture to the eye are in `silver-furniture.txt`, by hash, and are no loss.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from functools import cache, partial
from multiprocessing import Pool
from pathlib import Path
from typing import Any

from quality import by_site, digest, flatten, half, pages, silver, site_name

from cleaner import Config, Result
from cleaner.rules import builtin_rules
from cleaner.rules.statistics import LEAST_HITS, LEAST_PRECISION, Measured

WORD = re.compile(r"\w+")
FILES = ("wcxb-dev.html.jsonl.xz", "sites-dev.html.jsonl.xz", "multilingual-snippets.html.jsonl.xz")
OUTPUT = Path(__file__).parent.parent / "cleaner" / "rules" / "statistics.json"

# A page's hits count for the rule's figures where the page is an article; others are stated beside.
OTHERS = frozenset({"service", "listing", "product", "collection", "documentation", "forum"})

Hit = tuple[str, str, int, float, str]  # rule, site, words, words lost, text


# Each worker makes its cleaners once.
cleaners = cache(by_site)


@cache
def furniture() -> frozenset[str]:
    """Hashes of blocks that the stand-in for a gold text holds, and that are furniture to a reader's eye."""
    return frozenset((Path(__file__).parent / "silver-furniture.txt").read_text(encoding="ascii").split())


def lost(
    words: list[str], gold: str, grams: set[tuple[str, ...]], kept: str, kept_grams: set[tuple[str, ...]]
) -> float:
    """How many of a removed block's words are in the gold text and no longer in the cleaned one."""
    if len(words) < 8:
        line = f" {' '.join(words)} "
        return float(len(words)) if line in gold and line not in kept else 0.0
    mine = list(zip(words, words[1:], words[2:], words[3:], strict=False))
    return len(words) * sum(g in grams and g not in kept_grams for g in mine) / len(mine)


def quads(words: list[str]) -> set[tuple[str, ...]]:
    return set(zip(words, words[1:], words[2:], words[3:], strict=False))


def hits(page: dict[str, Any], folds: Path | None = None) -> list[Hit]:
    """The hits of all rules on one page."""
    text = flatten(page["html"])
    result = cleaners(Config(), folds)(site_name(page)).explain(text, format="text")
    gold = WORD.findall((page["gold"] if "gold" in page else silver(page)).lower())
    kept = WORD.findall(result.text.lower())
    line, rest, grams, kept_grams = f" {' '.join(gold)} ", f" {' '.join(kept)} ", quads(gold), quads(kept)
    found: list[Hit] = []
    for index, rules in spoken(result):
        body = result.document.body(result.blocks[index])
        words = WORD.findall(body.lower())
        gone = result.verdicts[index].removed
        loss = lost(words, line, grams, rest if gone else " ", kept_grams if gone else set())
        if loss and "gold" not in page and digest(body) in furniture():
            loss = 0.0
        found += [(rule, page["site"], len(words), loss, body) for rule in rules]
    return found


def spoken(result: Result) -> Iterator[tuple[int, list[str]]]:
    for verdict in result.verdicts:
        rules = [e.rule for e in verdict.evidence if (e.score > 0 and verdict.removed) or is_preview(e.rule)]
        if rules:
            yield verdict.block, rules


def is_preview(rule: str) -> bool:
    known = builtin_rules().by_id
    return rule in known and known[rule].status == "preview"


def wilson(share: float, n: int) -> float:
    """Lower end of Wilson's 95 % interval."""
    z = 1.96
    spread = z * ((share * (1 - share) + z * z / (4 * n)) / n) ** 0.5
    return max(0.0, (share + z * z / (2 * n) - spread) / (1 + z * z / n))


def figures(found: list[Hit]) -> tuple[int, float]:
    """Words of the hits, and the share of them that is not lost."""
    words = sum(h[2] for h in found)
    return words, 1 - sum(h[3] for h in found) / max(1, words)


def sources(folder: Path) -> Iterator[dict[str, Any]]:
    for name in FILES:
        for page in pages(str(folder / name)):
            page.setdefault("site", page.get("url", ""))
            page["half"] = half(page["site"])
            yield page


def statistics(folder: Path, folds: Path | None = None) -> tuple[dict[str, dict[str, Any]], dict[str, list[Hit]]]:
    rules = builtin_rules()
    collected: dict[str, list[Hit]] = defaultdict(list)
    others: dict[str, list[Hit]] = defaultdict(list)
    with Pool() as pool:
        todo = list(sources(folder))
        for page, found in zip(todo, pool.imap(partial(hits, folds=folds), todo, chunksize=8), strict=True):
            for hit in found:
                rule = rules.by_id.get(hit[0])
                read = rule is None or not rule.languages or "en" in rule.languages
                # Without a gold text, only rules of a language that has few pages with one are judged.
                if (not read or page["half"] == "test") and (not read or "gold" in page):
                    (others if page.get("type") in OTHERS else collected)[hit[0]].append(hit)
    table = {}
    for rule in rules:
        mine = collected[rule.id]
        if not mine or rule.family == "keep":
            continue
        words, precision = figures(mine)
        table[rule.id] = {
            "hits": len(mine),
            "sites": len({h[1] for h in mine}),
            "words": words,
            "precision": round(precision, 4),
            "low": round(wilson(precision, len(mine)), 4),
            "elsewhere": round(figures(others[rule.id])[1], 4) if others[rule.id] else None,
        }
    return table, collected


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--write", action="store_true", help=f"write {OUTPUT.name}")
    parser.add_argument(
        "--losses", metavar="ID", help="print the hits of a rule that lose words, of the sites that may be read"
    )
    parser.add_argument(
        "--folds", type=Path, help="folder of models by fold: no page is judged by one that saw its site"
    )
    options = parser.parse_args()
    table, collected = statistics(options.data, options.folds)
    if options.losses:
        for _rule, site, words, loss, body in collected[options.losses]:
            if loss and half(site) == "fit":
                print(f"{site}\t{loss:.0f}/{words}\t{body[:120]}")
        return 0
    short = 0
    for rule in builtin_rules():
        row = Measured(**table.get(rule.id, {"hits": 0, "sites": 0, "words": 0, "precision": 0.0, "low": 0.0}))
        if rule.family == "keep" or not (rule.score or rule.status == "preview"):
            continue
        short += rule.status == "stable" and not row.enough
        mark = " " if row.enough else "-"
        print(
            f"{mark} {rule.id:8} {rule.status:8} {rule.name:32} hits {row.hits:6} sites {row.sites:5} "
            f"words {row.words:7} precision {row.precision:.4f} low {row.low:.4f}"
        )
    print(f"{short} stable rules have under {LEAST_HITS} hits or a precision under {LEAST_PRECISION}")
    if options.write:
        OUTPUT.write_text(json.dumps(table, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
