"""Furniture of many wordings and languages, written into the bodies of articles, and taken out again.

`tests/data/injected/open.json` may be read while rules are written; `held.json` has other wordings, names and layouts,
was written by someone who saw neither the rules nor the other tables, and is for judging alone: nobody reads its lines.
The prose model is fitted with the open table and with `bench/furniture.json`. Lines that every site has (Facebook,
Home) stand in all of them; in the held table they do not count.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from cleaner import Cleaner

DATA = Path(__file__).parent / "data"
TRAINING = Path(__file__).parents[1] / "bench" / "furniture.json"
FAMILIES = ("promo", "logo-list", "contact-footer", "teaser", "top-furniture")
Blocks = dict[str, list[list[str]]]


def table(name: str) -> dict[str, Blocks]:
    data: dict[str, Blocks] = json.loads((DATA / "injected" / f"{name}.json").read_text(encoding="utf-8"))
    return data


def lines_of(languages: dict[str, Blocks]) -> frozenset[str]:
    rows = (row for blocks in languages.values() for family in blocks.values() for row in family)
    return frozenset(line.strip().casefold() for row in rows for line in row)


def bodies(language: str) -> list[list[str]]:
    paths = sorted((DATA / "bodies").glob(f"{language}-*.txt"))
    return [path.read_text(encoding="utf-8").strip().split("\n\n") for path in paths]


def documents(language: str, blocks: Blocks) -> Iterator[tuple[str, list[str], dict[str, list[str]]]]:
    """(text, paragraphs, furniture by family): each block once under the headline, between paragraphs or at the end."""
    for number in range(max(map(len, blocks.values()))):
        furniture = {family: blocks[family][number % len(blocks[family])] for family in FAMILIES}
        for place, paragraphs in enumerate(bodies(language)):
            chance = random.Random(f"{language} {number} {place}")
            inside = ["promo", "logo-list", "teaser"]
            chance.shuffle(inside)
            where = dict(zip(sorted(chance.sample(range(2, len(paragraphs) - 1), 3)), inside, strict=True))
            parts = [paragraphs[0], "\n".join(furniture["top-furniture"])]
            for index, paragraph in enumerate(paragraphs[1:], 1):
                if index in where:
                    parts.append("\n".join(furniture[where[index]]))
                parts.append(paragraph)
            yield "\n\n".join((*parts, "\n".join(furniture["contact-footer"]))) + "\n", paragraphs, furniture


@cache
def outcome(name: str) -> tuple[Counter[str], Counter[str], int, int]:
    """Lines gone and lines in all, by family; prose words kept and in all."""
    cleaner = Cleaner()
    gone: Counter[str] = Counter()
    total: Counter[str] = Counter()
    read = (
        lines_of(table("open")) | lines_of(json.loads(TRAINING.read_text("utf-8"))) if name == "held" else frozenset()
    )
    kept_words = words = 0
    for language, blocks in table(name).items():
        for text, paragraphs, furniture in documents(language, blocks):
            kept = Counter(line.strip() for line in cleaner.clean(text, format="text").split("\n"))
            for family, lines in furniture.items():
                lines = [line for line in lines if line.strip().casefold() not in read]
                total[family] += len(lines)
                gone[family] += sum(not kept[line.strip()] for line in lines)
            for line in (line for paragraph in paragraphs for line in paragraph.split("\n")):
                size = len(line.split()) if " " in line else len(line)
                words += size
                kept_words += size if kept[line.strip()] else 0
    return gone, total, kept_words, words


LEAST_GONE, LEAST_KEPT = 0.97, 0.995  # share of the lines that must go, of the words of prose that must stay


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("name", ["open", "held"])
def test_furniture_goes(name: str, family: str) -> None:
    gone, total, _kept, _words = outcome(name)
    share = gone[family] / total[family]
    print(f"{name} {family}: {share:.3f} of {total[family]} lines gone")
    assert share >= LEAST_GONE


@pytest.mark.parametrize("name", ["open", "held"])
def test_prose_stays(name: str) -> None:
    _gone, _total, kept, words = outcome(name)
    print(f"{name}: {kept / words:.4f} of {words} words of prose kept")
    assert kept >= LEAST_KEPT * words, f"{kept} of {words} words kept"
