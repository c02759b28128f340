"""Do the rules do what their own examples say?"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from cleaner.dedupe import copied_paragraphs
from cleaner.detect import detect
from cleaner.evidence import Evidence
from cleaner.fingerprint import fold
from cleaner.rules.model import MARK_END, MARK_START, Rule, RuleSet
from cleaner.segment import segment

__all__ = ["Failure", "check_examples", "check_rules", "hostile"]

_HOSTILE = 5_000  # characters of a hostile text
_PATIENCE = 1.0  # seconds that a pattern may take on one


@dataclass(frozen=True)
class Failure:
    """An example that a rule does not meet; `message` is one line with file, rule and example."""

    rule: Rule
    example: str
    message: str


def check_examples(rules: RuleSet, only: Collection[str] | None = None) -> Iterator[Failure]:
    """Failures of the examples of all rules, or of the rules with the ids in `only`.

    `must_match` must be claimed exactly where it is marked, `must_not_match` nowhere; `known_miss` is a wish that
    must not have come true unnoticed; every pattern in `any` must be hit by an example, and every literal must be
    claimed where it stands alone.
    """
    for rule in rules:
        if rule.status == "removed" or (only is not None and rule.id not in only):
            continue
        for example in rule.must_match:
            text, marked = _unmark(example)
            found = _claims(rules, rule, text)
            if found != marked:
                yield _failure(rule, example, f"claims {_show(text, found)}, not {_show(text, marked)}")
        for example in rule.must_not_match:
            if found := _claims(rules, rule, example):
                yield _failure(rule, example, f"claims {_show(example, found)}, and must not")
        for example in rule.known_miss:
            text, marked = _unmark(example)
            if _claims(rules, rule, text) == marked:
                yield _failure(rule, example, "is a known miss no more; move it to must_match")
        yield from _unused(rule)
        yield from _unheard(rules, rule)


def check_rules(rules: RuleSet, only: Collection[str]) -> Iterator[Failure]:
    """Failures of the rules with the ids in `only`: examples not met, and patterns that run away on hostile input."""
    for name in sorted(only):
        yield from hostile(rules.by_id[name])
    yield from check_examples(rules, only)


def hostile(rule: Rule) -> Iterator[Failure]:
    """Patterns of a phrase rule that take over a second on a text made to mislead them: 5,000 characters, or the
    longest that the rule looks at."""
    if rule.kind != "phrase":
        return
    size = min(_HOSTILE, rule.where.max_chars)
    pieces = ["a", "a ", "1", " ", "-", "a-", ".,", "a.b@", "(", '"', *rule.triggers[:3]]
    pieces += [fold(_unmark(example)[0]) + " " for example in rule.must_match[:4]]
    # A pattern that asks for certain letters at once gets past that with an example of its own.
    tails = [fold(_unmark(example)[0]) + "\0" for example in rule.must_match[:4]]
    patterns = [(p.fullmatch if rule.whole else p.search) for p in rule.patterns] + [p.search for p in rule.exceptions]
    for number, match in enumerate(patterns):
        for piece in pieces:
            text = (piece * (size // len(piece) + 1))[:size]
            try:
                for end in ("", "\0", *tails):
                    match(text + end, timeout=_PATIENCE)
            except TimeoutError:
                source = (*rule.any, *rule.unless)[number]
                what = f"backtracks: over {_PATIENCE:g} s on {size:,} characters of {piece[:20]!r}"
                yield Failure(rule, source, f"{rule.source}: {rule.id}: pattern {source!r} {what}")
                break


def _unmark(example: str) -> tuple[str, list[tuple[int, int]]]:
    """The text of an example without marks, and the spans between them."""
    text, spans, start = "", [], 0
    for char in example:
        if char == MARK_START:
            start = len(text)
        elif char == MARK_END:
            spans.append((start, len(text)))
        else:
            text += char
    return text, spans


def _claims(rules: RuleSet, rule: Rule, text: str) -> list[tuple[int, int]]:
    document = segment(text, language=_language(rule))
    detection = detect(document, rules, timeout=60.0, all_rules=True)
    evidence: Iterable[Evidence] = detection.evidence
    if rule.copies == "near":
        evidence = copied_paragraphs(document, rule, detection.features.words.tolist(), detection.tags)
    return sorted((e.span.start, e.span.end) for e in evidence if e.rule == rule.id)


def _unused(rule: Rule) -> Iterator[Failure]:
    """Alternatives of a phrase rule that no example needs."""
    if rule.kind != "phrase":
        return
    documents = [segment(_unmark(example)[0]) for example in rule.must_match]
    texts = [document.body(block) for document in documents for block in document.blocks]
    if not rule.case:
        texts = [fold(t) for t in texts]
    for number, pattern in enumerate(rule.patterns):
        if not any(pattern.search(t) for t in texts):
            yield _failure(rule, rule.any[number], "is a pattern that no example in must_match hits")


def _unheard(rules: RuleSet, rule: Rule) -> Iterator[Failure]:
    """Literals that the rule does not claim where they stand alone: each is an example of itself."""
    literals = [*rule.lines, *rule.openings, *rule.contains]
    if not literals:
        return
    paragraphs = [literal.replace("{n}", "12") for literal in literals]
    document = segment("\n\n".join(paragraphs) + "\n", language=_language(rule))
    claimed = {e.block for e in detect(document, rules, timeout=60.0, all_rules=True).evidence if e.rule == rule.id}
    heard = {document.body(document.blocks[index]) for index in claimed}
    for literal, paragraph in zip(literals, paragraphs, strict=True):
        if paragraph not in heard:
            yield _failure(rule, literal, "is a literal that the rule does not claim when it stands alone")


def _language(rule: Rule) -> str | None:
    return rule.languages[0] if rule.languages else None


def _failure(rule: Rule, example: str, what: str) -> Failure:
    shown = example.replace("\n", "\\n")
    return Failure(rule, example, f"{rule.source}: {rule.id}: example {shown!r} {what}")


def _show(text: str, spans: list[tuple[int, int]]) -> str:
    return " + ".join(repr(text[a:b]) for a, b in spans) or "nothing"
