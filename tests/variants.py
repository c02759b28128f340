"""The two samples with every name and every promo wording replaced: the rules must not know the samples' words.

Both tables of substitutes were written by somebody who had not seen the rules. `data/substitutes.json` served while the
rules were written; `data/substitutes-held.json` only judges: whoever changes a rule does not read it (three of its
lines were known: an icon as a logo form, and two selectors).
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
SAMPLES = HERE.parent / "samples"
Table = dict[str, list[Any]]
TABLES: dict[str, Table] = {
    name: json.loads((HERE / "data" / f"{file}.json").read_text(encoding="utf-8"))
    for name, file in (("open", "substitutes"), ("held", "substitutes-held"))
}
DATES = ("June 15, 2025", "3 May 2024", "2025-02-11", "11/09/2023", "Monday 14 April 2025, 06.30", "12. Mai 2025")

# What stands in the samples, and the table its substitutes come from.
COMPANIES = (
    "Scale AI",
    "Scale Ai",
    "Meta",
    "Google",
    "Microsoft",
    "OpenAI",
    "Openai",
    "Labelbox",
    "Turing",
    "Handshake",
)
PEOPLE = ("Alexandr Wang", "Manu Sharma", "Jonathan Siddharth", "Jason Droege", "Elon Musk", "Zuckerberg")


@dataclass(frozen=True)
class Labelled:
    """A text with the lines that must stay and those that must go; both stripped."""

    name: str
    text: str
    keep: tuple[str, ...]
    remove: tuple[str, ...]


def load(name: str, folder: Path = SAMPLES, labels: Path | None = None) -> Labelled:
    """A sample and its label file, as they are. `name` has no extension."""
    path = next(p for p in (folder / f"{name}.txt", folder / f"{name}.md") if p.exists())
    text = path.read_text(encoding="utf-8")
    return labelled(name, text, ((labels or folder) / f"{name}.labels.tsv").read_text(encoding="utf-8"))


def labelled(name: str, text: str, labels: str) -> Labelled:
    rows = [line.split("\t", 2) for line in labels.splitlines() if line.strip()]
    pick = lambda wanted: tuple(row[2].strip() for row in rows if row[1] == wanted)  # noqa: E731
    return Labelled(name, text, pick("K"), pick("R"))


class Choice:
    """Draws substitutes from one of the tables."""

    def __init__(self, seed: int, table: str) -> None:
        self.random = random.Random(f"{table}:{seed}")
        self.rows = TABLES[table]

    def one(self, key: str) -> Any:
        return self.random.choice(self.rows[key])

    def some(self, key: str, count: int) -> list[Any]:
        return self.random.sample(self.rows[key], count)

    def fill(self, template: str, **words: str) -> str:
        known = {"person": self.one("people"), "role": self.one("roles"), "date": self.random.choice(DATES)}
        return template.format(**known | {"company": self.one("companies")} | words)


def variant(name: str, seed: int, table: str) -> Labelled:
    """One of the samples, rewritten."""
    return {"opentools-scale-ai": _opentools, "xpert-scale-ai": _xpert}[name](seed, table)


def renamed(name: str, seed: int, table: str) -> Labelled:
    """One of the samples with only its names, numbers and promo wording replaced: everything else stays as it is."""
    choice = Choice(seed, table)
    promo, logos = choice.one("promos"), choice.some("logos", 8)
    person, company, email = choice.one("people"), choice.one("companies"), choice.one("emails")
    swaps = {
        "Learn to use AI like a Pro. Learn More": promo["banner"],
        "Learn to use AI like a Pro": promo["heading"],
        "+49 89 89 674 804": choice.one("phones"),
        "wolfenstein xpert.digital": email,
        "Konrad Wolfenstein": person,
        "Mackenzie Ferguson": person,
        "Xpert.digital": company,
    }
    rows = []
    logo = 0
    for label, line in _renamed(_rows(name), choice):
        if label == "R" and line.strip().startswith("Get the latest AI workflows"):
            line = promo["pitch"]
        elif label == "R" and line.endswith(" Logo"):
            line = f"{logos[logo % 8]} Logo"
            logo += 1
        for old, new in swaps.items():
            line = line.replace(old, new)
        rows.append((label, line))
    return _done(f"renamed/{name}/{table}/{seed}", rows)


def _renamed(lines: list[tuple[str, str]], choice: Choice) -> list[tuple[str, str]]:
    """Companies and people of the article's own text replaced, the same name by the same name."""
    swaps = dict(zip(COMPANIES, choice.some("companies", len(COMPANIES)), strict=True))
    swaps |= dict(zip(PEOPLE, choice.some("people", len(PEOPLE)), strict=True))
    result = []
    for label, line in lines:
        for old in sorted(swaps, key=len, reverse=True):
            line = line.replace(old, swaps[old])
        result.append((label, line))
    return result


def _rows(name: str) -> list[tuple[str, str]]:
    """(label, line) for every line of a sample, blank ones with an empty label."""
    text = (SAMPLES / f"{name}.txt").read_text(encoding="utf-8")
    table = (SAMPLES / f"{name}.labels.tsv").read_text(encoding="utf-8")
    labels = {int(row.split("\t")[0]): row.split("\t")[1] for row in table.splitlines() if row.strip()}
    return [(labels.get(number, ""), line) for number, line in enumerate(text.splitlines(), 1)]


def _done(name: str, rows: list[tuple[str, str]]) -> Labelled:
    text = "\n".join(line for _, line in rows) + "\n"
    pick = lambda wanted: tuple(line.strip() for label, line in rows if label == wanted)  # noqa: E731
    return Labelled(name, text, pick("K"), pick("R"))


def _opentools(seed: int, table: str) -> Labelled:
    choice = Choice(seed, table)
    promo, form = choice.one("promos"), choice.one("logo_forms")
    logos = choice.some("logos", 8)
    rows: list[tuple[str, str]] = []
    logo = 0
    source = _renamed(_rows("opentools-scale-ai"), choice)
    title = next(line.strip() for label, line in source if label == "K")
    for label, line in source:
        indent, body = line[: len(line) - len(line.lstrip())], line.strip()
        if label == "R":
            if body.startswith("Learn to use AI like a Pro. "):
                body = promo["banner"]
            elif body == "Learn to use AI like a Pro":
                body = promo["heading"]
            elif body.startswith("Get the latest AI workflows"):
                body = promo["pitch"]
            elif body.endswith(" Logo"):
                body = form.format(name=logos[logo % 8])
                logo += 1
            elif body.startswith("Banner for "):
                body = choice.fill(choice.one("captions"), title=title)
            elif body == "Last updated:":
                block = choice.one("byline_blocks")
                rows += [row for part in block for row in (("R", choice.fill(part)), ("", ""))]
                continue
            elif body in ("Mackenzie Ferguson", "Edited By") or body.startswith("AI Tools Researcher"):
                continue
            elif body == "Recommended Tools":
                rows += [row for part in choice.one("tail_labels") for row in (("R", indent + part), ("", ""))]
                continue
            elif body == "News":
                continue
            else:
                raise AssertionError(f"no substitute for {body!r}")
        rows.append((label, indent + body))
    return _done(f"opentools/{table}/{seed}", rows)


def _xpert(seed: int, table: str) -> Labelled:
    choice = Choice(seed, table)
    rows: list[tuple[str, str]] = []
    source = _renamed(_rows("xpert-scale-ai"), choice)
    teaser = choice.one("teaser_labels")  # one site, one wording
    title = next(line.strip() for label, line in source if label == "K")
    for label, line in source:
        body = line.strip()
        if body == "Your global marketing and business development partner":
            break
        if label == "R":
            if body.startswith("Language selection"):
                body = choice.one("selectors")
            elif body.startswith("Published on"):
                body = choice.fill(choice.one("datelines"))
            elif body.endswith("Xpert.digital"):
                body = choice.fill(choice.one("captions"), title=title)
            elif body == "Suitable for:":
                body = teaser
            elif body != title:
                raise AssertionError(f"no substitute for {body!r}")
        rows.append((label, body))
    words = {"person": choice.one("people"), "phone": choice.one("phones"), "email": choice.one("emails")}
    company = choice.one("companies")
    for part in choice.one("contact_tails")["lines"]:
        rows += [("R", part.format(company=company, **words)), ("", "")]
    return _done(f"xpert/{table}/{seed}", rows)


def injected(seed: int, table: str, copies: int) -> Labelled:
    """The prose of a sample with a promo block (heading, pitch, logos) put between its paragraphs."""
    choice = Choice(seed, table)
    body = load("xpert-scale-ai").keep
    promo, form = choice.one("promos"), choice.one("logo_forms")
    logos = [form.format(name=name) for name in choice.some("logos", 6)]
    block = [promo["heading"], promo["pitch"], "\n".join(logos)]
    after_paragraphs = [at for at in range(4, len(body)) if len(body[at - 1]) > 100]
    lines = list(body)
    for at in sorted(choice.random.sample(after_paragraphs, copies), reverse=True):
        lines[at:at] = block
    text = "\n\n".join(lines) + "\n"
    return Labelled(f"injected/{table}/{seed}", text, body, (promo["heading"], promo["pitch"], *logos))


def faults(case: Labelled, output: str) -> list[str]:
    """Lines that should have stayed and did not, and lines that should have gone and did not.

    A line that is wanted gone but also stands among the wanted ones (a repeated title) must be there once.
    """
    left = [line.strip() for line in output.splitlines()]
    found = [f"lost: {line}" for line in dict.fromkeys(case.keep) if line not in left]
    for line in dict.fromkeys(case.remove):
        allowed = case.keep.count(line)
        if left.count(line) > allowed:
            found.append(f"left: {line}")
    return found
