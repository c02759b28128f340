"""The prose model: exact sums, words for what it sees, and clear errors."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner import Cleaner, Config, ConfigError, explain
from cleaner.decide import by_rules
from cleaner.detect import detect
from cleaner.detect.prose import PROBABLE, STANDARD, UNIT, ProseModel, load_model, log_odds, probability
from cleaner.detect.signals import GROUPS, group_of, names, signals
from cleaner.evidence import MODEL
from cleaner.segment import segment
from tests import strategies

SAMPLES = sorted((Path(__file__).parent.parent / "samples").glob("*.txt"))
MODEL_FREE = Cleaner(Config(model=None))
RULES = MODEL_FREE.rules.by_id


def rows_of(text: str) -> np.ndarray:
    document = segment(text)
    found = detect(document, MODEL_FREE.rules)
    verdicts, _order = by_rules(document, found, MODEL_FREE.rules)
    scores = [v.score for v in verdicts]
    return signals(document, found, scores)


def logits(model: ProseModel, rows: np.ndarray) -> np.ndarray:
    """The leaves that the rows fall into, summed: a walk of its own, tree by tree."""
    depth = model.signal.shape[1]
    total = np.full(len(rows), model.bias)
    for signal, border, means in zip(model.signal, model.border, model.means, strict=True):
        total += means[(1 << depth) - 1 + ((rows[:, signal] > border) << np.arange(depth)).sum(axis=1)]
    return total


@pytest.mark.parametrize("path", SAMPLES, ids=lambda p: p.name)
def test_contributions_add_up_to_the_logit(path: Path) -> None:
    rows = rows_of(path.read_text(encoding="utf-8"))
    model = load_model(STANDARD)
    assert rows.dtype == np.int64
    assert rows.shape[1] == len(names())
    assert (model.contributions(rows).sum(axis=1) + model.base == logits(model, rows)).all()


@settings(deadline=None, max_examples=50)
@given(strategies.documents())
def test_contributions_add_up_on_any_text(text: str) -> None:
    document = segment(text)
    if document.blocks:
        rows, model = rows_of(text), load_model(STANDARD)
        assert (model.contributions(rows).sum(axis=1) + model.base == logits(model, rows)).all()


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


def test_keep_rules_stand_above_the_model() -> None:
    """What a keep rule speaks for goes only where the rules by themselves take it."""
    held = 0
    for path in sorted((SAMPLES[0].parent).rglob("*.txt")) + sorted((SAMPLES[0].parent).rglob("*.md")):
        text = path.read_text(encoding="utf-8")
        with_model, alone = explain(text), MODEL_FREE.explain(text)
        for ours, theirs in zip(with_model.verdicts, alone.verdicts, strict=True):
            keeps = [e for e in ours.evidence if e.family == "keep" and e.rule.startswith("KEEP") and e.score < 0]
            if any(not RULES[e.rule].yields for e in keeps):
                held += 1
                assert not ours.removed or theirs.removed, with_model.document.body(with_model.blocks[ours.block])
    assert held > 50
    assert {rule.id for rule in RULES.values() if rule.yields} == {"KEEP001", "KEEP006", "KEEP008"}


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
    assert {group_of(name) for name in names()} == set(GROUPS)
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
    assert (again.means == model.means).all()
    assert (again.bias, again.about) == (model.bias, model.about)


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


def test_a_model_of_other_signals_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model: ProseModel = load_model(STANDARD)
    monkeypatch.setattr("cleaner.detect.prose.names", lambda: ("words",))
    model.save(tmp_path / "old.npz")
    monkeypatch.undo()
    with pytest.raises(ConfigError, match="fit it anew"):
        load_model(tmp_path / "old.npz")
