"""Numbers and tags of every block, computed for the whole document at once.

A tag is a short word for what a block looks like (`prose`, `name`, `label`, `short`, ...). Region rules are patterns
over tags; phrase rules add tags of their own (`phone`, `share`, ...). `TAGS` says what each one means.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import regex

from cleaner.document import Document, Kind
from cleaner.fingerprint import DENSE_SCRIPTS, fold, unmark
from cleaner.language import FUNCTION_WORDS, identify
from cleaner.segment import strip_marker

__all__ = ["TAGS", "Features", "measure"]

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

TAGS = {
    "any": "every block",
    "heading": "marked up as a heading",
    "item": "list item: starts with a bullet, a number or an emoji",
    "table": "table",
    "code": "code",
    "empty": "no word in it that a reader sees",
    "divider": "no letter or digit in it",
    "prose": "running text: 12 words or more with a sentence end, in a language with known function words some of them",
    "sentence": "ends as a sentence does, 4 words or more",
    "anchor": "prose of 20 words or more that does not address the reader more than the document does as a whole",
    "short": "1 to 10 words and no sentence end",
    "tiny": "1 to 3 words and no sentence end",
    "titlelike": "1 to 30 words on one line, no sentence end, starts with a capital, digit or quote (any letter where "
    "the script has no capitals)",
    "affix": "one of 4 to 40 short lines in a row that all begin or all end with the same word",
    "label": "1 to 8 words that end with a colon",
    "name": "2 to 5 capitalised words and nothing else, as the name of a person or a firm",
    "role": "a line such as stands under a person's name: 1 to 9 words, capitalised, the first phrase ending in a noun "
    "of occupation",
    "emoji": "starts with an emoji or a pictogram",
    "digits": "at least a third of its letters and digits are digits",
    "addressing": "says you, we or I outside quotation marks (several languages) in a document that mostly does not",
    "voice": "running text in a document that mostly does say you, we or I; stays so whatever phrases are in it",
    "exclaim": "has an exclamation mark, or is a question",
    "lead-in": "5 words or more that end with a colon",
    "loose": "no anchor, and neither code nor table nor running text that addresses nobody",
    "top": "stands before the first anchor",
    "middle": "stands after the second anchor and before the end of the last (a byline may stand below a standfirst)",
    "tail": "stands after the last anchor",
    "staged": "longer, but with two short lines before and behind it, as a speech in a play",
    "verse": "short lines among short lines, as in a poem, a song or a dialogue",
    "stanza": "verse of four lines or more in a row, two in five of which end with a comma or a stop or begin in lower "
    "case, which use function words, and most of which have no blank line before them",
    "group": "in a group of 2 to 14 blocks with no blank line between them and no anchor among them, in a document "
    "whose anchors mostly stand between blank lines",
    "crowd": "in a run of 6 blocks or more with no blank line between them, nine in ten of which are short lines and "
    "none running text",
    "joined": "no blank line before it",
    "page": "every block of a document in which four blocks or more are flagged, by rules of two families or more: "
    "a whole page of a site, not a text by itself",
    "flagged": "a phrase rule of score 1.2 or more speaks against it, be it a preview rule",
    "headline": "the title-like line before the first anchor whose longer words come again most in the anchors",
    "repeated": "stands in the document twice or more",
    "thrice": "stands in the document three times or more",
    "quoted": "in quotation marks as a whole, or a block quotation",
}

_ADDRESS = frozenset(
    "you your yours we us our i me my i'm we're you're we'll i'll you'll let's  sie ihr ihre ihnen ihren "
    "ihrer wir uns unser unsere unseren ich mir mich mein meine du dich dein deine  vous votre vos nous "
    "notre nos je me mon ma mes usted su le nosotros nuestro nuestra nuestros yo mi tu tus  noi nostro "
    "nostra voi vostro io mio você seu sua nós nosso nossa eu meu jij u uw wij ons onze ik mijn je jouw".split()
)
_ROLE_NOUN = regex.compile(
    r"(?:editor|author|writer|reporter|correspondent|journalist|columnist|blogger|contributor|staff|team|desk|founder|"
    r"chief|head|lead|chef|coach|guide|fellow|intern|critic|expert|professor|doctor|nurse|officer|president|ceo|cto|"
    r"cfo|cmo|partner|owner|host|scientist|candidate|advocate|attorney|counsel|agent|clerk|architect|associate|"
    r"assistant|consultant|accountant|executive|strategist|redakteur(?:in)?|autor(?:in)?|redaktion|rédact(?:eur|rice)|"
    r"journaliste|redactora?|periodista|redattore|giornalista|\w{3,}(?:ist|grapher|logist|ologist|itect|ician|trician|"
    r"arian|keeper|maker|worker|smith|wright)|\w{3,}(?:er|or|ian|yst|ant|ee))s?"
)
_NO_ROLE = frozenset(
    "chapter summer winter water paper number matter power letter order center centre september october "
    "november december  another other either after over under never ever whether weather corner river "
    "color error factor sector major minor  restaurant plant important significant relevant giant grant "
    "coffee committee better bigger later former newer older  fewer higher lower faster answer offer "
    "cover dinner supper quarter border danger winner anger finger disorder door  floor motor mirror "
    "terror error horror labor harbor humor honor favor vapor flavor poor prior interior exterior".split()
)
_SAID = regex.compile(r'"[^"]*"')
_ADDRESS_WORD = regex.compile(r"[^\W\d_]+(?:'[a-z]{1,2})?")
_NAME = regex.compile(
    r"\p{Lu}[\p{L}\p{M}'’.-]*(?:[ \xa0]+"
    r"(?:(?:van|von|de|der|den|del|della|da|di|dos|du|la|le|el|al|bin|ibn|ben|ap|ab|y|e|i|zu|ten|ter|of)"
    r"[ \xa0]+){0,3}(?:al-|el-|d['’]|O['’]|de['’] )?\p{Lu}[\p{L}\p{M}'’.-]*){1,4}"
)
_SENTENCE_END = regex.compile(r"[.!?…。！？｡؟۔।॥։።][\"'”’»)\]\p{Pf}\p{Pe}]*(?:\[\d+\])*$")
_EMOJI = regex.compile(r"[\p{Emoji_Presentation}\p{So}]|[\p{Emoji}--[\d#*]]\ufe0f", regex.V1)
_TITLE_START = regex.compile(r"[#*_\"'“”‘’„«»(\[¿¡ ]*[\p{Lu}\p{Lt}\p{Lo}\p{N}]")
_WORD_FORM = regex.compile(r"[\p{L}\p{N}]+(?:['’.&-][\p{L}\p{N}]+)*")

# Words of four letters or more, and pairs of ideographs.
_LONG_WORD = regex.compile(rf"{DENSE_SCRIPTS}{{2}}|(?<![\p{{L}}\p{{M}}])[\p{{L}}\p{{M}}]{{4,}}(?![\p{{L}}\p{{M}}])")
_TEXT, _ABOVE = 12, 60  # anchors looked at for a headline's words; blocks above the first that may be the headline
_LETTER, _DIGIT, _WORD, _DENSE, _BOUND, _CAPITAL = 1, 2, 4, 8, 16, 32
_CLASSES = (
    (_LETTER, r"[\p{L}\p{M}]+"),
    (_DIGIT, r"\p{N}+"),
    (_WORD, r"[\p{L}\p{M}\p{N}_]+"),
    (_DENSE, DENSE_SCRIPTS + "+"),
    (_BOUND, DENSE_SCRIPTS[:-1] + r"\p{Hangul}]+"),
    (_CAPITAL, r"[\p{Lu}\p{Lt}]+"),
)
_LINE_ENDS = frozenset(",;.!?—–…，；。！？、")
_TITLE_LENGTH = 30
_AFFIX_ROW = 40
_CROWD = 6
_GROUP, _ALONE = 14, 2  # most blocks of a group; most blocks of a run in which an anchor still stands alone
_LONG = 20_000  # characters of a block whose words are looked at one by one
_ADDRESS_RATE = 14  # a paragraph with fewer such words than one in this many is running text all the same
_PLANES = 0x30000  # no letters beyond the ideographs of plane 2 matter here
# Characters to the word in scripts without blanks: Chinese and Japanese run near two.
_DENSE_WORD = 2


@dataclass(frozen=True, slots=True)
class Features:
    """Per-block numbers (arrays as long as the blocks) and the set of tags of each block."""

    view: str  # the text without Markdown's marks and link targets; same offsets
    folded: str  # the view, lower-cased and with plain blanks and quotes; same offsets
    words: Ints
    digits: Ints
    capitals: Ints  # capital letters
    names: Ints  # words that begin with a capital
    functions: Ints  # function words, of any language
    dense: Ints  # characters of scripts without blanks
    tags: tuple[frozenset[str], ...]
    language: str = ""  # ISO 639-1; "" where it cannot be told


@cache
def _char_classes() -> npt.NDArray[np.uint8]:
    """Class bits of each code point, by the `regex` package's own Unicode tables (so that they are the same under
    every Python version)."""
    table = np.zeros(_PLANES + 1, dtype=np.uint8)
    # Surrogates are no characters.
    low, high = "".join(map(chr, range(0xD800))), "".join(map(chr, range(0xE000, _PLANES)))
    for bit, pattern in _CLASSES:
        for base, chars in ((0, low), (0xE000, high)):
            for match in regex.finditer(pattern, chars):
                table[base + match.start() : base + match.end()] |= bit
    return table


def measure(document: Document) -> Features:
    """Features of all blocks of `document`."""
    view = unmark(document.text)
    folded = fold(view)
    blocks = document.blocks
    if not blocks:
        none = np.zeros(0, dtype=np.int64)
        return Features(view, folded, none, none, none, none, none, none, ())
    points = np.frombuffer(view.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    classes = _char_classes()[np.minimum(points, _PLANES)]
    starts = np.array([b.span.start for b in blocks])
    first, dense = _word_starts(classes)
    dense_chars = _sums(dense, starts)
    words = _sums(first, starts) - dense_chars // -_DENSE_WORD
    letters = _count(classes & _LETTER, starts)
    digits = _count(classes & _DIGIT, starts)
    bodies = [view[b.body.start : b.body.end].strip() for b in blocks]
    ends = np.array([bool(_SENTENCE_END.search(body[-12:])) for body in bodies])
    functions, addressing, said = _lexical(document, folded)
    language = document.language or identify(said, folded)
    # Function words of scripts without blanks, and of Korean with its particles, cannot be counted as words.
    bound = _count(classes & _BOUND, starts)
    prose = (words >= 12) & ends & ((functions * 8 >= words) | (bound * 2 >= letters))
    anchor, addresses, voice = _anchors(prose, words, addressing)
    shape = _shape_tags(document, bodies, words, letters, digits, ends)
    verse, staged = _verse(words)
    affix = _affixed(bodies, shape)
    headline = _headline(document, folded, anchor, shape, words)
    group, joined, crowd = _groups(document, anchor, prose, words, shape)
    stanza = _stanzas(bodies, verse, functions, shape, joined)
    sealed = np.array([b.kind in (Kind.CODE, Kind.TABLE) for b in blocks])
    loose = ~anchor & ~sealed & (~ends | addresses | (words < 4))
    tops, tails = _ends_of(anchor)
    middles = (np.cumsum(anchor) >= 2) & ~tails
    tags = tuple(
        frozenset(
            tag
            for tag, holds in (
                ("prose", prose[i]),
                ("anchor", anchor[i]),
                ("addressing", addresses[i]),
                ("voice", voice[i]),
                ("verse", verse[i]),
                ("affix", affix[i]),
                ("stanza", stanza[i]),
                ("group", group[i]),
                ("headline", i == headline),
                ("joined", joined[i]),
                ("crowd", crowd[i]),
                ("staged", staged[i]),
                ("loose", loose[i]),
                ("top", tops[i]),
                ("tail", tails[i]),
                ("middle", middles[i]),
            )
            if holds
        )
        | shape[i]
        for i in range(len(blocks))
    )
    capital = (classes & _CAPITAL) > 0
    names, capitals = _sums(first & capital, starts), _sums(capital, starts)
    return Features(view, folded, words, digits, capitals, names, functions, dense_chars, tags, language)


def _count(flags: npt.NDArray[np.uint8], starts: Ints) -> Ints:
    return _sums(flags > 0, starts)


def _sums(flags: Bools, starts: Ints) -> Ints:
    sums: Ints = np.add.reduceat(flags, starts, dtype=np.int64)
    return sums


def _word_starts(classes: npt.NDArray[np.uint8]) -> tuple[Bools, Bools]:
    """Which characters begin a word (a run of word characters), and which are of a script without blanks, where two
    characters count as a word."""
    dense = (classes & _DENSE) > 0
    spaced = ((classes & _WORD) > 0) & ~dense
    first = spaced.copy()
    first[1:] &= ~spaced[:-1]
    return first, dense


def _lexical(document: Document, folded: str) -> tuple[Ints, Ints, list[str]]:
    """Function words and addressing words of each block, and the function words themselves."""
    functions, addressing = [], []
    words: list[str] = []
    for block in document.blocks:
        # Of a very long block, the beginning speaks for the rest.
        end = min(block.body.end, block.body.start + _LONG)
        scale = -(-len(block.body) // _LONG) or 1
        tokens = _ADDRESS_WORD.findall(folded, block.body.start, end)
        said = list(filter(FUNCTION_WORDS.__contains__, tokens))
        words += said
        functions.append(scale * len(said))
        count = sum(map(_ADDRESS.__contains__, tokens))
        if count and '"' in (body := folded[block.body.start : end]):
            # What somebody in the text says to somebody else does not address the reader.
            count = sum(map(_ADDRESS.__contains__, _ADDRESS_WORD.findall(_SAID.sub(" ", body))))
        addressing.append(scale * count)
    return np.array(functions, dtype=np.int64), np.array(addressing, dtype=np.int64), words


def _anchors(prose: Bools, words: Ints, addressing: Ints) -> tuple[Bools, Bools, Bools]:
    """Which blocks are anchors, which address the reader in a document that mostly does not, and which are running
    text in a document that mostly does.

    An article may say "you" throughout (advice, a letter, an opinion piece); there the word tells nothing.
    """
    long = prose & (words >= 20)
    speaks = addressing > 0
    norm = float((speaks & long).sum()) / max(1, int(long.sum()))
    telling = norm < 0.4
    addresses = speaks & telling
    anchor = long & ~(addresses & (addressing * _ADDRESS_RATE >= words))
    return anchor, addresses, prose & np.bool_(not telling)


def _ends_of(anchor: Bools) -> tuple[Bools, Bools]:
    """Blocks before the first anchor and after the last; in a document without anchors, none."""
    top = np.zeros(len(anchor), dtype=bool)
    tail = top.copy()
    where = np.flatnonzero(anchor)
    if len(where):
        top[: where[0]] = True
        tail[where[-1] + 1 :] = True
    return top, tail


_KIND_TAG = {
    Kind.HEADING: "heading",
    Kind.LIST_ITEM: "item",
    Kind.TABLE: "table",
    Kind.CODE: "code",
    Kind.DIVIDER: "divider",
    Kind.QUOTE: "quoted",
}


def _shape_tags(
    document: Document, bodies: list[str], words: Ints, letters: Ints, digits: Ints, ends: Bools
) -> list[frozenset[str]]:
    result = []
    for block, body, count, alphas, figures, ended in zip(
        document.blocks, bodies, words.tolist(), letters.tolist(), digits.tolist(), ends.tolist(), strict=True
    ):
        tags = {"any"}
        if kind := _KIND_TAG.get(block.kind):
            tags.add(kind)
        if block.kind not in (Kind.TABLE, Kind.CODE, Kind.DIVIDER) and count and body:
            tags |= _line_tags(body, count, ended)
            if figures * 2 >= alphas and figures:
                tags.add("digits")
        if not count and block.kind not in (Kind.TABLE, Kind.CODE):
            tags.add("empty")
        result.append(frozenset(tags))
    return result


def _line_tags(body: str, count: int, ended: bool) -> set[str]:
    tags = set()
    if ended and count >= 4:
        tags.add("sentence")
    if _EMOJI.match(body):
        tags.add("emoji")
    if body[-1] in ":：":
        tags |= {"label"} if count <= 8 else set()
        tags |= {"lead-in"} if count >= 5 else set()
    if body[0] in '"“„«‘' and body[-1] in '"”“»’':
        tags.add("quoted")
    if count > 30:
        return tags
    body = strip_marker(body) or body
    if "!" in body or "！" in body or body[-1] in "?？":
        tags.add("exclaim")
    if not ended and count <= 10:
        tags.add("short")
    if not ended and count <= 3:
        tags.add("tiny")
    if count <= _TITLE_LENGTH and "\n" not in body and body[-1] not in ".,;:" and _TITLE_START.match(body):
        tags.add("titlelike")
    if count <= 6 and _NAME.fullmatch(body):
        tags.add("name")
    if count <= 9 and _is_role(body):
        tags.add("role")
    return tags


def _is_role(body: str) -> bool:
    forms = _WORD_FORM.findall(body)
    if not forms or body[-1] in ".!?:" or not forms[0][0].isupper():
        return False
    # The noun of occupation ends a phrase: the line, or what stands before a comma, "&", "at", "of", "for", ...
    phrases = regex.split(r"\s*(?:[,&|/–—@(]|\b(?:and|at|of|for|in|based|with|und|et|y|bei|chez)\b)\s*", body.lower())
    return any(
        (last := _WORD_FORM.findall(phrase)) and last[-1] not in _NO_ROLE and _ROLE_NOUN.fullmatch(last[-1])
        for phrase in phrases[:3]
    )


def _verse(words: Ints) -> tuple[Bools, Bools]:
    """Short lines among short lines: at least four of the five blocks around have 1 to 14 words. And longer blocks
    with two short lines on each side."""
    short = (words >= 1) & (words <= 14)
    padded = np.pad(short.astype(np.int64), 2)
    around = sum(padded[shift : shift + len(short)] for shift in range(5))
    near = np.minimum(np.arange(len(short)), 2) + np.minimum(np.arange(len(short))[::-1], 2) + 1
    return short & (around + 1 >= near) & (near >= 3), ~short & (around == 4)


def _headline(document: Document, folded: str, anchor: Bools, shape: list[frozenset[str]], words: Ints) -> int:
    """Index of the block that is likely the page's headline; -1 for none.

    A headline says in a few words what the text says in many; a menu or a teaser above it does not.
    """
    where = np.flatnonzero(anchor)
    if not len(where):
        return -1
    blocks = document.blocks
    text = " ".join(folded[blocks[i].body.start : blocks[i].body.end][:_LONG] for i in where[:_TEXT])
    said = set(_LONG_WORD.findall(text, overlapped=True))
    best, most = -1, 0.0
    for index in range(max(0, int(where[0]) - _ABOVE), int(where[0])):
        tags = shape[index]
        if "titlelike" not in tags or tags & {"item", "label"} or not 3 <= words[index] <= _TITLE_LENGTH:
            continue
        own = set(_LONG_WORD.findall(folded, blocks[index].body.start, blocks[index].body.end, overlapped=True))
        shared = len(own & said)
        # Half its words at least: a longer line would win by chance.
        if shared >= 2 and shared * 2 >= len(own) and shared + ("heading" in tags) > most:
            best, most = index, shared + ("heading" in tags)
    return best


def _groups(
    document: Document, anchor: Bools, prose: Bools, words: Ints, shape: list[frozenset[str]]
) -> tuple[Bools, Bools, Bools]:
    """Blocks of groups, blocks without a blank line before them, and blocks of crowds (see `TAGS`)."""
    runs = np.array([b.run for b in document.blocks])
    joined = np.zeros(len(runs), dtype=bool)
    joined[1:] = runs[1:] == runs[:-1]
    size = np.bincount(runs)[runs]
    # A document that puts no blank lines between its paragraphs has no groups that mean anything.
    alone = anchor & (size <= _ALONE)
    telling = int(alone.sum()) * 2 >= int(anchor.sum()) > 0
    anchored = np.bincount(runs, weights=anchor)[runs] > 0
    group = (size >= 2) & (size <= _GROUP) & ~anchored & np.bool_(telling)
    short = np.array(["short" in tags or not count for tags, count in zip(shape, words.tolist(), strict=True)])
    texts = np.bincount(runs, weights=prose)[runs] > 0
    crowd = (size >= _CROWD) & ~texts & (np.bincount(runs, weights=short)[runs] * 10 >= size * 9)
    return group, joined, crowd


def _stanzas(
    bodies: list[str], verse: Bools, functions: Ints, shape: list[frozenset[str]], joined: Bools
) -> list[bool]:
    """Verse that reads as such: its lines are parts of sentences, and mostly stand without blank lines between."""
    result = [False] * len(bodies)
    row: list[int] = []
    for index in range(len(bodies) + 1):
        if index < len(bodies) and verse[index] and not shape[index] & {"item", "digits", "label", "heading"}:
            row.append(index)
            continue
        runs_on = [i for i in row if bodies[i][:1].islower() or bodies[i].rstrip("\"'”’»)")[-1:] in _LINE_ENDS]
        close = sum(bool(joined[i]) for i in row) * 2 >= len(row)
        if (
            len(row) >= 4
            and close
            and len(runs_on) * 5 >= len(row) * 2
            and sum(functions[i] > 0 for i in row) * 2 >= len(row)
        ):
            for place in row:
                result[place] = True
        row = []
    return result


def _affixed(bodies: list[str], shape: list[frozenset[str]]) -> list[bool]:
    """Short lines in rows of four or more that share their first word or their last."""
    result = [False] * len(bodies)
    for end in (0, -1):
        row: list[int] = []
        shared = ""
        for index, (body, tags) in enumerate(zip([*bodies, ""], [*shape, frozenset()], strict=True)):
            forms = _WORD_FORM.findall(body.lower()) if "short" in tags and len(body) <= 80 else []
            word = forms[end] if len(forms) > 1 else ""
            if not word or word != shared:
                if 4 <= len(row) <= _AFFIX_ROW:
                    for place in row:
                        result[place] = True
                row, shared = [], word
            if word:
                row.append(index)
    return result
