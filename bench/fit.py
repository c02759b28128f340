r"""Fit the prose model on labelled pages.

    python bench/fit.py FOLDER-WITH-THE-DATA --cache /tmp/rows -o cleaner/models/prose.npz
    python bench/fit.py FOLDER-WITH-THE-DATA --cache /tmp/rows --folds bench/models

Pages are flattened several ways, so that the model depends on none of them; resiliparse and html2text are kept for
judging. A block's label is the share of it that is gold (`cleaner/align.py`), on pages without gold text the share of
trafilatura's modes that keep it. Besides whole pages there are gold texts by themselves, pages from which most
boilerplate is gone already, since the cleaner looks again at what it left, and pages and gold texts with furniture
between their paragraphs: of another page of the same fold, and of the open table in `tests/data/injected/` or of
`furniture.json`, which was written for training alone.

With `--folds` five models are fitted, each without a fifth of the sites; `quality.py --folds` judges every page by
the model that has not seen its site. The rows of signals are cached in a folder; they have to be made anew (empty the
folder) after any change to segmenting, features, rules or signals.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from importlib.metadata import version
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
from cleaner.detect.prose import UNIT, ProseModel, for_pages
from cleaner.detect.signals import names, signals
from cleaner.document import Document
from cleaner.features import measure
from cleaner.html import ask_trafilatura
from cleaner.page import HINTS, VERDICTS, read_page, verdict_hints
from cleaner.segment import segment

Rows = dict[str, npt.NDArray[Any]]

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
    "learning_rate": 0.08,
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


def one_page(task: tuple[dict[str, Any], str, dict[str, Any]]) -> tuple[str, Rows] | None:
    page, way, donor = task
    golds = golds_of(page, way)
    snippets = [] if page.get("gold") else [*page["with"], *page["without"]]
    if way == "html":
        read = read_page(page["html"])
        if read is None or len(read.document.text) > LONGEST:
            return None
        hints = np.hstack([read.hints, verdict_hints(read.document, ask_trafilatura(page["html"]).kept)])
        found = rows_of(read.document, golds, snippets, False, hints)
        return None if found is None else (site_name(page), found)
    text = interleaved(page, donor) if way == "interleaved" else text_of(page, way)
    if not text.strip() or len(text) > LONGEST:
        return None
    found = rows_of(segment(text), golds, snippets, way == "gold")
    return None if found is None else (site_name(page), found)


def tasks(path: Path, way: str, every: int, first: int) -> Iterator[tuple[dict[str, Any], str, dict[str, Any]]]:
    """(page, way, page before it of the same fold)"""
    before: dict[int, dict[str, Any]] = {}
    for number, page in enumerate(pages(str(path))):
        part = fold(site_name(page))
        if number % every == first:
            yield page, way, before.get(part, page) if way == "interleaved" else {}
        before[part] = page


def load(folder: Path, cache: Path, name: str, way: str, every: int, first: int) -> Rows:
    """The rows of one set, from the cache or made now; `page` numbers the pages, `site` names their sites."""
    path = cache / f"{name.split('.')[0]}.{way}.npz"
    if not path.exists():
        with Pool() as pool:
            found = [result for result in pool.imap(one_page, tasks(folder / name, way, every, first), 4) if result]
        merged = {key: np.concatenate([rows[key] for _site, rows in found]) for key in found[0][1]}
        sizes = [len(rows["label"]) for _site, rows in found]
        cache.mkdir(parents=True, exist_ok=True)
        np.savez(path, page=np.repeat(np.arange(len(found)), sizes), site=np.array([s for s, _ in found]), **merged)
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


def train(sets: list[tuple[Rows, float]], without: int | None) -> ProseModel:
    """Fit on all sites but those of the fold `without`."""
    from catboost import CatBoostClassifier
    from catboost import Pool as Data

    columns, label, start, weight = [], [], [], []
    doubt = names().index("suspicion")
    for rows, scale in sets:
        seen = np.array([fold(site) != without for site in rows["site"].tolist()])[rows["page"]] & (rows["words"] > 0)
        signals_ = rows["signals"][seen].astype(np.float32)
        start.append(np.clip(rows["rules"][seen] + signals_[:, doubt] / 100, -BASE, BASE))
        signals_[:, doubt] = 0  # counted as it is, see `ProseModel`
        columns.append(signals_)
        label.append(1 - rows["label"][seen])
        weight.append(weights(rows, scale)[seen])
    fitted = CatBoostClassifier(**TREES)
    fitted.fit(
        Data(
            np.concatenate(columns),
            np.concatenate(label),
            weight=np.concatenate(weight),
            baseline=np.concatenate(start),
        )
    )
    return exported(fitted)


def exported(fitted: Any) -> ProseModel:
    """The trees in whole numbers, with the expectations of their nodes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "trees.json"
        fitted.save_model(str(path), format="json")
        trees = json.loads(path.read_text(encoding="utf-8"))
    depth = TREES["depth"]
    signal, border, means = [], [], []
    for tree in trees["oblivious_trees"]:
        splits = tree["splits"]
        leaves = np.array(tree["leaf_values"], dtype=float)
        rows = np.array(tree["leaf_weights"], dtype=float) + 1e-9
        missing = depth - len(splits)  # a tree may stop early: ask what is never true
        signal.append([s["float_feature_index"] for s in splits] + [0] * missing)
        border.append([int(np.floor(s["border"])) for s in splits] + [2**31 - 1] * missing)
        leaves, rows = np.tile(leaves, 2**missing), np.concatenate([rows, np.full(len(rows) * (2**missing - 1), 1e-9)])
        levels = []
        for asked in range(depth + 1):  # the bits of the first questions are the lowest
            part = np.arange(len(leaves)) & ((1 << asked) - 1)
            levels.append(np.bincount(part, weights=leaves * rows) / np.bincount(part, weights=rows))
        means.append(np.rint(np.concatenate(levels) * UNIT))
    scale, (bias,) = trees["scale_and_bias"]
    if scale != 1:
        raise ValueError(f"the trees are scaled by {scale}, not 1")
    return ProseModel(
        np.array(signal, dtype=np.int64),
        np.array(border, dtype=np.int64),
        np.array(means, dtype=np.int64),
        round(bias * UNIT),
    )


def sets_of(folder: Path, cache: Path, html: str | None) -> Iterator[tuple[Rows, float]]:
    for name, way, every, first, weight in HTML_SETS if html else SETS:
        rows = load(folder, cache, name, way, every, first)
        yield rows | {"signals": rows["signals"][:, : len(columns_of(html))]}, weight


def columns_of(html: str | None) -> tuple[str, ...]:
    """The columns of the rows: of a text, or of an HTML page with trafilatura's verdict or without."""
    return (*names(), *(HINTS if html else ()), *(VERDICTS if html == "full" else ()))


def data_hash(folder: Path) -> dict[str, str]:
    files = sorted({name for name, *_ in SETS})
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in files}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder with the data")
    parser.add_argument("--cache", type=Path, required=True, help="folder for the rows of signals")
    parser.add_argument("-o", "--output", type=Path, help="fit on all sites, write the model here")
    parser.add_argument("--html", choices=HTML_MODES, help="a model for HTML, with trafilatura's verdict or without")
    parser.add_argument("--folds", type=Path, help="fit one model a fold, write them into this folder")
    options = parser.parse_args()
    sets = list(sets_of(options.folder, options.cache, options.html))
    columns = columns_of(options.html)
    about = {
        "version": __version__,
        "command": "python bench/fit.py FOLDER --cache CACHE -o cleaner/models/prose.npz",
        "data": data_hash(options.folder),
        "trees": {key: value for key, value in TREES.items() if key not in ("verbose", "allow_writing_files")},
        "signals": len(columns),
    }
    if options.html == "full":
        about["trafilatura"] = version("trafilatura")
    if options.html:
        about["command"] = f"python bench/fit.py FOLDER --cache CACHE --html {options.html} -o cleaner/models/prose.npz"
    jobs: list[tuple[int | None, Path]] = [(None, options.output)] if options.output else []
    if options.folds:
        options.folds.mkdir(parents=True, exist_ok=True)
        jobs += [(number, fold_path(options.folds, number)) for number in range(FOLDS)]
    for without, path in jobs:
        model = train(sets, without)
        path.parent.mkdir(parents=True, exist_ok=True)
        if options.html:
            path = for_pages(path, options.html)
        replace(model, columns=columns, about=about | {"without fold": without}).save(path)
        print(f"{path}: {len(model.signal)} trees, {path.stat().st_size:,} bytes", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
