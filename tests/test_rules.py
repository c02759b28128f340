"""Rules: their own examples, what the loader refuses, and what a pack may change."""

from __future__ import annotations

from pathlib import Path

import pytest

from cleaner import Cleaner, Config, ConfigError, RuleError, explain
from cleaner.examples import check_examples, hostile
from cleaner.rules import FAMILIES, Rule, builtin_rules
from cleaner.rules.load import combine, load_pack, parse_pack, select_rules
from cleaner.rules.model import compile_tags, spaced
from cleaner.rules.statistics import statistics

RULES = builtin_rules()
PACKS = sorted((Path(__file__).parent.parent / "cleaner" / "rules" / "packs").glob("*.toml"))
GOOD = {
    "id": '"OWN001"',
    "name": '"weather-line"',
    "family": '"navigation"',
    "kind": '"phrase"',
    "summary": '"A weather line."',
    "explain": '"Put there by a widget."',
    "score": "3.0",
    "since": '"0.1.0"',
    "keywords": '["°c"]',
    "any": "['^\\d+ ?°c$']",
    "must_match": '["⟦21 °C⟧"]',
    "must_not_match": '["It was 21 °C in the shade."]',
}


def pack(**changes: str | None) -> str:
    table = {k: v for k, v in (GOOD | changes).items() if v is not None}
    return "[[rule]]\n" + "".join(f"{key} = {value}\n" for key, value in table.items())


@pytest.mark.parametrize("rule", list(RULES), ids=lambda r: r.id)
def test_every_rule_does_what_its_examples_say(rule: Rule) -> None:
    assert [failure.message for failure in check_examples(RULES, {rule.id})] == []
    # Patterns compile although the packs load without trying them.
    parts = [rule.patterns, rule.copies, rule.lines, rule.openings, rule.contains]
    assert any(parts) if rule.kind != "region" else [shape.pattern for shape in rule.shapes]
    assert not rule.exceptions or rule.kind == "phrase"
    assert len(rule.must_not_match) >= 2


def test_the_families_asked_for_have_rules() -> None:
    here = {rule.family for rule in RULES}
    assert here == set(FAMILIES) - {"template"}


def test_ids_are_sorted_and_names_are_unique() -> None:
    assert [r.id for r in RULES] == sorted(r.id for r in RULES)
    assert len({(r.name, r.languages) for r in RULES}) == len(RULES)


@pytest.mark.parametrize("pack", PACKS, ids=lambda p: p.name)
def test_packs_load_with_every_value_checked(pack: Path) -> None:
    """At start-up they load without that."""
    assert load_pack(pack)


def test_stable_rules_are_measured_well_enough() -> None:
    """`bench/rules.py` writes the figures; who changes a rule measures anew."""
    known = statistics()
    under = {
        rule.id
        for rule in RULES
        if rule.status == "stable" and rule.score > 0 and rule.family not in ("keep", "inline-residue")
        if rule.id not in known or not known[rule.id].enough
    }
    assert under == set()


def test_no_rule_knows_the_samples() -> None:
    packs = Path(__file__).parent.parent / "cleaner" / "rules" / "packs"
    text = "".join(p.read_text(encoding="utf-8") for p in packs.glob("*.toml")).lower()
    for word in ("xpert.", "wolfenstein", "opentools", "canva", "heygen", "scale ai", "mackenzie", "zapier", "pioneer"):
        assert word not in text


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"colour": '"red"'}, r"p\.toml:14: OWN001: unknown key 'colour'"),
        ({"summary": None}, r"OWN001: key 'summary' is missing"),
        ({"id": '"own1"'}, r"p\.toml:2: own1: an id is two to five capitals"),
        ({"family": '"ads"'}, r"p\.toml:4: OWN001: family 'ads' is none of"),
        ({"score": '"high"'}, r"p\.toml:8: OWN001: 'score' must be -20 to 20"),
        ({"any": "['(']"}, r"p\.toml:11: OWN001: pattern does not compile"),
        ({"any": None}, r"OWN001: a phrase rule needs patterns"),
        ({"keywords": '["°C"]'}, r"keyword '°C' must be lower case"),
        ({"must_match": None}, r"needs at least one example"),
        ({"where": "{ max = 3 }"}, r"unknown key 'max' in 'where'"),
        ({"where": '{ tags = ["windy"] }'}, r"unknown tag 'windy'"),
        ({"kind": '"region"', "any": "['windy+']"}, r"unknown tag 'windy'"),
    ],
)
def test_a_bad_pack_is_refused_with_file_line_and_rule(changes: dict[str, str | None], message: str) -> None:
    with pytest.raises(RuleError, match=message) as caught:
        combine(parse_pack(pack(**changes), "p.toml"))
    assert "\n" not in str(caught.value)


def test_bad_toml_and_clashing_ids_are_refused() -> None:
    with pytest.raises(RuleError, match=r"p\.toml: not valid TOML"):
        parse_pack("[[rule]\n", "p.toml")
    with pytest.raises(RuleError, match=r"OWN001: id already taken by p\.toml:1"):
        combine(parse_pack(pack() + pack(), "p.toml"))


def test_a_rule_whose_examples_fail_does_not_load(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(pack(must_match='["⟦snow⟧"]'), encoding="utf-8")
    with pytest.raises(RuleError, match=r"own\.toml:1: OWN001: example '⟦snow⟧' claims nothing"):
        Cleaner(Config(extend_rules=(str(path),)))
    path.write_text(pack(any="['^\\d+ ?°c$', 'hail']"), encoding="utf-8")
    with pytest.raises(RuleError, match="'hail' is a pattern that no example"):
        Cleaner(Config(extend_rules=(str(path),)))


def test_a_pack_of_ones_own_works(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(pack(), encoding="utf-8")
    text = "It rained.\n\n21 °C\n\nIt rained again.\n"
    cleaner = Cleaner(Config(extend_rules=(str(path),)))
    result = cleaner.explain(text)
    assert result.text == "It rained.\n\nIt rained again.\n"
    assert "OWN001" in [e.rule for e in result.verdicts[1].evidence]
    assert Cleaner().clean(text) == text


def test_a_preview_rule_flags_and_removes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(pack(status='"preview"'), encoding="utf-8")
    result = Cleaner(Config(extend_rules=(str(path),))).explain("It rained.\n\n21 °C\n")
    assert not result.removed
    assert [(e.rule, e.score) for e in result.verdicts[1].evidence if e.rule == "OWN001"] == [("OWN001", 0.0)]


def test_keep_first_keeps_the_first(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(pack(keep='"first"'), encoding="utf-8")
    text = "21 °C\n\nIt rained.\n\n22 °C\n\nIt rained again.\n"
    cleaner = Cleaner(Config(extend_rules=(str(path),)))
    assert cleaner.clean(text) == "21 °C\n\nIt rained.\n\nIt rained again.\n"


def test_select_and_ignore() -> None:
    text = "It rained.\n\nShare on Facebook\n\nAdvertisement\n\nIt rained again.\n"
    assert Cleaner(Config(ignore=("share",))).clean(text) == text.replace("Advertisement\n\n", "")
    assert Cleaner(Config(select=("share",))).clean(text) == text.replace("Share on Facebook\n\n", "")
    assert Cleaner(Config(ignore=("SHA001", "SHA002"))).clean(text) == text.replace("Advertisement\n\n", "")
    with pytest.raises(ConfigError, match="unknown rule or family 'nope'"):
        select_rules(RULES, ["nope"])


def test_a_pattern_that_backtracks_is_reported_and_skipped() -> None:
    """A pack of a user's with such a pattern does not load where the trial finds it; what it misses meets this."""
    cleaner = Cleaner(Config(pattern_timeout=0.05))
    cleaner.rules = combine((*RULES, *parse_pack(pack(any="['^(?:\\d|\\d\\d)+[^x\\d]*°c$']"), "own.toml")))
    hostile = "1" * 60 + "x °c"
    result = cleaner.explain(f"{hostile}\n\nShare on Facebook\n\nIt rained.\n")
    assert result.text == f"{hostile}\n\nIt rained.\n"
    (warning,) = result.warnings
    assert "OWN001 (weather-line) ran over 0.05 s" in warning


def test_code_and_tables_are_absolute() -> None:
    text = "```\nShare on Facebook\n© 2025 All rights reserved\n```\n\n| Share on Facebook | © 2025 |\n|---|---|\n"
    result = explain(text)
    assert not result.removed
    assert all(v.protected for v in result.verdicts)


def test_tag_patterns() -> None:
    shape = compile_tags("label (name | short&!item){2,} $")
    bits = {"label": 1, "name": 2, "short": 4, "item": 8}
    line = "".join(shape.symbols([1, 2, 4, 4 + 8], bits))  # label, name, short, short item
    assert shape.pattern.search(line) is None
    assert shape.pattern.search(line[:3]).span() == (0, 3)
    assert spaced("a b ?[c d]") == "a +b *[c d]"


@pytest.mark.slow
def test_no_pattern_runs_away_on_hostile_input() -> None:
    """What is refused in a pack of the user's must not be in ours."""
    assert [failure.message for rule in RULES for failure in hostile(rule)] == []
