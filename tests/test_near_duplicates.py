"""Copies of paragraphs and titles: what goes, and above all what does not."""

from __future__ import annotations

import pytest

from cleaner import clean, explain
from cleaner.dedupe import near_copies
from cleaner.dedupe.shingle import shingles
from cleaner.dedupe.verify import differs_in_meaning, jaccard

LONG = (
    "The council voted on Tuesday to keep the old swing bridge open at night, after three hours of debate and a count "
    "that had to be taken twice, because the clerk had dropped the ballot box down the stairs of the tower."
)


def copies(*texts: str) -> list[tuple[int, int]]:
    return [(c.at, c.original) for c in near_copies(texts)]


def test_exact_and_near_copies_go_and_the_first_stays() -> None:
    near = LONG.replace("old swing", "swing")
    assert copies(LONG, "It rained.", LONG, near) == [(2, 0), (3, 0)]
    assert clean(f"{LONG}\n\nIt rained.\n\n{near}\n") == f"{LONG}\n\nIt rained.\n\n"


def test_a_copy_names_its_original_and_the_exact_similarity() -> None:
    near = LONG.replace("old swing", "swing")
    result = explain(f"{LONG}\n\nIt rained.\n\n{near}\n")
    (evidence,) = [e for e in result.verdicts[2].evidence if e.rule == "DUP001"]
    assert evidence.copy_of == 0
    assert evidence.words == f"{jaccard(shingles(LONG), shingles(near)):.0%} the same as line 1"


@pytest.mark.parametrize(
    "edit",
    [
        ("three hours", "3 hours"),
        ("Tuesday", "Friday"),
        ("had to be", "may be"),
        ("to keep", "not to keep"),
        ("the clerk had dropped", "the clerk had never dropped"),
        ("on Tuesday", "on Tuesday 14"),
    ],
)
def test_a_changed_number_name_or_negation_vetoes(edit: tuple[str, str]) -> None:
    assert copies(LONG, LONG.replace(*edit)) == []


def test_may_and_may_not() -> None:
    may = "You may copy, change and pass on this work and all that comes with it to any person in any form you like."
    assert jaccard(shingles(may), shingles(may.replace("may copy", "may not copy"))) > 0.7
    assert differs_in_meaning(may, may.replace("may copy", "may not copy"))
    text = f"{may}\n\n{may.replace('may copy', 'may not copy')}\n"
    assert clean(text) == text


def test_no_chains_every_copy_is_close_to_the_one_that_stays() -> None:
    words = LONG.split()
    texts = [" ".join(words[: len(words) - cut]) for cut in (0, 3, 6, 9, 12)]
    found = near_copies(texts)
    kept = set(range(len(texts))) - {c.at for c in found}
    for copy in found:
        assert copy.original in kept
        assert copy.similarity == jaccard(shingles(texts[copy.at]), shingles(texts[copy.original])) >= 0.8


def test_short_texts_match_only_exactly_and_never_because_they_are_empty() -> None:
    assert copies("a b", "a c", "", "", "!?") == [(3, 2), (4, 2)]
    text = "Thank you very much.\n\nThank you very much.\n\n!?\n\n!?\n"
    assert clean(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "理事会は火曜日に、古い旋回橋を夜も開けておくことを決めた。三時間の議論のあと、反対する人は一人もいなかった。",
        "สภาลงมติเมื่อวันอังคารให้เปิดสะพานเก่าในเวลากลางคืนหลังจากการอภิปรายนานสามชั่วโมงและไม่มีใครคัดค้านเลย",
        "قرر المجلس يوم الثلاثاء إبقاء الجسر القديم مفتوحا في الليل بعد نقاش دام ثلاث ساعات ولم يعترض أحد على القرار",
    ],
)
def test_scripts_without_blanks_collapse_too(text: str) -> None:
    assert copies(text, "x", text + "。") == [(2, 0)]
    assert copies(text, text[::-1]) == []


def test_a_refrain_stays_and_a_doubled_page_goes_once() -> None:
    song = "Come in, it is open, come in and shut the door behind you,\nthe twins from nine have been here before.\n\n"
    verses = "".join(f"The man number {n} came,\nhe did not give his name.\n\n{song}" for n in range(3))
    assert clean(verses) == verses
    page = f"{LONG}\n\n{LONG.replace('bridge', 'ferry').replace('tower', 'mill').replace('council', 'parish')}\n\n"
    assert clean(page + page) == page


def test_the_first_title_stays() -> None:
    text = f"The bridge that sings at night\n\nThe bridge that sings at night\n\n{LONG}\n"
    assert clean(text) == f"The bridge that sings at night\n\n{LONG}\n"
