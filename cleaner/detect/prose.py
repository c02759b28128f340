"""The prose model: how much a block looks like boilerplate, by its form, its neighbours and its document.

Boosted oblivious trees (every node of one depth asks the same question), fitted by `bench/fit.py` on labelled pages.
Questions are about whole numbers (`cleaner.detect.signals`) and leaves are whole ten-thousandths of log-odds, so that
sums are exact and the same on every platform; numpy is all that it takes to walk them.

What each signal adds is told by the path through each tree: a question moves the expectation over the training rows
from that of the blocks before it to that of the blocks behind it, and the moves add up to the leaf (Saabas 2014,
"Interpreting random forests").
"""

from __future__ import annotations

import json
import math
import zipfile
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from cleaner.detect.signals import GROUPS, group_of, names
from cleaner.errors import ConfigError

__all__ = ["PROBABLE", "STANDARD", "UNIT", "ProseModel", "for_pages", "load_model", "log_odds", "probability"]

Ints = npt.NDArray[np.int64]

STANDARD = Path(__file__).parents[1] / "models" / "prose.npz"
UNIT = 10_000  # parts of one log-odds in which leaves are given
PROBABLE = 1_000_000  # parts of certainty in which probabilities are given
_ROWS = 512  # blocks that are looked at together
_STEP = UNIT // 100  # log-odds are rounded to hundredths before they become probabilities
_LIMIT = 1200  # hundredths; what is more certain is as certain


@cache
def _table() -> Ints:
    steps = range(-_LIMIT, _LIMIT + 1)
    return np.array([round(PROBABLE / (1 + math.exp(-step / 100))) for step in steps], dtype=np.int64)


def probability(logits: Ints) -> Ints:
    """Millionths, by table, so that no platform's `exp` shows."""
    steps = np.clip((logits + _STEP // 2) // _STEP, -_LIMIT, _LIMIT)
    return _table()[steps + _LIMIT]


def log_odds(part: int) -> int:
    """The least log-odds, in 1 / UNIT, whose `probability` is `part` or more."""
    return (int(np.searchsorted(_table(), part)) - _LIMIT) * _STEP - _STEP // 2


@dataclass(frozen=True)
class ProseModel:
    """T trees of depth D over the signals `columns`, by number: those of `cleaner.detect.signals.names()`, and for HTML
    the hints of `cleaner.page`.

    signal, border: [T, D]: a question is whether the signal is over the border.
    means: [T, 2 ** (D + 1) - 1]: expectations after 0, 1, ... D questions, those after k from place 2 ** k - 1; the
    leaves are the last. bias: what all blocks have in common. Numbers are in 1 / UNIT log-odds of boilerplate. The
    trees add to the signal "suspicion" (what preview rules see), which counts as it is.
    """

    signal: Ints
    border: Ints
    means: Ints
    bias: int
    columns: tuple[str, ...] = field(default_factory=names)
    about: dict[str, Any] = field(default_factory=dict, compare=False)

    def contributions(self, rows: Ints) -> Ints:
        """What each of `GROUPS` adds, [rows, groups]; with `base` they sum to the log-odds."""
        parts = [self._moves(rows[at : at + _ROWS]) for at in range(0, len(rows), _ROWS)]
        result = np.concatenate([np.zeros((0, len(GROUPS)), dtype=np.int64), *parts])
        result[:, list(GROUPS).index("rules")] += rows[:, self.columns.index("suspicion")] * (UNIT // 100)
        return result

    def _moves(self, rows: Ints) -> Ints:
        yes = self._answers(rows)
        place = np.zeros(yes.shape[1:], dtype=np.int64)
        result = np.zeros((len(GROUPS), len(rows)))
        before = self.means[:, :1]
        for depth, chosen in enumerate(self._chosen):
            place += yes[depth] << depth
            behind = np.take_along_axis(self.means, place + (2 << depth) - 1, axis=1)
            # A product with zeros and ones, of whole numbers: exact, in any order of summation.
            result += chosen @ (behind - before).astype(float)
            before = behind
        return result.T.astype(np.int64)

    @cached_property
    def _chosen(self) -> list[npt.NDArray[np.float64]]:
        """Depth -> [groups, trees]: 1 where the question of that depth is about a signal of the group."""
        order = list(GROUPS)
        groups = np.array([order.index(group_of(name)) for name in self.columns])[self.signal]
        return [(column == np.arange(len(order))[:, None]).astype(float) for column in groups.T]

    @property
    def base(self) -> int:
        """What the model says before the first question."""
        return self.bias + int(self.means[:, 0].sum())

    def _answers(self, rows: Ints) -> npt.NDArray[np.int64]:
        """Depth, tree, row -> 1 where the signal is over the border."""
        columns = rows.T
        return np.stack(
            [columns[self.signal[:, depth]] > self.border[:, depth, None] for depth in range(self.signal.shape[1])]
        ).astype(np.int64)

    def save(self, path: str | Path) -> None:
        """Write the model with what it is about (training command, data, scores) as one `.npz`."""
        about = np.frombuffer(json.dumps(self.about, sort_keys=True).encode(), dtype=np.uint8)
        np.savez_compressed(
            path,
            signal=self.signal.astype(np.int16),
            border=self.border.astype(np.int32),
            means=self.means.astype(np.int32),
            bias=np.array([self.bias]),
            names=np.array(self.columns),
            about=about,
        )


def for_pages(model: Path, mode: str) -> Path:
    """Where the model for HTML stands that goes with a model for text; `mode` is that of `Config.html`."""
    return model.with_suffix(f".html-{mode}.npz")


@cache
def load_model(path: str | Path, extra: tuple[str, ...] = ()) -> ProseModel:
    """Read a model that `ProseModel.save` wrote. Raises ConfigError where it is none, or one for other signals than
    `names()` and `extra`."""
    try:
        with Path(path).open("rb") as file, np.load(file, allow_pickle=False) as data:
            fitted_on = tuple(str(name) for name in data["names"])
            model = ProseModel(
                data["signal"].astype(np.int64),
                data["border"].astype(np.int64),
                data["means"].astype(np.int64),
                int(data["bias"][0]),
                fitted_on,
                json.loads(data["about"].tobytes()),
            )
    except OSError as error:
        raise ConfigError(f"model {path}: cannot be read: {error.strerror or error}") from error
    except (ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise ConfigError(f"model {path}: not a model that bench/fit.py wrote ({error})") from error
    if fitted_on != (*names(), *extra):
        raise ConfigError(f"model {path}: fitted on other signals than this version computes; fit it anew")
    return model
