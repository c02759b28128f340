r"""Fit the prose model on labelled pages.

    python bench/fit.py FOLDER-WITH-THE-DATA --cache /tmp/rows -o cleaner/models/prose.npz --folds bench/models

With `--html full` or `--html fast` it fits the models for HTML, with `--kinds` those of kinds of page.

Pages are flattened several ways, so that the model depends on none of them; resiliparse and html2text are kept for
judging. A block's label is the share of it that is gold (`cleaner/align.py`), on pages without gold text the share of
trafilatura's modes that keep it. Besides whole pages there are gold texts by themselves, pages from which most
boilerplate is gone already, since the cleaner looks again at what it left, and pages and gold texts with furniture
between their paragraphs: of another page of the same fold, and of the open table in `tests/data/injected/` or of
`furniture.json`, which was written for training alone.

Five models are fitted besides the one on all sites, each without a fifth of them; `quality.py --folds` judges every
page by the model that has not seen its site. The model's second look is fitted on what first looks say of pages whose
sites they have not seen. The rows of signals and the first looks are cached in a folder; they have to be made anew
(empty the folder) after any change to segmenting, features, rules or signals.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib.metadata import version
from itertools import pairwise
from multiprocessing import Pool
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from quality import FLATTENERS, FOLDS, fold, fold_path, pages, silver, site_name

from cleaner import Cleaner, Config, __version__
from cleaner.align import shares as labels
from cleaner.config import HTML_MODES
from cleaner.decide import by_rules, suspicion
from cleaner.detect import detect
from cleaner.detect.context import context_names
from cleaner.detect.kind import KindModel, model_for_kinds, portrait
from cleaner.detect.prose import UNIT, Forest, ProseModel, for_pages, probability, surroundings
from cleaner.detect.signals import names, signals
from cleaner.document import Document
from cleaner.evidence import KINDS
from cleaner.features import measure
from cleaner.html import ask_trafilatura
from cleaner.page import DECLARED, HINTS, VERDICTS, read_page, verdict_hints
from cleaner.segment import segment

Rows = dict[str, npt.NDArray[Any]]
Sets = list[tuple[Rows, float]]  # with the weight of each

LONGEST = 600_000  # characters of a page that is learned from
# file, way of flattening, one page in so many, beginning with this one, weight
SETS = (
    ("wcxb-dev.html.jsonl.xz", "inscriptis", 1, 0, 1.0),
    ("wcxb-dev.html.jsonl.xz", "html-text", 2, 0, 1.0),
    ("wcxb-dev.html.jsonl.xz", "beautifulsoup", 2, 1, 1.0),
    ("wcxb-dev.html.jsonl.xz", "trafilatura", 1, 0, 0.3),
    ("wcxb-dev.html.jsonl.xz", "gold", 1, 0, 0.3),
    ("wcxb-dev.html.jsonl.xz", "thinned", 1, 0, 0.5),
    ("wcxb-dev.html.jsonl.xz", "interleaved", 1, 0, 0.7),
    ("multilingual-snippets.html.jsonl.xz", "inscriptis", 1, 0, 0.5),
    ("multilingual-snippets.html.jsonl.xz", "html-text", 2, 0, 0.5),
    ("sites-dev.html.jsonl.xz", "inscriptis", 1, 0, 1.0),
    ("wcxb-dev.html.jsonl.xz", "furnished", 1, 0, 0.5),
    ("sites-dev.html.jsonl.xz", "furnished", 1, 0, 0.7),
    ("multilingual-snippets.html.jsonl.xz", "furnished", 1, 0, 0.7),
    ("plain-dev.text.jsonl.xz", "text", 1, 0, 0.5),
)
HTML_SETS = (
    ("wcxb-dev.html.jsonl.xz", "html", 1, 0, 1.0),
    ("multilingual-snippets.html.jsonl.xz", "html", 1, 0, 0.5),
    ("sites-dev.html.jsonl.xz", "html", 1, 0, 1.0),
)
# file, way, weight: whose pages say what kind they are
KIND_SETS = (
    ("wcxb-dev.html.jsonl.xz", "inscriptis", 1.0),
    ("wcxb-dev.html.jsonl.xz", "html-text", 1.0),
    ("wcxb-dev.html.jsonl.xz", "beautifulsoup", 1.0),
    ("wcxb-dev.html.jsonl.xz", "gold", 0.5),
    ("wcxb-dev.html.jsonl.xz", "html", 2.0),
)
SILVER = ("precision", "default", "recall")
SITE_PAGES = 10  # all pages of a site weigh as much as so many at most
SNIPPET = 6.0  # weight of a block with a snippet that somebody has looked at
FURNITURE = (
    Path(__file__).parent / "furniture.json",
    Path(__file__).parents[1] / "tests" / "data" / "injected" / "open.json",
)
REPEATED = 0.35  # share of the pages into which one box is put again and again
LONGEST_RUN = 10  # blocks of another page's boilerplate
THINNED = 0.15  # share of boilerplate left in a page that is cleaned already
# Weight of a block, by its words, and of a page, by the weight of its blocks.
WORDS, WORD_POWER, PAGE_POWER = 80, 0.7, 0.6
TREES: dict[str, Any] = {
    "iterations": 500,
    "depth": 6,
    "l2_leaf_reg": 3,
    "border_count": 32,
    "bootstrap_type": "Bernoulli",
    "subsample": 0.5,
    "rsm": 0.2,
    "random_seed": 1,
    "loss_function": "CrossEntropy",
    "verbose": 0,
    "allow_writing_files": False,
}
KIND_TREES: dict[str, Any] = {
    "iterations": 200,
    "depth": 4,
    "learning_rate": 0.07,
    "l2_leaf_reg": 5,
    "rsm": 0.2,
    "bootstrap_type": "Bernoulli",
    "subsample": 0.5,
    "random_seed": 1,
    "loss_function": "MultiClass",
    "verbose": 0,
    "allow_writing_files": False,
}
RATES = {"first": 0.08, "second": 0.05}  # learning rates
BASE = 8.0  # log-odds of the rules beyond this are as good as certain

RULES = Cleaner(Config(model=None)).rules


def rows_of(
    document: Document,
    golds: Sequence[str],
    snippets: list[str],
    all_gold: bool,
    hints: npt.NDArray[np.int64] | None = None,
) -> Rows | None:
    """Signals, labels and weights of the blocks of one document; `rules` is what the model starts from."""
    if not document.blocks:
        return None
    detection = detect(document, RULES)
    verdicts, _order = by_rules(document, detection, RULES)
    scores = [v.score for v in verdicts]
    found = signals(document, detection, scores, [v.score for v in suspicion(document, detection, RULES)])
    if hints is not None:
        found = np.hstack([found, hints])
    bodies = [document.body(b) for b in document.blocks]
    each = [labels(bodies, gold) for gold in golds]
    label, words = np.mean([found for found, _words in each], axis=0, dtype=np.float32), each[0][1]
    plain = [" ".join(body.split()) for body in bodies]
    known = [" ".join(s.split()) for s in snippets]
    return {
        "signals": np.clip(found, -(2**15), 2**15 - 1).astype(np.int16),
        "label": np.ones_like(label) if all_gold else label,
        "words": words,
        "rules": np.array(scores, dtype=np.float32),
        "looked": np.array([any(s in body for s in known) for body in plain]),
    }


@cache
def furniture_table() -> dict[str, dict[str, list[list[str]]]]:
    """Language -> family -> groups of lines, of the table written for training and of the open one of the tests."""
    table: dict[str, dict[str, list[list[str]]]] = {}
    for path in FURNITURE:
        for language, families in json.loads(path.read_text(encoding="utf-8")).items():
            for family, groups in families.items():
                table.setdefault(language, {}).setdefault(family, []).extend(groups)
    return table


def box(rows: dict[str, list[list[str]]], chance: random.Random) -> list[str]:
    """What a site puts between paragraphs: a pitch, a row of logos, a teaser, or a pitch over logos."""
    kind = chance.choice(("promo", "promo", "logo-list", "teaser", "teaser", "both"))
    if kind == "both":
        return [*chance.choice(rows["promo"]), *chance.choice(rows["logo-list"])]
    return chance.choice(rows[kind])


def labelled(page: dict[str, Any]) -> tuple[Document, npt.NDArray[np.float32], npt.NDArray[np.int32]]:
    """The page as text, with the label and the words of each block."""
    document = segment(FLATTENERS["inscriptis"](page["html"]))
    return document, *labels([document.body(b) for b in document.blocks], page["gold"])


def thinned(page: dict[str, Any]) -> str:
    """The page as it is when most of its boilerplate is gone."""
    document, label, _words = labelled(page)
    chance = random.Random(page["id"])
    stays = [x >= 0.5 or chance.random() < THINNED for x in label]
    return document.join(b for b, stay in zip(document.blocks, stays, strict=True) if stay)


def furniture(donor: dict[str, Any], chance: random.Random) -> Iterator[list[str]]:
    """Groups of lines to put between paragraphs: of the open table, in any language, and runs of another page's
    boilerplate."""
    table = furniture_table()
    document, label, _words = labelled(donor)
    bodies = [document.body(b) for b in document.blocks]
    again: list[str] = []
    if chance.random() < REPEATED:
        again = box(table["en"], chance)
    while True:
        if again and chance.random() < 0.5:
            yield again
        elif chance.random() < 0.5 or len(bodies) < 2 * LONGEST_RUN:
            language = table["en"] if chance.random() < 0.7 else chance.choice(list(table.values()))
            yield box(language, chance)
        else:
            start = chance.randrange(len(bodies) - LONGEST_RUN)
            run = range(start, start + chance.randint(2, LONGEST_RUN))
            yield [bodies[i] for i in run if label[i] < 0.2]


def interleaved(page: dict[str, Any], donor: dict[str, Any]) -> str:
    """The page with furniture between the blocks of its article."""
    chance = random.Random(page["id"])
    document, label, words = labelled(page)
    inside = [b.index for b in document.blocks if label[b.index] > 0.9 and words[b.index] >= 20][1:]
    places = set(chance.sample(inside, min(len(inside), chance.randint(1, 12))))
    groups = furniture(donor, chance)
    parts = []
    for block in document.blocks:
        if block.index in places:
            joint = chance.choice(("\n", "\n\n"))
            for _ in range(chance.randint(1, 3)):
                parts.append(joint.join(next(groups)) + "\n\n")
        parts.append(document.join([block]))
    return "".join(parts)


def furnished(page: dict[str, Any]) -> str:
    """The gold text by itself with furniture from the open table above, between and below its paragraphs."""
    chance = random.Random(page.get("id") or page["url"])
    table = furniture_table()
    gold = page.get("gold") or silver(page)
    rows = table.get(measure(segment(gold)).language) or table[chance.choice(sorted(table))]
    parts = [line for line in gold.split("\n") if line.strip()] or [""]
    again = box(rows, chance) if chance.random() < REPEATED else []
    inside = range(1, len(parts))
    for place in sorted(chance.sample(inside, min(len(inside), chance.randint(1, 5))), reverse=True):
        parts.insert(place, "\n".join(again or box(rows, chance)))
    parts.insert(chance.randint(0, 1), "\n".join(chance.choice(rows["top-furniture"])))
    return "\n\n".join((*parts, "\n".join(chance.choice(rows["contact-footer"]))))


def text_of(page: dict[str, Any], way: str) -> str:
    if way in ("gold", "text"):
        return str(page[way])
    if way == "thinned":
        return thinned(page)
    if way == "furnished":
        return furnished(page)
    if way == "trafilatura":
        import trafilatura

        return trafilatura.extract(page["html"], include_comments=True) or ""
    return FLATTENERS[way](page["html"])


def golds_of(page: dict[str, Any], way: str) -> list[str]:
    """The gold text; without one, what stands in for it, one text a mode of trafilatura."""
    if page.get("gold"):
        return [page["gold"]]
    return [silver(page, mode) for mode in (SILVER[:1] if way == "furnished" else SILVER)]


def one_page(task: tuple[dict[str, Any], str, dict[str, Any]]) -> tuple[dict[str, Any], Rows] | None:
    """What the page is (site, kind, what it declares itself to be), and the rows of its blocks."""
    page, way, donor = task
    told = {"site": site_name(page), "kind": page.get("type", ""), "declared": [False] * len(DECLARED)}
    golds = golds_of(page, way)
    snippets = [] if page.get("gold") else [*page["with"], *page["without"]]
    if way == "html":
        read = read_page(page["html"])
        if read is None or len(read.document.text) > LONGEST:
            return None
        hints = np.hstack([read.hints, verdict_hints(read.document, ask_trafilatura(page["html"]).kept)])
        found = rows_of(read.document, golds, snippets, False, hints)
        told["declared"] = [name in read.declared for name in DECLARED]
        return None if found is None else (told, found)
    text = interleaved(page, donor) if way == "interleaved" else text_of(page, way)
    if not text.strip() or len(text) > LONGEST:
        return None
    found = rows_of(segment(text), golds, snippets, way == "gold")
    return None if found is None else (told, found)


def tasks(path: Path, way: str, every: int, first: int) -> Iterator[tuple[dict[str, Any], str, dict[str, Any]]]:
    """(page, way, page before it of the same fold)"""
    before: dict[int, dict[str, Any]] = {}
    for number, page in enumerate(pages(str(path))):
        part = fold(site_name(page))
        if number % every == first:
            yield page, way, before.get(part, page) if way == "interleaved" else {}
        before[part] = page


def load(folder: Path, cache: Path, name: str, way: str, every: int, first: int) -> Rows:
    """The rows of one set, from the cache or made now; `page` numbers the pages, `site`, `kind` and `declared` are what
    each is."""
    path = cache / f"{name.split('.')[0]}.{way}.npz"
    if not path.exists():
        with Pool() as pool:
            found = [result for result in pool.imap(one_page, tasks(folder / name, way, every, first), 4) if result]
        merged = {key: np.concatenate([rows[key] for _page, rows in found]) for key in found[0][1]}
        told = {key: np.array([page[key] for page, _rows in found]) for key in found[0][0]}
        sizes = [len(rows["label"]) for _page, rows in found]
        np.savez(path, page=np.repeat(np.arange(len(found)), sizes), **told, **merged)
        print(f"{path.name}: {len(found)} pages, {sum(sizes)} blocks", flush=True)
    with np.load(path) as data:
        return {key: data[key] for key in data.files}


def weights(rows: Rows, weight: float) -> npt.NDArray[np.float64]:
    """Of each block: words count, but less than in proportion; so do pages by their size, and sites by their pages."""
    own = np.minimum(rows["words"], WORDS) ** WORD_POWER * np.where(rows["looked"], SNIPPET, 1.0)
    pages_ = np.bincount(rows["page"], weights=own)
    own /= np.maximum(pages_, 5)[rows["page"]] ** PAGE_POWER
    counts = Counter(rows["site"].tolist())
    shares = np.array([min(1.0, SITE_PAGES / counts[site]) for site in rows["site"].tolist()])
    result: npt.NDArray[np.float64] = weight * own * shares[rows["page"]]
    return result


def train(sets: Sets, without: int | None, look: Look) -> Forest:
    """Fit on all sites but those of the fold `without`."""
    from catboost import CatBoostClassifier
    from catboost import Pool as Data

    seen = [learned(rows, without) for rows, _weight in sets]
    fitted = CatBoostClassifier(**TREES, learning_rate=RATES[look.name])
    fitted.fit(
        Data(
            np.concatenate([look.columns(rows, where) for (rows, _weight), where in zip(sets, seen, strict=True)]),
            np.concatenate([1 - rows["label"][where] for (rows, _weight), where in zip(sets, seen, strict=True)]),
            weight=np.concatenate([weights(*pair)[where] for pair, where in zip(sets, seen, strict=True)]),
            baseline=np.concatenate([look.start(rows)[where] for (rows, _), where in zip(sets, seen, strict=True)]),
        )
    )
    return exported(fitted, look.names)


def learned(rows: Rows, without: int | None) -> npt.NDArray[np.bool_]:
    where: npt.NDArray[np.bool_] = (folds_of(rows) != without) & (rows["words"] > 0)
    return where


def folds_of(rows: Rows) -> npt.NDArray[np.int64]:
    """The fold of each block's site."""
    each: npt.NDArray[np.int64] = np.array([fold(site) for site in rows["site"].tolist()])[rows["page"]]
    return each


def bounds(rows: Rows) -> Iterator[tuple[int, int]]:
    """Of the rows of each page."""
    return pairwise(np.searchsorted(rows["page"], np.arange(rows["page"].max() + 2)).tolist())


@dataclass(frozen=True)
class Look:
    """What a look of the model is fitted on: its columns, and where it starts from."""

    name: str
    names: tuple[str, ...]

    def columns(self, rows: Rows, where: npt.NDArray[np.bool_]) -> npt.NDArray[np.float32]:
        found = rows["signals"][where].astype(np.float32)
        if self.name == "first":
            found[:, names().index("suspicion")] = 0  # counted as it is, see `ProseModel`
            return found
        return np.hstack([found, rows["context"][where].astype(np.float32)])

    def start(self, rows: Rows) -> npt.NDArray[np.float64]:
        """Log-odds of boilerplate before the look."""
        odds = started(rows) if self.name == "first" else rows["odds"]
        return np.clip(odds / UNIT, -BASE, BASE)


def started(rows: Rows) -> npt.NDArray[np.int64]:
    """What the rules say, and what preview rules see, in 1 / UNIT log-odds."""
    doubt = rows["signals"][:, names().index("suspicion")].astype(np.int64)
    return np.rint(rows["rules"].astype(float) * UNIT).astype(np.int64) + doubt * (UNIT // 100)


def first_looks(sets: Callable[[], Sets], cache: Path, html: str | None) -> dict[int | None, Forest]:
    """The first look without each fold, and on all (None); from the cache where it is there."""
    look = Look("first", columns_of(html))
    found: dict[int | None, Forest] = {}
    for number in (*range(FOLDS), None):
        path = cache / f"first.{html or 'text'}.{number}.npz"
        if not path.exists():
            np.savez(path, **train(sets(), number, look).arrays(""))
            print(path.name, flush=True)
        with np.load(path) as data:
            found[number] = Forest.read(data, "", look.names)
    return found


def first_odds(rows: Rows, firsts: dict[int | None, Forest]) -> npt.NDArray[np.int64]:
    """What the first look that has not seen a block's site says of it, with the rules."""
    odds, folds = started(rows), folds_of(rows)
    for number in range(FOLDS):
        where = folds == number
        odds[where] += firsts[number].odds(rows["signals"][where].astype(np.int64))
    return odds


def look_around(rows: Rows, firsts: dict[int | None, Forest], columns: tuple[str, ...]) -> Rows:
    """The rows with what the first look that has not seen their sites says of them and of their surroundings."""
    odds = first_odds(rows, firsts)
    parts = [surroundings(rows["signals"][a:b].astype(np.int64), columns, odds[a:b]) for a, b in bounds(rows)]
    return rows | {"odds": odds, "context": np.clip(np.concatenate(parts), -(2**15), 2**15 - 1).astype(np.int16)}


def exported(fitted: Any, columns: tuple[str, ...]) -> Forest:
    """The trees in whole numbers, with the expectations of their nodes."""
    trees = saved(fitted)
    depth = TREES["depth"]
    signal, border, means = [], [], []
    for tree in trees["oblivious_trees"]:
        splits = tree["splits"]
        leaves = np.array(tree["leaf_values"], dtype=float)
        rows = np.array(tree["leaf_weights"], dtype=float) + 1e-9
        missing = depth - len(splits)
        asked_signals, borders = questions(splits, depth)
        signal.append(asked_signals)
        border.append(borders)
        leaves, rows = np.tile(leaves, 2**missing), np.concatenate([rows, np.full(len(rows) * (2**missing - 1), 1e-9)])
        levels = []
        for asked in range(depth + 1):  # the bits of the first questions are the lowest
            part = np.arange(len(leaves)) & ((1 << asked) - 1)
            levels.append(np.bincount(part, weights=leaves * rows) / np.bincount(part, weights=rows))
        means.append(np.rint(np.concatenate(levels) * UNIT))
    scale, (bias,) = trees["scale_and_bias"]
    if scale != 1:
        raise ValueError(f"the trees are scaled by {scale}, not 1")
    return Forest(
        np.array(signal, dtype=np.int64),
        np.array(border, dtype=np.int64),
        np.array(means, dtype=np.int64),
        round(bias * UNIT),
        columns,
    )


def questions(splits: list[dict[str, Any]], depth: int) -> tuple[list[int], list[int]]:
    """Signals and borders of a tree; one that stops early asks what is never true."""
    missing = depth - len(splits)
    asked = [split["float_feature_index"] for split in splits] + [0] * missing
    return asked, [int(np.floor(split["border"])) for split in splits] + [2**31 - 1] * missing


def saved(fitted: Any) -> dict[str, Any]:
    """The trees as catboost writes them."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "trees.json"
        fitted.save_model(str(path), format="json")
        trees: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return trees


def sets_of(folder: Path, cache: Path, html: str | None) -> Sets:
    found = []
    for name, way, every, first, weight in HTML_SETS if html else SETS:
        rows = load(folder, cache, name, way, every, first)
        found.append((rows | {"signals": rows["signals"][:, : len(columns_of(html))]}, weight))
    return found


def columns_of(html: str | None) -> tuple[str, ...]:
    """The columns of the rows: of a text, or of an HTML page with trafilatura's verdict or without."""
    return (*names(), *(HINTS if html else ()), *(VERDICTS if html == "full" else ()))


def portraits(rows: Rows, firsts: dict[int | None, Forest]) -> npt.NDArray[np.int64]:
    """One row a page, as a first look that has not seen its site sees it."""
    odds = first_odds(rows, firsts)
    declared = [{name for name, holds in zip(DECLARED, said, strict=True) if holds} for said in rows["declared"]]
    signals_ = rows["signals"][:, : len(names())]
    return np.stack(
        [
            portrait(signals_[a:b].astype(np.int64), probability(-odds[a:b]), said)
            for (a, b), said in zip(bounds(rows), declared, strict=True)
        ]
    )


def train_kinds(pages_: list[tuple[Any, ...]], without: int | None, about_: dict[str, Any]) -> KindModel:
    """`pages_` has portraits, kinds, folds and weights of the pages of each set."""
    from catboost import CatBoostClassifier

    pictures, kinds, folds, weight = (np.concatenate(column) for column in zip(*pages_, strict=True))
    seen = folds != without
    fitted = CatBoostClassifier(**KIND_TREES)
    fitted.fit(pictures[seen], kinds[seen], sample_weight=np.where(kinds == "article", 0.6, 1.0)[seen] * weight[seen])
    trees = saved(fitted)
    depth = KIND_TREES["depth"]
    signal, border, leaves = [], [], []
    for tree in trees["oblivious_trees"]:
        splits = tree["splits"]
        asked, borders = questions(splits, depth)
        signal.append(asked)
        border.append(borders)
        leaves.append(np.tile(np.array(tree["leaf_values"]).reshape(-1, len(KINDS)), (2 ** (depth - len(splits)), 1)))
    scale, bias = trees["scale_and_bias"]
    if scale != 1 or tuple(fitted.classes_) != KINDS:
        raise ValueError(f"the trees are scaled by {scale}, for {fitted.classes_}")
    ints = (np.array(part, dtype=np.int64) for part in (signal, border, np.rint(np.array(leaves) * UNIT)))
    return KindModel(*ints, np.rint(np.array(bias) * UNIT).astype(np.int64), about_ | {"without fold": without})


def fit_kinds(options: argparse.Namespace) -> None:
    """The models of kinds, one a fold and one of all."""
    found = []
    steps = {(name, way): (every, first) for name, way, every, first, _weight in (*SETS, *HTML_SETS)}
    for name, way, weight in KIND_SETS:
        html = "full" if way == "html" else None
        firsts = first_looks(partial(sets_of, options.folder, options.cache, html), options.cache, html)
        rows = load(options.folder, options.cache, name, way, *steps[name, way])
        pictures = portraits(rows, firsts)
        folds = np.array([fold(site) for site in rows["site"].tolist()])
        found.append((pictures, rows["kind"], folds, np.full(len(folds), weight)))
    command = "python bench/fit.py FOLDER --cache CACHE --kinds -o cleaner/models/prose.npz --folds bench/models"
    told = {"version": __version__, "command": command, "data": data_hash(options.folder, "full"), "trees": KIND_TREES}
    for number in (*range(FOLDS), None):
        path = model_for_kinds(options.output if number is None else fold_path(options.folds, number))
        model = train_kinds(found, number, told)
        model.save(path)
        print(f"{path}: {path.stat().st_size:,} bytes", flush=True)


def data_hash(folder: Path, html: str | None) -> dict[str, str]:
    files = sorted({name for name, *_ in (HTML_SETS if html else SETS)})
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in files}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder with the data")
    parser.add_argument("--cache", type=Path, required=True, help="folder for the rows of signals and the first looks")
    parser.add_argument("-o", "--output", type=Path, required=True, help="where to write the model fitted on all sites")
    parser.add_argument("--folds", type=Path, required=True, help="folder for the models fitted without a fold each")
    parser.add_argument("--html", choices=HTML_MODES, help="models for HTML, with trafilatura's verdict or without")
    parser.add_argument("--kinds", action="store_true", help="models of kinds of page, not prose models")
    options = parser.parse_args()
    for folder in (options.output.parent, options.folds, options.cache):  # before hours of fitting
        folder.mkdir(parents=True, exist_ok=True)
    if options.kinds:
        fit_kinds(options)
        return 0
    columns = columns_of(options.html)
    sets = sets_of(options.folder, options.cache, options.html)
    firsts = first_looks(lambda: sets, options.cache, options.html)
    sets = [(look_around(rows, firsts, columns), weight) for rows, weight in sets]
    second = Look("second", (*columns, *context_names(columns)))
    for number in (*range(FOLDS), None):
        path = options.output if number is None else fold_path(options.folds, number)
        path = for_pages(path, options.html) if options.html else path
        model = ProseModel(firsts[number], train(sets, number, second), about(options, columns, number))
        model.save(path)
        print(f"{path}: {path.stat().st_size:,} bytes", flush=True)
    return 0


def about(options: argparse.Namespace, columns: tuple[str, ...], without: int | None) -> dict[str, Any]:
    """What stands with a model: how it was made."""
    html = f"--html {options.html} " if options.html else ""
    result = {
        "version": __version__,
        "command": f"python bench/fit.py FOLDER --cache CACHE {html}-o cleaner/models/prose.npz --folds bench/models",
        "data": data_hash(options.folder, options.html),
        "trees": {key: value for key, value in TREES.items() if key not in ("verbose", "allow_writing_files")},
        "learning rates": RATES,
        "signals": len(columns),
        "without fold": without,
    }
    return result | ({"trafilatura": version("trafilatura")} if options.html == "full" else {})


if __name__ == "__main__":
    sys.exit(main())
