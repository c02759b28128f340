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
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from cleaner.detect.context import context, context_names
from cleaner.detect.signals import GROUPS, group_of, names
from cleaner.errors import ConfigError

__all__ = [
    "PROBABLE", "STANDARD", "UNIT", "Forest", "Looks", "ProseModel", "for_pages", "load_model", "log_odds",
    "probability", "stored", "surroundings",
]  # fmt: skip

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
class Forest:
    """T trees of depth D over signals, by number: those named in `columns`.

    signal, border: [T, D]: a question is whether the signal is over the border.
    means: [T, 2 ** (D + 1) - 1]: expectations after 0, 1, ... D questions, those after k from place 2 ** k - 1; the
    leaves are the last. bias: what all blocks have in common. Numbers are in 1 / UNIT log-odds of boilerplate.
    """

    signal: Ints
    border: Ints
    means: Ints
    bias: int
    columns: tuple[str, ...]

    def contributions(self, rows: Ints) -> Ints:
        """What each of `GROUPS` adds, [rows, groups]; with `base` they sum to the log-odds."""
        parts = [self._moves(rows[at : at + _ROWS]) for at in range(0, len(rows), _ROWS)]
        return np.concatenate([np.zeros((0, len(GROUPS)), dtype=np.int64), *parts])

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

    def odds(self, rows: Ints) -> Ints:
        """The log-odds alone: `contributions` and `base`, summed."""
        parts = [self._leaves(rows[at : at + _ROWS]) for at in range(0, len(rows), _ROWS)]
        return np.concatenate([np.zeros(0, dtype=np.int64), *parts]) + self.bias

    def _leaves(self, rows: Ints) -> Ints:
        yes = self._answers(rows)
        place = np.zeros(yes.shape[1:], dtype=np.int64)
        for depth, answers in enumerate(yes):
            place += answers << depth
        leaves: Ints = np.take_along_axis(self.means[:, -(1 << len(yes)) :], place, axis=1).sum(axis=0)
        return leaves

    @property
    def base(self) -> int:
        """What the trees say before the first question."""
        return self.bias + int(self.means[:, 0].sum())

    def _answers(self, rows: Ints) -> npt.NDArray[np.int64]:
        """Depth, tree, row -> 1 where the signal is over the border."""
        columns = rows.T
        return np.stack(
            [columns[self.signal[:, depth]] > self.border[:, depth, None] for depth in range(self.signal.shape[1])]
        ).astype(np.int64)

    def arrays(self, prefix: str) -> dict[str, npt.NDArray[Any]]:
        """As they are stored."""
        return {
            f"{prefix}signal": self.signal.astype(np.int16),
            f"{prefix}border": self.border.astype(np.int32),
            f"{prefix}means": self.means.astype(np.int32),
            f"{prefix}bias": np.array([self.bias]),
        }

    @classmethod
    def read(cls, data: Mapping[str, npt.NDArray[Any]], prefix: str, columns: tuple[str, ...]) -> Forest:
        """Raises KeyError and ValueError where they are no such arrays."""
        signal, border, means = (data[f"{prefix}{name}"].astype(np.int64) for name in ("signal", "border", "means"))
        return cls(signal, border, means, int(data[f"{prefix}bias"][0]), columns)


class Looks(NamedTuple):
    """What the model sees in each block. `parts`: what each of `GROUPS` adds, [blocks, groups]; with what the rules say
    and the model's `base` they sum to `odds`, the log-odds of boilerplate, of which `first` is the first look's. All in
    1 / UNIT."""

    parts: Ints
    first: Ints
    odds: Ints


@dataclass(frozen=True)
class ProseModel:
    """Two looks at the blocks of a document: the first by the signals `columns` (those of
    `cleaner.detect.signals.names()`, and for HTML the hints of `cleaner.page`), the second by the same and by what the
    first says of the surroundings (`cleaner.detect.context`). What the looks say is added up, with the signal
    "suspicion" (what preview rules see), which counts as it is.
    """

    first: Forest
    second: Forest
    about: dict[str, Any] = field(default_factory=dict, compare=False)

    @property
    def columns(self) -> tuple[str, ...]:
        return self.first.columns

    @property
    def base(self) -> int:
        """What both looks say before the first question."""
        return self.first.base + self.second.base

    def looks(self, rows: Ints, scores: Ints) -> Looks:
        """Both looks at the blocks of a document: [rows, columns], and what the rules say of each, in 1 / UNIT log-odds
        of boilerplate."""
        parts = self.first.contributions(rows)
        parts[:, list(GROUPS).index("rules")] += rows[:, self.columns.index("suspicion")] * (UNIT // 100)
        first = scores + parts.sum(axis=1) + self.first.base
        again = self.second.contributions(np.hstack([rows, surroundings(rows, self.columns, first)]))
        return Looks(parts + again, first, first + again.sum(axis=1) + self.second.base)

    def save(self, path: str | Path) -> None:
        """Write the model with what it is about (training command, data, scores) as one `.npz`."""
        about = np.frombuffer(json.dumps(self.about, sort_keys=True).encode(), dtype=np.uint8)
        trees: dict[str, Any] = self.first.arrays("first_") | self.second.arrays("second_")
        np.savez_compressed(path, names=np.array(self.columns), about=about, **trees)


def surroundings(rows: Ints, columns: tuple[str, ...], odds: Ints) -> Ints:
    """What the second look reads besides the rows, by the log-odds of boilerplate after the first, in 1 / UNIT."""
    return context(rows, columns, probability(-odds) // (PROBABLE // 1000), (odds + _STEP // 2) // _STEP)


def for_pages(model: Path, mode: str) -> Path:
    """Where the model for HTML stands that goes with a model for text; `mode` is that of `Config.html`."""
    return model.with_suffix(f".html-{mode}.npz")


@contextmanager
def stored(path: str | Path) -> Iterator[Mapping[str, npt.NDArray[Any]]]:
    """The arrays of a model's file. Raises ConfigError where it cannot be read, or what is done with them in the block
    shows that it is no model."""
    try:
        with Path(path).open("rb") as file, np.load(file, allow_pickle=False) as data:
            yield data
    except OSError as error:
        raise ConfigError(f"model {path}: cannot be read: {error.strerror or error}") from error
    except (ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise ConfigError(f"model {path}: not a model that bench/fit.py wrote ({error})") from error


@cache
def load_model(path: str | Path, extra: tuple[str, ...] = ()) -> ProseModel:
    """Read a model that `ProseModel.save` wrote. Raises ConfigError where it is none, or one for other signals than
    `names()` and `extra`."""
    with stored(path) as data:
        columns = tuple(str(name) for name in data["names"])
        known = columns == (*names(), *extra)
        second = (*columns, *context_names(columns)) if known else columns
        about = json.loads(data["about"].tobytes())
        model = ProseModel(Forest.read(data, "first_", columns), Forest.read(data, "second_", second), about)
    if not known:
        raise ConfigError(f"model {path}: fitted on other signals than this version computes; fit it anew")
    return model
