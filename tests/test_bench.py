"""The measures of `bench/quality.py`: what the figures of the README rest on."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "bench"))

import quality

GOLD = "The bridge opens.\nIt opens at night, too.\nship.open(at=3)\nname span\nOld bridge 40 m"
HTML = (
    "<html><body><p>The bridge opens.</p><p>It opens at night, too.</p><pre>ship.open(at=3)\n\n</pre>"
    "<table><tr><th>name</th><th>span</th></tr><tr><td>Old bridge</td><td>40 m</td></tr></table></body></html>"
)


def test_all_of_it_is_all_of_it() -> None:
    assert quality.score(GOLD, GOLD, HTML) == pytest.approx((1, 1, 1, 1, 1, 1))


def test_words_are_counted_as_often_as_they_stand() -> None:
    kept = quality.score("bridge bridge sold", "The bridge opens")
    assert kept[:3] == pytest.approx((1 / 3, 1 / 3, 1 / 3))
    assert kept[3:] == (None, None, None)


def test_scripts_without_blanks_are_counted_by_characters() -> None:
    assert quality.score("桥在晚上", "桥在晚上开放着啊").recall == pytest.approx(0.5)
    assert quality.score("สะพาน", "สะพาน").precision == 1


def test_lost_line_ends_code_and_rows_show() -> None:
    kept = GOLD.replace("opens.\nIt", "opens. It").replace("ship.open", "ship. open").replace("bridge 40", "bridge\n40")
    found = quality.score(kept, GOLD, HTML)
    assert found.f1 > 0.9
    assert (found.code, found.tables) == (0.0, 0.5)
    assert found.breaks is not None
    assert found.breaks < 1


def test_tables_have_halves_and_both() -> None:
    good, bad = quality.Score(1.0, 1.0, 1.0), quality.Score(0.5, 0.6, 0.55, code=0.5)
    rows = quality.table({("fit", "all", "a"): [good], ("test", "all", "a"): [bad]})
    shown = {row[0]: dict(zip(rows[0], row, strict=True)) for row in rows[1:]}
    assert shown["both"]["n"] == "2"
    assert (shown["both"]["F1"], shown["both"]["lost>30%"], shown["both"]["code"]) == ("0.775", "50.0%", "0.500")
    assert (shown["fit"]["lost>5%"], shown["test"]["lost>5%"]) == ("0.0%", "100.0%")
    assert quality.as_markdown({("fit", "all", "a"): [good]}).count("\n") == 4


def test_any_function_and_any_command_can_be_scored() -> None:
    assert quality._run(["cat"], "ähm\n", "") == "ähm\n"
    assert quality._without_site(str.upper, "a", "site") == "A"
