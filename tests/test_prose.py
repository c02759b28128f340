"""The prose model: exact sums, words for what it sees, and clear errors."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner import Cleaner, Config, ConfigError, explain
from cleaner.decide import by_rules, suspicion
from cleaner.detect import detect
from cleaner.detect.context import context, context_names
from cleaner.detect.prose import (
    PROBABLE,
    STANDARD,
    UNIT,
    Forest,
    ProseModel,
    load_model,
    log_odds,
    probability,
    surroundings,
)
from cleaner.detect.signals import GROUPS, group_of, names, signals
from cleaner.document import Span
from cleaner.evidence import MODEL, Evidence, Verdict
from cleaner.page import HINTS, VERDICTS
from cleaner.segment import segment
from cleaner.weigh import _boxes, _lists, _titles_over
from tests import strategies

SAMPLES = sorted((Path(__file__).parent.parent / "samples").glob("*.txt"))
MODEL_FREE = Cleaner(Config(model=None))
RULES = MODEL_FREE.rules.by_id


def rows_of(text: str) -> np.ndarray:
    document = segment(text)
    found = detect(document, MODEL_FREE.rules)
    verdicts, _order = by_rules(document, found, MODEL_FREE.rules)
    scores = [v.score for v in verdicts]
    doubts = [v.score for v in suspicion(document, found, MODEL_FREE.rules)]
    return signals(document, found, scores, doubts)


def walked(forest: Forest, rows: np.ndarray) -> np.ndarray:
    """The leaves that the rows fall into, summed: a walk of its own, tree by tree."""
    depth = forest.signal.shape[1]
    total = np.full(len(rows), forest.bias)
    for signal, border, means in zip(forest.signal, forest.border, forest.means, strict=True):
        total += means[(1 << depth) - 1 + ((rows[:, signal] > border) << np.arange(depth)).sum(axis=1)]
    return total


def looked(model: ProseModel, rows: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Scores, suspicion and both looks, summed."""
    doubt = rows[:, names().index("suspicion")] * (UNIT // 100)
    first = scores + doubt + walked(model.first, rows)
    return first + walked(model.second, np.hstack([rows, surroundings(rows, model.columns, first)]))


def assert_adds_up(text: str) -> None:
    rows, model = rows_of(text), load_model(STANDARD)
    scores = np.arange(len(rows)) * 1000 - 5000
    looks = model.looks(rows, scores)
    assert (looks.odds == looked(model, rows, scores)).all()
    assert (scores + looks.parts.sum(axis=1) + model.base == looks.odds).all()
    assert (model.first.odds(rows) == walked(model.first, rows)).all()


@pytest.mark.parametrize("path", SAMPLES, ids=lambda p: p.name)
def test_contributions_add_up_to_the_logit(path: Path) -> None:
    rows = rows_of(path.read_text(encoding="utf-8"))
    assert rows.dtype == np.int64
    assert rows.shape[1] == len(names())
    assert_adds_up(path.read_text(encoding="utf-8"))


@settings(deadline=None, max_examples=50)
@given(strategies.documents())
def test_contributions_add_up_on_any_text(text: str) -> None:
    if segment(text).blocks:
        assert_adds_up(text)


def test_the_model_tells_blocks_apart() -> None:
    """Not a constant: in the samples, lines of prose come out far over lines of furniture."""
    prose = explain(SAMPLES[0].read_text(encoding="utf-8"))
    said = [sum(e.score for e in v.evidence if e.rule == MODEL) for v in prose.verdicts if not v.protected]
    assert max(said) - min(said) > 3


@pytest.mark.parametrize("path", SAMPLES, ids=lambda p: p.name)
def test_evidence_of_the_model_sums_to_the_score(path: Path) -> None:
    result = explain(path.read_text(encoding="utf-8"))
    models = 0
    for verdict in result.verdicts:
        assert verdict.score == pytest.approx(sum(e.score for e in verdict.evidence))
        models += any(e.rule == MODEL for e in verdict.evidence)
        for evidence in verdict.evidence:
            if evidence.rule == MODEL and evidence.name != "prose-model":
                assert evidence.words in GROUPS[evidence.name.removeprefix("prose-")]
    assert models > 5


def test_without_a_model_the_rules_decide_alone() -> None:
    for path in SAMPLES:
        result = MODEL_FREE.explain(path.read_text(encoding="utf-8"))
        assert not any(e.rule == MODEL for v in result.verdicts for e in v.evidence)
        assert {v.threshold for v in result.verdicts} == {0.0}


def test_preview_rules_remove_nothing_by_themselves() -> None:
    """Their claims weigh nothing; what goes has a claim of a stable rule's, of its neighbours' or of the model's."""
    for path in SAMPLES:
        text = path.read_text(encoding="utf-8")
        for result in (MODEL_FREE.explain(text), explain(text)):
            for verdict in result.verdicts:
                weighed = {e.rule for e in verdict.evidence if e.score > 0}
                assert not any(RULES[rule].status == "preview" for rule in weighed if rule in RULES)
                assert weighed or not verdict.removed


def test_suspicion_counts_preview_rules_that_support_others() -> None:
    document = segment(SAMPLES[1].read_text(encoding="utf-8"))
    found = detect(document, MODEL_FREE.rules)
    verdicts, _order = by_rules(document, found, MODEL_FREE.rules)
    doubts = suspicion(document, found, MODEL_FREE.rules)
    supported = {e.block for e in found.evidence if RULES[e.rule].support and not e.score}
    assert supported
    more = {v.block for v, doubt in zip(verdicts, doubts, strict=True) if doubt.score > v.score}
    assert more
    assert all(d.score == v.score for v, d in zip(verdicts, doubts, strict=True) if not supported)


def weighed_box(*scores: float, kinds: str = "") -> dict[int, str]:
    """`_boxes` over one run of lines, each with a score of the model's; `kinds` marks items with an i."""
    document = segment("\n".join(f"line {n}" for n in range(len(scores))) + "\n")
    tags = [frozenset({"joined", "item"} if kinds[n : n + 1] == "i" else {"joined"}) for n in range(len(scores))]
    seen = [
        Verdict(n, score, 0.0, (Evidence(MODEL, "prose-model", "not-prose", n, Span(0, 1), score, ""),))
        for n, score in enumerate(scores)
    ]
    detection = replace(detect(document, MODEL_FREE.rules), tags=tuple(tags))
    return _boxes(document, detection, seen)


def test_a_box_goes_as_one_where_most_of_it_goes() -> None:
    assert weighed_box(2, -0.5, 1, 1) == {1: "not-prose"}
    assert weighed_box(2, -1.9, 0.1, 0.1) == {1: "not-prose"}
    assert weighed_box(0.2, -1.9, 0.1, 0.1) == {}  # on average it stays
    assert weighed_box(5, -2.5, 5, 5) == {}  # the model is sure of one line
    assert weighed_box(2, -0.5) == {}  # no box
    assert weighed_box(2, -0.5, 1, 1, kinds="iii") == {}  # a list
    assert weighed_box(*([1.0] * 9), -0.5) == {}  # too long for a box


def test_a_heading_is_given_back_and_the_last_line_of_a_box_is_not() -> None:
    tags = [frozenset({"titlelike"})] * 4
    assert _titles_over([0, 1], {0, 1}, tags, [0, 1, 2], 2) == {0, 1}
    assert _titles_over([0, 1], {0, 1}, tags, [0, 0, 1], 2) == {0, 1}  # a heading and what is under it
    assert _titles_over([0, 1], {1}, tags, [0, 0, 1], 2) == set()  # 1 ends the box that 0 begins
    assert _titles_over([0, 1, 2], {1, 2}, tags, [0, 0, 0, 1], 3) == set()
    assert _titles_over([0, 1], {0, 1}, tags, [0, 0, 0], 2) == {0, 1}  # no blank lines at all


def test_lists_beside_text_are_given_back_unless_the_model_is_sure() -> None:
    tags = [frozenset({"item"})] * 5
    text, none = frozenset({"prose"}), frozenset[str]()
    assert _lists([0, 1, 2], {0: 1.0, 1: 2.0, 2: 1.0}, tags, text, none) == {0, 1, 2}
    assert _lists([0, 1, 2], {0: 3.0, 1: 2.0, 2: 3.0}, tags, text, none) == set()
    assert _lists([0, 1, 2], {0: 1.0, 1: 2.0, 2: 1.0}, tags, none, none) == set()
    assert _lists([0, 1, 2], {0: 1.0, 2: 1.0}, tags, text, text) == {0, 2}  # a rule speaks against 1


def test_keep_rules_stand_above_the_model() -> None:
    """What a keep rule speaks for goes only where rules, preview rules among them, take it."""
    held = 0
    for path in sorted((SAMPLES[0].parent).rglob("*.txt")) + sorted((SAMPLES[0].parent).rglob("*.md")):
        text = path.read_text(encoding="utf-8")
        with_model = explain(text)
        document = segment(text)
        doubts = suspicion(document, detect(document, MODEL_FREE.rules), MODEL_FREE.rules)
        for ours, theirs in zip(with_model.verdicts, doubts, strict=True):
            keeps = [e for e in ours.evidence if e.family == "keep" and e.rule.startswith("KEEP") and e.score < 0]
            if any(not RULES[e.rule].yields for e in keeps):
                held += 1
                assert not ours.removed or theirs.removed, with_model.document.body(with_model.blocks[ours.block])
    assert held > 50
    assert {rule.id for rule in RULES.values() if rule.yields} == {"KEEP001", "KEEP006", "KEEP008", "KEEP014"}


def test_a_text_that_is_no_page_is_left_to_the_rules() -> None:
    paragraph = "The council voted on Tuesday to keep the old swing bridge open at night, though few boats use it."
    furniture = "Home\nContact us\nSign in\nShare on Facebook\nSubscribe to our newsletter\nPrivacy policy\nRead more\n"
    text = "\n\n".join(["The bridge stays", *(f"{paragraph} It cost {n} pounds." for n in range(6))]) + "\n"
    assert not any(e.rule == MODEL for v in explain(text).verdicts for e in v.evidence)
    assert any(e.rule == MODEL for v in explain(furniture + "\n" + text).verdicts for e in v.evidence)


@pytest.mark.parametrize("strictness", ["keep-more", "remove-more"])
def test_strictness_moves_what_the_model_takes(strictness: str) -> None:
    text = SAMPLES[1].read_text(encoding="utf-8")
    kept, usual = (len(Cleaner(Config(strictness=s)).clean(text)) for s in (strictness, "balanced"))
    assert kept >= usual if strictness == "keep-more" else kept <= usual


def test_every_signal_has_a_group() -> None:
    columns = (*names(), *HINTS, *VERDICTS)
    assert {group_of(name) for name in (*columns, *context_names(columns))} == set(GROUPS)
    assert group_of("look: odds at -1") == "surroundings"
    assert group_of("rules at -1") == "rules-nearby"
    assert group_of("prose words of 8 before") == "text-nearby"


@given(st.integers(-150_000, 150_000), st.integers(1, PROBABLE - 1))
def test_probability_and_log_odds_agree(logit: int, part: int) -> None:
    chance = int(probability(np.array([logit]))[0])
    assert abs(chance - PROBABLE / (1 + np.exp(-logit / UNIT))) < PROBABLE * 0.0026
    low = log_odds(part)
    assert abs(low) >= 11 * UNIT or int(probability(np.array([low]))[0]) >= part > int(
        probability(np.array([low - 1]))[0]
    )


def test_a_model_says_what_it_is() -> None:
    about = load_model(STANDARD).about
    assert {"version", "command", "data", "trees", "signals"} <= set(about)
    assert all(len(digest) == 64 for digest in about["data"].values())
    assert STANDARD.stat().st_size < 1_000_000


def test_a_saved_model_is_the_same_model(tmp_path: Path) -> None:
    model = load_model(STANDARD)
    model.save(tmp_path / "m.npz")
    again = load_model(tmp_path / "m.npz")
    for look, other in ((again.first, model.first), (again.second, model.second)):
        assert (look.means == other.means).all()
        assert (look.bias, look.columns) == (other.bias, other.columns)
    assert again.about == model.about


def test_broken_models_are_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "text.npz").write_text("no model")
    np.savez(tmp_path / "other.npz", a=np.zeros(3))
    model = load_model(STANDARD)
    model.save(tmp_path / "cut.npz")
    (tmp_path / "cut.npz").write_bytes((tmp_path / "cut.npz").read_bytes()[:5000])
    for name in ("text.npz", "other.npz", "cut.npz", "missing.npz"):
        with pytest.raises(ConfigError, match=name) as caught:
            Cleaner(Config(model=str(tmp_path / name)))
        assert "\n" not in str(caught.value)


def test_a_model_of_other_signals_is_refused(tmp_path: Path) -> None:
    model: ProseModel = load_model(STANDARD)
    other = replace(model.first, columns=("words", *model.columns[1:-1], "other"))
    replace(model, first=other).save(tmp_path / "old.npz")
    with pytest.raises(ConfigError, match="fit it anew"):
        load_model(tmp_path / "old.npz")


def test_context_tells_what_stands_around() -> None:
    columns = names()
    rows = rows_of("One.\n\nTwo two two.\n\nThree.\n\nFour.\n")
    stays = np.array([900, 100, 1000, 0])
    seen = dict(zip(context_names(columns), context(rows, columns, stays, 500 - stays).T.tolist(), strict=True))
    assert seen["look: prose"] == [900, 100, 1000, 0]
    assert seen["look: odds at -1"] == [-900, -400, 400, -500]
    assert seen["look: odds at +1"] == [400, -500, 500, -900]
    assert seen["look: mean of 2 before"] == [0, 900, 500, 550]
    assert seen["look: share of 2 behind"] == [(3 * 100 + 1000) // 4, 500, 0, 0]
    assert seen["look: since 950"] == [99, 99, 99, 1]
    assert seen["look: until 950"] == [2, 1, 99, 99]
    assert seen["look: prose words"] == [2] * 4
    assert seen["look: number of its shape"][0] == 3  # "One.", "Three." and "Four." are alike


def test_context_of_nothing_and_of_pages() -> None:
    columns = (*names(), *HINTS)
    nothing = np.zeros(0, dtype=np.int64)
    assert context(np.zeros((0, len(columns)), dtype=np.int64), columns, nothing, nothing).shape[0] == 0
    assert set(context_names(columns)) - set(context_names(names())) == {
        f"look: {what} of its {where}" for what in ("prose", "number") for where in ("place", "parent", "grandparent")
    }


def test_copies_of_a_title_that_goes_repeat_one_that_stays() -> None:
    for path in SAMPLES:
        result = explain(path.read_text(encoding="utf-8"))
        for verdict in result.verdicts:
            for item in verdict.evidence:
                if item.copy_of is not None and verdict.removed:
                    assert not result.verdicts[item.copy_of].removed
