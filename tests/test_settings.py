"""What a configuration may change: sites, policies, families that are off, languages, and what it may not."""

from __future__ import annotations

from pathlib import Path

import pytest

from cleaner import Cleaner, Config, ConfigError, RuleError, clean, explain
from cleaner.rules import builtin_rules
from cleaner.rules.load import combine, parse_pack

PROSE = (
    "The council voted on Tuesday to keep the old swing bridge open at night, after three hours of debate and a count "
    "that had to be taken twice.\n\n"
)
PACK = """[[rule]]
id = "OWN001"
name = "tide-line"
family = "navigation"
kind = "phrase"
summary = "A tide line."
explain = "A widget."
score = 4.0
since = "0.1.0"
lines = ["tide {n} m"]
must_match = ["⟦Tide 2.1 m⟧"]
must_not_match = ["The tide was 2.1 m higher than in living memory.", "Tide tables are dull."]
"""


def own(tmp_path: Path, text: str = PACK) -> str:
    path = tmp_path / "own.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_settings_of_a_site_hold_there_and_on_its_subdomains(tmp_path: Path) -> None:
    config = Config(per_site={"example.org": {"extend-rules": [own(tmp_path)], "keep": ["Share"]}})
    cleaner, text = Cleaner(config), PROSE + "Tide 2.1 m\n\nShare this article\n\n" + PROSE[:-1]
    here = cleaner.clean(text, url="https://news.example.org/a")
    assert "Tide" not in here
    assert "Share" in here
    elsewhere = cleaner.clean(text, url="https://other.example/a")
    assert "Tide" in elsewhere
    assert "Share" not in elsewhere
    assert cleaner.clean(text) == elsewhere


def test_a_rule_may_name_its_sites(tmp_path: Path) -> None:
    pack = own(tmp_path, PACK + 'where = { sites = ["example.org"] }\n')
    with pytest.raises(RuleError, match="claims nothing"):
        Cleaner(Config(extend_rules=(pack,)))
    pack = own(tmp_path, PACK.replace("⟦Tide 2.1 m⟧", "⟦Tide 2.1 m⟧") + 'where = { sites = ["example.org"] }\n')
    text = PROSE + "Tide 2.1 m\n\n" + PROSE
    rules = combine((*builtin_rules(), *parse_pack(Path(pack).read_text(encoding="utf-8"), "own")))
    cleaner = Cleaner()
    cleaner.rules = rules
    assert "Tide" not in cleaner.clean(text, url="http://www.example.org/x")
    assert "Tide" in cleaner.clean(text, url="http://example.net/x")


def test_settings_of_a_site_come_from_the_file(tmp_path: Path) -> None:
    own(tmp_path)
    path = tmp_path / "pyproject.toml"
    path.write_text('[tool.cleaner.per-site."example.org"]\nextend-rules = ["own.toml"]\n', encoding="utf-8")
    assert Config.load(path).sites == {"example.org": {"extend_rules": (str(tmp_path / "own.toml"),)}}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"per_site": {"a.example": {"max-chars": 3}}}, r"per-site: a\.example: 'max-chars' cannot be set for a site"),
        ({"per_site": {"a.example": {"strictness": "x"}}}, r"per-site: a\.example: strictness 'x' is none of"),
        ({"per_site": ["a.example"]}, r"per-site must be a table"),
        ({"keep_policy": {"SHA001": "some"}}, r"keep-policy: SHA001: 'some' is none of none, first, once-per-site"),
        ({"keep_policy": ["SHA001"]}, r"keep-policy must be a table"),
        ({"language": "xx"}, r"language 'xx' is none of"),
        ({"language": ["de"]}, r"language \['de'\] is none of"),
        ({"preview": "yes"}, r"preview must be true or false"),
    ],
)
def test_bad_settings_are_refused(settings: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        Config(**settings)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"keep_policy": {"NOPE01": "first"}}, "keep-policy: unknown rule 'NOPE01'"),
        ({"extend_select": ("nope",)}, "unknown rule or family 'nope'"),
        ({"ignore": ("KEEP003",)}, r"ignore would override KEEP003 \(code\), which is absolute"),
        ({"ignore": ("keep",)}, r"ignore would override KEEP003 \(code\)"),
    ],
)
def test_settings_that_no_rule_fits_are_refused(settings: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        Cleaner(Config(**settings))  # type: ignore[arg-type]


def test_a_keep_policy_spares_the_first() -> None:
    text = PROSE + "Share this article\n\n" + PROSE.replace("Tuesday", "Monday") + "Share this article\n"
    assert clean(text).count("Share") == 0
    assert clean(text, config=Config(keep_policy={"SHA001": "first"}, ignore=("repeat",))).count("Share") == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ('overrides = ["KEEP003"]', r"OWN001 \(tide-line\) would override KEEP003 \(code\), which is absolute"),
        ('where = { kinds = ["table"] }', r"OWN001 \(tide-line\) would override KEEP004 \(table\), which is absolute"),
        ('overrides = ["SHA001"]', r"OWN001: 'overrides' names 'SHA001', which is no keep rule"),
        ('overrides = ["KEEP999"]', r"OWN001: 'overrides' names 'KEEP999', which is no keep rule"),
    ],
)
def test_overriding_what_is_absolute_names_both_rules(tmp_path: Path, change: str, message: str) -> None:
    with pytest.raises(RuleError, match=message):
        Cleaner(Config(extend_rules=(own(tmp_path, PACK + change + "\n"),)))


def test_a_users_keep_cannot_be_overridden_either(tmp_path: Path) -> None:
    pack = own(tmp_path, PACK + 'overrides = ["USER001"]\n')
    with pytest.raises(RuleError, match=r"OWN001 \(tide-line\) would override USER001"):
        Cleaner(Config(extend_rules=(pack,), keep=("Tide",)))


def test_a_rule_may_override_what_is_not_absolute(tmp_path: Path) -> None:
    text = PROSE + "“Tide 2.1 m”\n"
    weak = PACK.replace("score = 4.0", "score = 3.0")
    assert "Tide" in Cleaner(Config(extend_rules=(own(tmp_path, weak),))).clean(text)
    strong = weak + 'overrides = ["KEEP005"]\n'
    assert "Tide" not in Cleaner(Config(extend_rules=(own(tmp_path, strong),))).clean(text)


def test_a_pattern_that_backtracks_does_not_load(tmp_path: Path) -> None:
    pack = PACK.replace('lines = ["tide {n} m"]', "any = ['(?:[a-z]+ ?)+m$|^tide .* m$']")
    with pytest.raises(RuleError, match=r"own\.toml:1: OWN001: pattern '.*' backtracks: over 1 s on 2,800"):
        Cleaner(Config(extend_rules=(own(tmp_path, pack),)))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ('lines = ["Tide"]', r"own\.toml:10: OWN001: 'Tide' in 'lines' must be written 'tide'"),
        ('lines = ["tide 3 m"]', r"'tide 3 m' in 'lines' must be written 'tide \{n\} m'"),
        ('contains = ["it’s"]', r"must be written \"it's\""),
        ('lines = ["tide {n} m", "tide {n} m"]', r"stands in 'lines' twice"),
        ('lines = ["tide {n} m"]\nlanguages = ["xx"]', r"language 'xx' is none of"),
        ('lines = ["tide {n} m", "…"]', r"is a literal that the rule does not claim"),
    ],
)
def test_bad_literals_are_refused(tmp_path: Path, change: str, message: str) -> None:
    with pytest.raises(RuleError, match=message):
        Cleaner(Config(extend_rules=(own(tmp_path, PACK.replace('lines = ["tide {n} m"]', change)),)))


def test_preview_rules_flag_and_remove_only_when_asked(tmp_path: Path) -> None:
    pack = own(tmp_path, PACK + 'status = "preview"\n')
    text = PROSE + "Tide 2.1 m\n\n" + PROSE
    result = explain(text, config=Config(extend_rules=(pack,), collapse=False))
    assert result.text == text
    assert [(e.rule, text[e.span.start : e.span.end]) for e in result.findings] == [("OWN001", "Tide 2.1 m")]
    assert "Tide" not in clean(text, config=Config(extend_rules=(pack,), preview=True))


def test_inline_residue_is_found_when_asked_for_and_never_removed() -> None:
    text = (
        "The bridge was closed for a week after the storm.[1] It opened again in March.[2] Source.\n\n"
        "The council (https://council.example/minutes) paid for it. Read more about the bridge here.\n"
    )
    assert explain(text).findings == ()
    result = explain(text, config=Config(extend_select=("inline-residue",)))
    assert result.text == text
    found = [text[e.span.start : e.span.end] for e in result.findings]
    assert sorted(found) == sorted(
        ["[1]", "[2]", "Source.", "(https://council.example/minutes)", "Read more about the bridge here."]
    )
    assert all(len(e.span) < len(result.blocks[e.block].body) for e in result.findings)


def test_metadata_says_what_the_removed_lines_told() -> None:
    text = (
        "The bridge that sings\n\nBy Nora Quill\nUpdated: 3 May 2021\n\n"
        + PROSE
        + "It was passed at last by nine votes "
        "to eight, and the mayor went home without a word to the press or to his own deputy.\n\n"
        "Correction: an earlier version of this article gave the wrong number of votes.\n\n"
        "License: CC BY-SA 4.0\n\n© 2021 The Ossel Ledger. All rights reserved.\n"
    )
    result = explain(text)
    told = result.metadata
    assert told["language"] == ("en",)
    assert told["title"] == ("The bridge that sings",)
    assert told["byline"] == ("By Nora Quill",)
    assert told["date"] == ("Updated: 3 May 2021",)
    assert told["licence"] == ("License: CC BY-SA 4.0",)
    assert told["copyright"] == ("© 2021 The Ossel Ledger. All rights reserved.",)
    assert told["correction"][0] in result.text
    for key in ("byline", "date", "licence", "copyright"):
        assert told[key][0] not in result.text


def test_the_language_chooses_the_pack() -> None:
    text = (
        "Der Rat stimmte am Dienstag dafür, die alte Drehbrücke auch nachts offen zu halten, und zählte zweimal.\n\n"
        "Beitrag teilen\n"
    )
    assert "teilen" not in clean(text)
    assert "teilen" in clean(text, config=Config(language="fr"))
    assert "teilen" in explain(text, language="fr").text
