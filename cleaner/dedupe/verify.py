"""What decides about a proposed pair: exact similarity, and a look at what differs."""

from __future__ import annotations

from difflib import SequenceMatcher

import regex

__all__ = ["differs_in_meaning", "jaccard"]

_TOKEN = regex.compile(r"[\p{L}\p{M}\p{N}]+(?:['’.,:/-][\p{L}\p{N}]+)*|[%€$£¥±<>≤≥-]")
_NEGATIONS = frozenset(
    "not no never none nor neither nobody nothing nowhere without cannot can't don't doesn't didn't won't isn't aren't "
    "wasn't weren't shouldn't wouldn't couldn't mustn't hasn't haven't hadn't except unless "
    "nicht kein keine keinen keinem keiner nie niemals ohne weder "
    "ne n pas non jamais sans aucun aucune ni "
    "nunca jamás sin ningún ninguna ninguno tampoco não nunca nem sem nenhum nenhuma "
    "mai senza nessun nessuna nessuno né niet geen nooit zonder nie nigdy bez ani "
    "не нет ни никогда без нельзя değil yok hiç asla inte ingen inga aldrig utan ikke nej ne nikdy není nejsou "
    "لا لم لن ليس ليست غير بدون "
    "may must shall should can might could would will".split()
)
_NEGATION_CHARS = frozenset("不没無无非未否勿莫别")


def jaccard(a: frozenset[str], b: frozenset[str]) -> float:
    """Shared shingles over all shingles, 0 to 1."""
    shared = len(a & b)
    return shared / (len(a) + len(b) - shared)


def differs_in_meaning(a: str, b: str) -> bool:
    """Whether two near-identical texts say different things.

    They do where a number, a negation or a modal verb was replaced, added or dropped, or a word with a capital was
    replaced by another (a name). Set similarity cannot see this: "may" and "may not" share 85 % of their shingles.
    """
    left, right = _TOKEN.findall(a), _TOKEN.findall(b)
    folded = [t.casefold() for t in left], [t.casefold() for t in right]
    matcher = SequenceMatcher(None, *folded, autojunk=False)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            continue
        changed = left[i1:i2] + right[j1:j2]
        if any(any(c.isdigit() for c in t) or t.casefold().replace("’", "'") in _NEGATIONS for t in changed):
            return True
        if any(_NEGATION_CHARS & set(t) for t in changed):
            return True
        if tag == "replace" and any(t[0].isupper() for t in changed):
            return True
    return False
