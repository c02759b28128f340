"""What kind of page a document is: an article, a forum, a listing ..., with a confidence.

A few kinds can be told by what is said on them (an error, a question for consent, a log-in); the others by boosted
trees over what the prose model's signals are on average, on the whole page and among what a first look takes for prose,
and over what an HTML page declares itself to be. Fitted by `bench/fit.py --kinds` on pages whose kind is known.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import regex

from cleaner.detect import Detection
from cleaner.detect.prose import PROBABLE, UNIT, stored
from cleaner.detect.signals import names
from cleaner.document import Document
from cleaner.errors import ConfigError
from cleaner.evidence import KINDS, PageKind
from cleaner.page import DECLARED

__all__ = [
    "KindModel", "kind_of", "load_kinds", "model_for_kinds", "portrait", "portrait_names",
]  # fmt: skip

Ints = npt.NDArray[np.int64]

_SHORT = 150  # words of a page that says little more than that it is not there
_FEW = 250  # words of a page that is nothing but a question for consent or a log-in
_MOST = 0.5  # share of the words that one family speaks against
_ERRORS = regex.compile(
    r"\b(?:page (?:not found|does not exist|cannot be found|can't be found)|error 40[34]|40[34] (?:error|not found)"
    r"|404|access denied|forbidden|something went wrong|enable javascript|checking your browser|are you a robot"
    r"|seite nicht gefunden|seite existiert nicht|zugriff verweigert|page introuvable|accès refusé"
    r"|página no encontrada|página não encontrada|pagina non trovata|pagina niet gevonden|sidan hittades inte"
    r"|strona nie istnieje|nie znaleziono strony|stránka nenalezena|sayfa bulunamadı|страница не найдена)\b"
    r"|页面不存在|页面未找到|ページが見つかりません|페이지를 찾을 수 없|الصفحة غير موجودة"
)
_LOG_IN = regex.compile(
    r"\b(?:password|passwort|mot de passe|contraseña|senha|wachtwoord|lösenord|hasło|heslo|şifre|parola|пароль)\b"
    r"|密码|パスワード|비밀번호|كلمة المرور"
)
# Columns of the signals whose mean tells kinds of pages apart: over blocks, and over words.
_OWN = (
    "words", "word length", "digits", "capitals first", "function words", "stops per word", "commas per word", "money",
    "colons", "brackets", "addresses", "marks", "tag heading", "tag item", "tag table", "tag code", "tag prose",
    "tag sentence", "tag anchor", "tag short", "tag titlelike", "tag label", "tag digits", "tag name", "tag addressing",
    "tag voice", "tag repeated", "tag quoted", "preview promo", "preview comments", "preview byline", "preview related",
    "topical", "suspicion", "twins at regular distances", "run size", "rules of 3 before", "family promo of 20 before",
    "family comments of 20 before", "family share of 20 before", "family byline of 20 before",
    "family navigation of 20 before", "family related of 20 before",
)  # fmt: skip
_WHOLE = ("blocks", "words", "anchor words", "anchors", "longest", "before text", "behind text")
_CAP = 10**6
_PARTS = 1000  # of a probability


def portrait_names() -> tuple[str, ...]:
    """The columns of `portrait`."""
    half = (*_WHOLE, *(f"{name} a block" for name in _OWN), *(f"{name} a word" for name in _OWN))
    kept = tuple(f"prose: {name}" for name in half)
    return (*half, *kept, "prose words", "prose share", "doubt", *(f"declares {name}" for name in DECLARED))


def portrait(rows: Ints, stays: Ints, declared: Collection[str]) -> Ints:
    """A document in whole numbers, by the signals of its blocks ([blocks, len(names())]), the probability of each to be
    prose, in millionths, and the names in `DECLARED` of what it says it is."""
    kept = rows[2 * stays > PROBABLE]
    words, share = rows[:, names().index("words")], stays // (PROBABLE // _PARTS)
    total = max(1, int(words.sum()))
    prose = int((words * share).sum())
    doubt = int((words * np.minimum(share, _PARTS - share)).sum())
    figures = [prose // _PARTS, prose // total, doubt // total, *(int(name in declared) for name in DECLARED)]
    picture = np.concatenate([_half(rows), _half(kept), np.array(figures, dtype=np.int64)])
    clipped: Ints = np.clip(picture, -_CAP, _CAP)
    return clipped


def _half(rows: Ints) -> Ints:
    """Of the rows of all blocks, or of those that are prose: sizes, and means of signals over blocks and over words."""
    columns = rows.T
    place = {name: at for at, name in enumerate(names())}
    own = columns[[place[name] for name in _OWN]]
    words, anchor = columns[place["words"]], columns[place["tag anchor"]] > 0
    n, total = max(1, len(rows)), max(1, int(words.sum()))
    anchors = np.flatnonzero(anchor)
    first, last = (int(anchors[0]), int(anchors[-1])) if len(anchors) else (0, -1)
    whole = (
        len(rows), total, int(words[anchor].sum()), len(anchors), int(words.max(initial=0)), first, len(rows) - 1 - last
    )  # fmt: skip
    means = 100 * own.sum(axis=1) // n, 100 * (own * words).sum(axis=1) // total
    result: Ints = np.concatenate([np.array(whole, dtype=np.int64), *means])
    return result


@dataclass(frozen=True)
class KindModel:
    """T oblivious trees of depth D over `portrait`, by number; a leaf has a whole number of 1 / UNIT log-odds for each
    of `KINDS`: signal, border [T, D], leaves [T, 2 ** D, kinds], bias [kinds]."""

    signal: Ints
    border: Ints
    leaves: Ints
    bias: Ints
    about: dict[str, Any] = field(default_factory=dict, compare=False)

    def logits(self, picture: Ints) -> Ints:
        """[kinds]"""
        place = ((picture[self.signal] > self.border) << np.arange(self.signal.shape[1])).sum(axis=1)
        total: Ints = self.leaves[np.arange(len(place)), place].sum(axis=0) + self.bias
        return total

    def save(self, path: Path) -> None:
        about = np.frombuffer(json.dumps(self.about, sort_keys=True).encode(), dtype=np.uint8)
        np.savez_compressed(
            path,
            signal=self.signal.astype(np.int16),
            border=self.border.astype(np.int32),
            leaves=self.leaves.astype(np.int32),
            bias=self.bias.astype(np.int64),
            names=np.array(portrait_names()),
            kinds=np.array(KINDS),
            about=about,
        )


def model_for_kinds(model: Path) -> Path:
    """Where the model of kinds stands that goes with a prose model."""
    return model.with_suffix(".kind.npz")


@cache
def load_kinds(path: Path) -> KindModel | None:
    """Read a model that `KindModel.save` wrote; None where there is no such file. Raises ConfigError where it is none,
    or one of another version."""
    if not path.exists():
        return None
    with stored(path) as data:
        known = (tuple(data["names"].tolist()), tuple(data["kinds"].tolist()))
        signal, border, leaves, bias = (data[k].astype(np.int64) for k in ("signal", "border", "leaves", "bias"))
        model = KindModel(signal, border, leaves, bias, json.loads(data["about"].tobytes()))
    if known != (portrait_names(), KINDS):
        raise ConfigError(f"model {path}: fitted on other signals than this version computes; fit it anew")
    return model


def kind_of(
    document: Document,
    detection: Detection,
    rows: Ints,
    stays: Ints,
    declared: Collection[str],
    model: KindModel | None,
) -> tuple[PageKind, dict[str, int]]:
    """The kind of a page, and hundredths of confidence in each of `KINDS` (none, where it is told by what it says).

    rows: the signals of its blocks; stays: millionths of being prose, by the first look of the prose model.
    """
    words = detection.features.words
    total = int(words.sum())
    if not total:
        return PageKind("empty", 1.0), {}
    if (told := _told(document, detection, words, total)) is not None:
        return told, {}
    if model is None:
        return PageKind(), {}
    odds = model.logits(portrait(rows, stays, declared))
    steps = np.minimum((int(odds.max()) - odds) // (UNIT // 100), len(_falls()) - 1)
    parts = _falls()[steps]
    shares = (parts * 100 // int(parts.sum())).tolist()
    best = int(odds.argmax())
    return PageKind(KINDS[best], shares[best] / 100), dict(zip(KINDS, shares, strict=True))


@cache
def _falls() -> Ints:
    """Millionths of exp(-step / 100), by table, so that no platform's `exp` shows."""
    return np.array([round(PROBABLE * math.exp(-step / 100)) for step in range(1200)], dtype=np.int64)


def _told(document: Document, detection: Detection, words: Ints, total: int) -> PageKind | None:
    """Kinds of pages that say what they are, and little else."""
    if total > _FEW or any("anchor" in tags and "flagged" not in tags for tags in detection.tags):
        return None
    spoken: Counter[str] = Counter()
    for block, family in {(e.block, e.family) for e in detection.evidence if e.family != "keep"}:
        spoken[family] += int(words[block])
    folded = detection.features.folded
    if total <= _SHORT and _ERRORS.search(folded):
        return PageKind("error", 0.9)
    if spoken["cookie"] > _MOST * total:
        return PageKind("consent", 0.9)
    if total <= _SHORT and _LOG_IN.search(folded):
        return PageKind("log-in", 0.9)
    return None
