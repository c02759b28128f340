"""Where blocks begin and end."""

from __future__ import annotations

import sys

import pytest

from cleaner.document import Kind
from cleaner.segment import segment, strip_marker


def kinds(text: str) -> list[tuple[str, str]]:
    document = segment(text)
    return [(b.kind.value, document.body(b)) for b in document.blocks]


def test_a_separator_belongs_to_the_block_before_it() -> None:
    document = segment("\n\na\n\n\nb\n")
    assert [document.text[b.span.start : b.span.end] for b in document.blocks] == ["\n\na\n\n\n", "b\n"]
    assert [b.line for b in document.blocks] == [3, 6]
    assert [b.run for b in document.blocks] == [0, 1]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r", "\u2028", "\x85"])
def test_any_newline_divides(newline: str) -> None:
    assert [body for _, body in kinds(newline.join(["One line.", "Two lines.", "", "Three."]))] == [
        "One line.",
        "Two lines.",
        "Three.",
    ]


def test_indentation_is_no_code_and_no_part_of_the_body() -> None:
    assert kinds("        Castor Logo\n        Dunfell Logo\n") == [
        ("paragraph", "Castor Logo"),
        ("paragraph", "Dunfell Logo"),
    ]


def test_hard_wrapped_text_is_one_block() -> None:
    text = (
        "The council voted on Tuesday to keep the old swing bridge open at\n"
        "night, after three hours of debate and a count that had to be\n"
        "taken twice.\n"
    )
    assert len(kinds(text)) == 1


def test_short_lines_are_blocks_of_their_own() -> None:
    assert len(kinds("Castor\nDunfell Iron\nKestrel Structures\n")) == 3
    verse = "The coalman came. The man who read the meter.\nThe twins from number nine, who never spoke.\n"
    assert len(kinds(verse)) == 2


def test_markdown() -> None:
    text = "# One\nTwo\n---\n\n- a\n  more of a\n- b\n\n> quoted\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n***\n"
    assert kinds(text) == [
        ("heading", "# One"),
        ("heading", "Two\n---"),
        ("list-item", "- a\n  more of a"),
        ("list-item", "- b"),
        ("quote", "> quoted"),
        ("table", "| a | b |\n|---|---|\n| 1 | 2 |"),
        ("divider", "***"),
    ]


def test_fences_hold_blank_lines_and_an_unclosed_one_holds_nothing() -> None:
    assert kinds("```sh\nmake\n\nmake test\n```\nText.\n") == [
        ("code", "```sh\nmake\n\nmake test\n```"),
        ("paragraph", "Text."),
    ]
    assert kinds("```\nText one.\n\nText two.\n")[1:] == [("paragraph", "Text one."), ("paragraph", "Text two.")]


def test_plain_code_is_code() -> None:
    text = "def ring(bell):\n    return bell.ring(times=1)\n\nThe bell rings.\n"
    assert [kind for kind, _ in kinds(text)] == ["code", "paragraph"]


def test_tab_rows_are_a_table_and_a_menu_row_is_not() -> None:
    assert kinds("a\t1\nb\t2\nc\t3\n")[0][0] == "table"
    assert kinds("Home | News | Boats\n")[0][0] == "paragraph"


def test_blank_text_is_one_divider_and_no_text_no_block() -> None:
    assert [b.kind for b in segment(" \n\n").blocks] == [Kind.DIVIDER]
    assert segment("").blocks == ()


def test_markers_are_stripped_and_emoji_are_not() -> None:
    assert strip_marker("- Castor") == "Castor"
    assert strip_marker("3. Castor") == "Castor"
    assert strip_marker("🍳 Castor") == "🍳 Castor"


@pytest.mark.parametrize(
    "unit", ["```a\n", "| a\n", "x = {\n", "- a\n", "a\n\n", "# a\n", "a\n---\n", " " * 50 + "\n", "{;\n"]
)
def test_cost_follows_the_size(unit: str) -> None:
    """Four times the text takes some four times as many calls (counted, not timed: machines are noisy)."""

    def calls(times: int) -> int:
        count = 0

        def tick(_frame: object, event: str, _arg: object) -> None:
            nonlocal count
            count += event in ("call", "c_call")

        text = unit * times
        sys.setprofile(tick)
        try:
            segment(text)
        finally:
            sys.setprofile(None)
        return count

    assert calls(4000) <= 4.2 * calls(1000)
