"""Texts for hypothesis: any Unicode, and documents put together from what real pages hold."""

from __future__ import annotations

from hypothesis import strategies as st

# Any text at all, with the characters that break things well represented.
ANY_TEXT = st.text(
    alphabet=st.one_of(
        st.characters(),
        st.sampled_from("\n\r\t\v\f\x1c\x85\u2028\u2029 \u00a0\u200b\ufeff\u202e#*-|`~>.:@©☰🌐İßΣ"),
    ),
    max_size=400,
)

PROSE = (
    "The council voted on Tuesday to keep the old swing bridge open at night, after three hours of debate.",
    "Nobody could say who had rung the bell, and the man who kept the key to the tower was at sea that week.",
    "Am Dienstag beschloss der Rat, die alte Drehbrücke auch in der Nacht zu öffnen, und niemand widersprach.",
    "Le conseil a décidé mardi de laisser le vieux pont ouvert pendant la nuit, et personne ne s'y est opposé.",
    "理事会は火曜日に、古い旋回橋を夜も開けておくことを決めた。反対する人は一人もいなかったという。",
    "Совет решил во вторник оставить старый мост открытым на ночь, и никто не возразил против этого решения.",
)
FURNITURE = (
    "Share on Facebook",
    "Sign up for our newsletter and never miss a story.",
    "Castor Logo",
    "Dunfell Logo",
    "© 2025 The Ledger. All rights reserved.",
    "Read also:",
    "Advertisement",
    "Home | News | Boats | Weather",
    "By Nora Quill",
    "Published on: June 15, 2025",
    "We use cookies to improve your visit.",
    "Call me on +44 161 496 0275 or write to nora@example.org.",
    "★ Surveys in two weeks",
    "Privacy policy",
    "Skip to content",
    "12 comments",
    "[Log in](https://example.org/login)",
)
SHAPES = (
    "# A heading",
    "The bridge that sings",
    "- an item of a list",
    "1. first, the beans",
    "```\nmake all\n```",
    "```",
    "| a | b |\n|---|---|\n| 1 | 2 |",
    "> quoted, as it were",
    "---",
    "Come in, it is open,\ncome in and shut the door,\nthe twins from nine.",
    "def ring(bell):\n    return bell + 1\n",
    "Title\n=====",
    "",
    "   ",
)
SEPARATORS = ("\n", "\n\n", "\r\n", "\r\n\r\n", "\n \n", "\n\n\n", "\r", "\u2028")

_PIECE = st.one_of(st.sampled_from(PROSE), st.sampled_from(FURNITURE), st.sampled_from(SHAPES))


@st.composite
def documents(draw: st.DrawFn) -> str:
    """Up to 24 pieces of prose, furniture and odd shapes, indented and divided at random; pieces come again."""
    pieces = draw(st.lists(_PIECE, max_size=24))
    parts = []
    for piece in pieces:
        parts.append(" " * draw(st.sampled_from((0, 0, 0, 2, 6))) + piece)
        parts.append(draw(st.sampled_from(SEPARATORS)))
    return "".join(parts)
