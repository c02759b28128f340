r"""Fit the prose model on labelled pages.

    python bench/fit.py FOLDER-WITH-THE-DATA --cache /tmp/rows -o cleaner/models/prose.npz
    python bench/fit.py FOLDER-WITH-THE-DATA --cache /tmp/rows --folds bench/models

Pages are flattened several ways, so that the model depends on none of them; resiliparse and html2text are kept for
judging. A block's label is the share of it that is gold (`labels.py`). Besides whole pages there are gold texts by
themselves, pages from which most boilerplate is gone already, since the cleaner looks again at what it left, and pages
and gold texts with furniture between their paragraphs: of another page of the same fold, and of the open table in
`tests/data/injected/`.

With `--folds` three models are fitted, each without a third of the sites; `quality.py --folds` judges every page by
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
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from multiprocessing import Pool
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from labels import labels
from quality import FLATTENERS, FOLDS, fold, fold_path, pages, silver, site_name

from cleaner import Cleaner, Config, __version__
from cleaner.decide import by_rules
from cleaner.detect import detect
from cleaner.detect.prose import UNIT, ProseModel
from cleaner.detect.signals import names, signals
from cleaner.document import Document
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
    ("wcxb-dev.html.jsonl.xz", "furnished", 2, 0, 0.5),
    ("sites-dev.html.jsonl.xz", "furnished", 2, 0, 1.0),
    ("plain-dev.text.jsonl.xz", "text", 1, 0, 0.5),
)
SITE_PAGES = 10  # all pages of a site weigh as much as so many at most
SNIPPET = 6.0  # weight of a block with a snippet that somebody has looked at
INJECTED = Path(__file__).parents[1] / "tests" / "data" / "injected" / "open.json"
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
}
BASE = 8.0  # log-odds of the rules beyond this are as good as certain

RULES = Cleaner(Config(model=None)).rules


def rows_of(text: str, gold: str, snippets: list[str], all_gold: bool) -> Rows | None:
    """Signals, labels and weights of the blocks of one document; `rules` is what the model starts from."""
    document = segment(text)
    if not document.blocks:
        return None
    detection = detect(document, RULES)
    verdicts, _order = by_rules(document, detection, RULES)
    scores = [v.score for v in verdicts]
    found = signals(document, detection, scores)
    bodies = [document.body(b) for b in document.blocks]
    label, words = labels(bodies, gold)
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
def open_table() -> dict[str, dict[str, list[list[str]]]]:
    """Language -> family -> groups of lines."""
    table: dict[str, dict[str, list[list[str]]]] = json.loads(INJECTED.read_text(encoding="utf-8"))
    return table


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
    table = open_table()
    document, label, _words = labelled(donor)
    bodies = [document.body(b) for b in document.blocks]
    while True:
        if chance.random() < 0.5 or len(bodies) < 2 * LONGEST_RUN:
            language = table["en"] if chance.random() < 0.7 else chance.choice(list(table.values()))
            yield chance.choice(language[chance.choice(("promo", "promo", "logo-list", "teaser"))])
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
    table = open_table()
    rows = table.get(page.get("lang", "en")[:2]) or table[chance.choice(sorted(table))]
    parts = [line for line in page["gold"].split("\n") if line.strip()]
    inside = range(1, len(parts))
    for place in sorted(chance.sample(inside, min(len(inside), chance.randint(1, 5))), reverse=True):
        parts.insert(place, "\n".join(chance.choice(rows[chance.choice(("promo", "logo-list", "teaser"))])))
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


def one_page(task: tuple[dict[str, Any], str, dict[str, Any]]) -> tuple[str, Rows] | None:
    page, way, donor = task
    text = interleaved(page, donor) if way == "interleaved" else text_of(page, way)
    if not text.strip() or len(text) > LONGEST:
        return None
    gold = page["gold"] if page.get("gold") else silver(page)
    snippets = [] if page.get("gold") else [*page["with"], *page["without"]]
    found = rows_of(text, gold, snippets, way == "gold")
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
    for rows, scale in sets:
        seen = np.array([fold(site) != without for site in rows["site"].tolist()])[rows["page"]] & (rows["words"] > 0)
        columns.append(rows["signals"][seen].astype(np.float32))
        label.append(1 - rows["label"][seen])
        start.append(np.clip(rows["rules"][seen], -BASE, BASE))
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


def sets_of(folder: Path, cache: Path) -> Iterator[tuple[Rows, float]]:
    for name, way, every, first, weight in SETS:
        yield load(folder, cache, name, way, every, first), weight


def data_hash(folder: Path) -> dict[str, str]:
    files = sorted({name for name, *_ in SETS})
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in files}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder with the data")
    parser.add_argument("--cache", type=Path, required=True, help="folder for the rows of signals")
    parser.add_argument("-o", "--output", type=Path, help="fit on all sites, write the model here")
    parser.add_argument("--folds", type=Path, help="fit one model a fold, write them into this folder")
    options = parser.parse_args()
    sets = list(sets_of(options.folder, options.cache))
    about = {
        "version": __version__,
        "command": "python bench/fit.py FOLDER --cache CACHE -o cleaner/models/prose.npz",
        "data": data_hash(options.folder),
        "trees": {key: value for key, value in TREES.items() if key != "verbose"},
        "signals": len(names()),
    }
    jobs: list[tuple[int | None, Path]] = [(None, options.output)] if options.output else []
    if options.folds:
        options.folds.mkdir(parents=True, exist_ok=True)
        jobs += [(number, fold_path(options.folds, number)) for number in range(FOLDS)]
    for without, path in jobs:
        model = train(sets, without)
        path.parent.mkdir(parents=True, exist_ok=True)
        replace(model, about=about | {"without fold": without}).save(path)
        print(f"{path}: {len(model.signal)} trees, {path.stat().st_size:,} bytes", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
