"""Which language a text is in: by its script, and by the function words that each language has to itself.

Enough to choose among rule packs, offline and in one pass over words that are counted anyway; it knows the languages
that have a pack and their nearest neighbours, and says nothing where the text is too short to tell.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache

import regex

__all__ = ["FUNCTION_WORDS", "LANGUAGES", "UNKNOWN", "identify"]

UNKNOWN = ""

# Articles, pronouns, prepositions, conjunctions, auxiliaries: what no sentence does without.
_WORDS = {
    "en": "the of and to in is that for it was on with as be at by this are from or have an not they his her which but "
    "had has were been their its will would can there when who what if you we he she so than more into about",
    "de": "der die das und ist von den im mit dem zu ein eine nicht auf für des sich als auch es an werden aus er hat "
    "dass wird bei einer um sie noch nach am sind wie einem über einen zum war haben nur oder aber vor zur bis mehr "
    "durch",
    "fr": "le la les des est et en du un une dans que qui pour pas sur au par ne se plus ce avec il sont cette mais ou "
    "ont aux sa son ses nous vous elle leur comme tout fait été",
    "es": "el la los las de del y en que un una es se por con no su para al lo como más pero sus este ya o fue ha muy "
    "sin sobre también hasta hay",
    "it": "il la di che e è un una per non sono in da con si della dei nel alla più anche ma come delle le gli ha lo "
    "questo i al del",
    "pt": "o a os as de que e do da em um uma não para com no na por mais foi ao dos se das à seu sua ou ser quando "
    "muito já está também pelo pela até isso",
    "nl": "de het een van en in is dat op te zijn met voor niet aan er om ook als maar dan nog bij naar uit wordt door "
    "over werd",
    "pl": "w i z na się nie jest do że to o jak ale po co od za już przez tylko był dla tym oraz",
    "cs": "a se v je na s z že do si o to i jako k za po pro tak by které také jeho ve ze bylo aby",
    "sv": "och i att det som en på är av för den med till inte om ett han men var sig från jag så",
    "da": "og i at det som en på er af for den med til ikke om et han men var sig fra jeg så de der har",
    "tr": "ve bir bu da de için ile çok olarak daha gibi olan ne en ama kadar sonra var ki ise değil her iki göre önce "
    "üzere ancak yok bile hem veya diye oldu olduğu olduğunu etti dedi tarafından",
    "ru": "и в не на что с он как это по но из у к за от так же для бы о его то все она был или",
    "uk": "і й та що не на з у до як це від за але про для є його був або",
    "el": "και το να του η της με για την από που δεν είναι στο ο τα οι",
    "ar": "في من على أن إلى عن مع هذا التي الذي كان هذه ما لا بعد كما أو قد",
}
# Scripts that one of our languages has to itself; Han is Chinese where there is no kana.
_SCRIPTS = (
    ("ja", r"[\p{Hiragana}\p{Katakana}]"),
    ("ko", r"\p{Hangul}"),
    ("zh", r"\p{Han}"),
)
FUNCTION_WORDS = frozenset(" ".join(_WORDS.values()).split())
LANGUAGES = frozenset(_WORDS) | {code for code, _script in _SCRIPTS}

_MIN_WEIGHT = 3.0  # of function words, below which nothing is said
_LEAD = 1.25  # the best must outweigh the second by this factor
_LOOK = 20_000  # characters looked at for scripts
# A kana in so many ideographs makes a text Japanese; dense text in so many characters makes it no Latin text.
_KANA, _DENSE = 0.08, 0.25


@cache
def _weights() -> Mapping[str, tuple[tuple[str, float], ...]]:
    """Function word -> its languages, each with a weight: the fewer languages share it, the more it says."""
    owners: dict[str, list[str]] = {}
    for code, words in _WORDS.items():
        for word in dict.fromkeys(words.split()):
            owners.setdefault(word, []).append(code)
    return {word: tuple((code, 1.0 / len(codes) ** 2) for code in codes) for word, codes in owners.items()}


def identify(words: Iterable[str], text: str) -> str:
    """ISO 639-1 code of a text's language, or "" where that cannot be told.

    `words` are the text's function words (lower case, each as often as it stands), `text` a sample of the text, of
    which the first 20,000 characters count.
    """
    if dense := _by_script(text[:_LOOK]):
        return dense
    scores: dict[str, float] = {}
    weights = _weights()
    for word, count in Counter(words).items():
        for code, weight in weights.get(word, ()):
            scores[code] = scores.get(code, 0.0) + count * weight
    ranked = sorted(scores.items(), key=lambda item: (-item[1], item[0]))
    if not ranked or ranked[0][1] < _MIN_WEIGHT:
        return UNKNOWN
    if len(ranked) > 1 and ranked[0][1] < _LEAD * ranked[1][1]:
        return UNKNOWN
    return ranked[0][0]


def _by_script(text: str) -> str:
    if text.isascii():
        return UNKNOWN
    letters = len(regex.findall(r"\p{L}", text))
    counts = {code: len(regex.findall(script, text)) for code, script in _SCRIPTS}
    if sum(counts.values()) < _DENSE * letters:
        return UNKNOWN
    if counts["ko"] > counts["zh"] + counts["ja"]:
        return "ko"
    return "ja" if counts["ja"] > _KANA * counts["zh"] else "zh"
