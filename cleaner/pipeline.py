"""The flow on one document: read, segment, detect, decide, collapse."""

from __future__ import annotations

import dataclasses
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from cleaner.config import Config, check_language
from cleaner.decide import THRESHOLDS, decide
from cleaner.dedupe import copied_paragraphs
from cleaner.detect import Detection, Memo, detect
from cleaner.detect.kind import load_kinds, model_for_kinds
from cleaner.detect.prose import STANDARD, for_pages, load_model
from cleaner.document import Block, Document, Kind, Span, on_site, site_of
from cleaner.errors import CleanerError, ConfigError, DocumentError, RuleError
from cleaner.evidence import Evidence, PageKind, Result, Verdict
from cleaner.examples import check_rules
from cleaner.fingerprint import unmark
from cleaner.html import ask_trafilatura, decode, embedded_article, extract, looks_like_html
from cleaner.page import HINTS, VERDICTS, Page, read_page, verdict_hints
from cleaner.rules.load import builtin_rules, combine, load_pack, select_rules
from cleaner.rules.model import METADATA, Rule, RuleSet, Where
from cleaner.segment import segment
from cleaner.weigh import Fitted

__all__ = ["FORMATS", "OUTPUTS", "Cleaner", "clean", "explain"]

FORMATS = ("auto", "text", "markdown", "html")
OUTPUTS = ("text", "markdown")

# Decisions are taken again on what is left until nothing more goes.
_PASSES = 8
_TITLES = frozenset({"heading", "titlelike"})
# What later passes may take of the words that the first one left; more is an avalanche, not a correction.
_LATER_SHARE, _LATER_WORDS = 0.25, 40


_SEEN = 300  # characters; HTML that shows fewer is a fragment, or a page that is empty without its scripts
_MORE = 2  # times as many that an empty page carries for machines


class _Given(NamedTuple):
    """A document as it was read. For HTML: what judges its blocks (None where it is read as text), their Markdown
    marks, and what trafilatura told of it."""

    document: Document
    fitted: Fitted | None = None
    marks: tuple[str, ...] = ()
    told: Mapping[str, str] = {}
    warnings: tuple[str, ...] = ()


class _Settled(NamedTuple):
    """What was decided on a document, and what the first pass detected and saw in it."""

    document: Document
    verdicts: tuple[Verdict, ...]
    warnings: tuple[str, ...]
    first: Detection
    page: PageKind


class Cleaner:
    """Cleans documents under one configuration; rules are loaded once. Holds no state between documents, so one
    Cleaner may serve many threads.

    Raises ConfigError and RuleError where the configuration or a rule pack cannot be used.
    """

    def __init__(self, config: Config | None = None) -> None:
        self.config = config or Config()
        self.rules = _load_rules(self.config)
        name = self.config.model
        self._model_path = None if name is None else STANDARD if name == "standard" else Path(name)
        self._fitted = None
        if self._model_path is not None:
            self._fitted = Fitted(load_model(self._model_path), load_kinds(model_for_kinds(self._model_path)))
        self._again = None if self._fitted is None else dataclasses.replace(self._fitted, again=True)
        self._sites = {site: Cleaner(self.config.for_site(site)) for site in self.config.sites}

    def clean(
        self,
        source: str | bytes,
        *,
        url: str | None = None,
        format: str = "auto",
        profile: object = None,
        language: str | None = None,
        output: str = "text",
    ) -> str:
        """The core prose of `source`; of HTML, as Markdown where `output` is "markdown". Else the same words and errors
        as `explain`."""
        if output not in OUTPUTS:
            raise ConfigError(f"output {output!r} is none of {', '.join(OUTPUTS)}")
        result = self.explain(source, url=url, format=format, profile=profile, language=language)
        return result.markdown if output == "markdown" else result.text

    def explain(
        self,
        source: str | bytes,
        *,
        url: str | None = None,
        format: str = "auto",
        profile: object = None,
        language: str | None = None,
    ) -> Result:
        """Clean `source` and say why: plain text, Markdown or HTML, as str or bytes.

        `format` is "auto" (told apart by itself), "text", "markdown" or "html"; `url` is where the page came from,
        `language` the ISO 639-1 code of its language (None: what the configuration says, else told from the text).
        Raises DocumentError where the source is binary, undecodable, over `max_chars`, or HTML without text.
        Site profiles are not part of this version: any `profile` raises ConfigError.
        """
        if format not in FORMATS:
            raise ConfigError(f"format {format!r} is none of {', '.join(FORMATS)}")
        check_language(language)
        if profile is not None:
            raise ConfigError("site profiles are not part of this version; leave `profile` out")
        if not isinstance(source, str | bytes):
            raise DocumentError(f"a document is str or bytes, not {type(source).__name__}")
        self._check_size(source)
        encoding, bom = None, b""
        if isinstance(source, bytes):
            text, encoding, bom, html = decode(source, encoding=self.config.encoding, format=format)
        else:
            text, html = source, looks_like_html(source) if format == "auto" else format == "html"
        cleaner = self._of_site(site_of(url))
        language = language or cleaner.config.language
        if html:
            given = cleaner._read_page(text, url, language)
        else:
            name = "text" if format == "auto" else format
            given = _Given(segment(text, format=name, url=url, language=language))
        document, verdicts, warnings, first, page = cleaner._settle(given)
        if given.fitted is not None:
            verdicts = _headings_rather(document, verdicts)
        metadata = _information(document, verdicts, first, cleaner.rules) | {k: (v,) for k, v in given.told.items()}
        warnings = (*given.warnings, *warnings)
        result = Result(
            document, verdicts, source, encoding, bom, warnings, metadata=metadata, marks=given.marks, page=page
        )
        if format == "auto" and not html and result.removed and looks_like_html(result.text):
            return _unsettled(result, "what is left of this text would be taken for HTML")
        return result

    def pipe(self, sources: Iterable[str | bytes | Mapping[str, Any]]) -> Iterator[Result]:
        """Results in the order of `sources`, each a document or a mapping of the arguments of `explain`.

        A source that cannot be read gives a Result with `error` set and nothing removed; the others go on.
        """
        for source in sources:
            words: dict[str, Any] = dict(source) if isinstance(source, Mapping) else {"source": source}
            try:
                yield self.explain(**words)
            except CleanerError as error:
                given = words.get("source", "")
                text = given if isinstance(given, str) else ""
                document = segment(text, url=words.get("url"))
                yield Result(document, _all_kept(document), given, error=error)

    def _read_page(self, html: str, url: str | None, language: str | None) -> _Given:
        """An HTML page, as blocks with hints where there is a model for them, else as the text that trafilatura
        extracts. Raises DocumentError where it holds no text."""
        page, text_model = _parsed(html, url, language), self._model_path
        seen = len(page.document.text) if page else 0
        if seen < _SEEN and len(hidden := embedded_article(html)) > max(_SEEN, _MORE * seen):
            return _Given(segment(hidden, format="html", url=url, language=language))
        if page is None or seen < _SEEN or text_model is None or not for_pages(text_model, self.config.html).exists():
            return _Given(segment(extract(html, url=url), format="html", url=url, language=language))
        told = {"title": page.title} if page.title else {}
        warnings: tuple[str, ...] = ()
        kinds = self._fitted.kinds if self._fitted else None
        if self.config.html == "full":
            model = load_model(for_pages(text_model, "full"), (*HINTS, *VERDICTS))
            fitted, here = model.about.get("trafilatura"), version("trafilatura")
            if fitted == here:
                asked = ask_trafilatura(html, url)
                hints = np.hstack([page.hints, verdict_hints(page.document, asked.kept)])
                judge = Fitted(model, kinds, hints, page.declared)
                return _Given(page.document, judge, page.marks, {**told, **asked.told})
            warnings = (f"the model knows trafilatura {fitted}, not {here}; its verdict on this page is left out",)
        judge = Fitted(load_model(for_pages(text_model, "fast"), HINTS), kinds, page.hints, page.declared)
        return _Given(page.document, judge, page.marks, told, warnings)

    def _of_site(self, site: str) -> Cleaner:
        """The Cleaner with the settings of a site; this one where it has none of its own."""
        return self._sites.get(on_site(site, self._sites), self)

    def _check_size(self, source: str | bytes) -> None:
        # No encoding that we read has more than four bytes a character.
        size = len(source) if isinstance(source, str) else len(source) // 4
        if size > self.config.max_chars:
            raise DocumentError(
                f"{len(source):,} {'characters' if isinstance(source, str) else 'bytes'} are over the limit of "
                f"{self.config.max_chars:,} characters; split the document or raise max-chars"
            )

    def _settle(self, given: _Given) -> _Settled:
        """Decide, then decide again on what is left, until nothing more goes: cleaning twice is cleaning once.

        A later pass sees blocks anew, and may see them cut otherwise. Where that cannot be told in blocks of the
        first pass, or where it does not end, or takes too much, everything stays: that too is a fixed point.
        A page of HTML is looked at again as the text that it has become; where that does not settle, the first pass
        stands.
        """
        document = given.document
        memo: Memo = {}
        verdicts, first, page = self._pass(document, memo, given.fitted or self._fitted)
        warnings, words = first.warnings, first.features.words.tolist()
        total = sum(words)
        left = sum(n for n, v in zip(words, verdicts, strict=True) if not v.removed)
        settled = list(verdicts)
        budget = max(_LATER_WORDS, int(left * _LATER_SHARE))
        for _ in range(_PASSES):
            kept = [b for b in document.blocks if not settled[b.index].removed]
            if len(kept) == len(document.blocks):
                return _Settled(document, tuple(settled), warnings, first, page)
            if not kept:
                warnings = (*warnings, "nothing is left of this document")
                return _Settled(document, tuple(settled), warnings, first, page)
            rest = segment(document.join(kept), format=document.format, url=document.url, language=document.language)
            again, detection, _page = self._pass(rest, memo, self._again)
            counts = detection.features.words.tolist()
            warnings = tuple(dict.fromkeys((*warnings, *detection.warnings)))
            gone = [v for v in again if v.removed]
            if not gone:
                return _Settled(document, tuple(settled), warnings, first, page)
            budget -= sum(counts[v.block] for v in gone)
            moved = _translate(document, kept, rest, gone)
            if moved is None or budget < 0:
                break
            for verdict in moved:
                settled[verdict.block] = verdict
        if given.fitted is not None:
            return _Settled(document, verdicts, warnings, first, page)
        reason = f"decisions on this document of {total} words did not settle; everything was kept"
        return _Settled(document, _all_kept(document, verdicts), (*warnings, reason), first, page)

    def _pass(
        self, document: Document, memo: Memo, fitted: Fitted | None
    ) -> tuple[tuple[Verdict, ...], Detection, PageKind]:
        """Verdicts, what was detected, and the kind of page, from one look at `document`."""
        detection = detect(document, self.rules, timeout=self.config.pattern_timeout, memo=memo)
        config = self.config
        verdicts, page = decide(document, detection, self.rules, config.strictness, config.policies, fitted)
        if config.collapse:
            verdicts = self._collapse(document, verdicts, detection)
        return verdicts, detection, page

    def _collapse(self, document: Document, verdicts: tuple[Verdict, ...], detection: Detection) -> tuple[Verdict, ...]:
        """Remove paragraphs that repeat an earlier one that stays."""
        result = list(verdicts)
        skip = {v.block for v in verdicts if v.removed or v.protected}
        words = detection.features.words.tolist()
        for rule in self.rules.of_kind("repetition"):
            if rule.copies == "near" and rule.score:
                for evidence in copied_paragraphs(
                    document, rule, words, detection.tags, threshold=self.config.near_duplicate, skip=skip
                ):
                    result[evidence.block] = result[evidence.block].plus(evidence)
        return tuple(result)


def _parsed(html: str, url: str | None, language: str | None) -> Page | None:
    """`read_page`. Raises DocumentError where it cannot be parsed."""
    from lxml import etree

    try:
        return read_page(html, url=url, language=language)
    except (ValueError, AssertionError, RecursionError, etree.LxmlError) as error:
        if isinstance(error, etree.ParserError) or not html.strip():
            return None  # nothing in it
        raise DocumentError(f"cannot be parsed as HTML ({type(error).__name__}: {error})") from error


def _headings_rather(document: Document, verdicts: tuple[Verdict, ...]) -> tuple[Verdict, ...]:
    """Of a title that stands twice on a page, the heading stays: not the end of the path or of the menu above it."""
    result = list(verdicts)
    for verdict in verdicts:
        copies = [e for e in verdict.evidence if e.copy_of is not None and e.score > 0]
        if not (verdict.removed and copies and document.blocks[verdict.block].kind is Kind.HEADING):
            continue
        first = result[copies[0].copy_of or 0]
        if first.removed or first.protected or document.blocks[first.block].kind is Kind.HEADING:
            continue
        claim = dataclasses.replace(
            copies[0], block=first.block, span=document.blocks[first.block].body, copy_of=verdict.block
        )
        rest = tuple(e for e in verdict.evidence if e not in copies)
        heading = dataclasses.replace(verdict, evidence=rest, score=sum(e.score for e in rest))
        if (gone := first.plus(claim)).removed and not heading.removed:
            result[first.block], result[verdict.block] = gone, heading
    return tuple(result)


def _translate(document: Document, kept: list[Block], rest: Document, gone: list[Verdict]) -> list[Verdict] | None:
    """Verdicts on blocks of `rest`, the kept blocks joined, told of the blocks of `document`; None where a block of
    `rest` is no union of whole blocks."""
    starts = [0]
    for block in kept:
        starts.append(starts[-1] + len(block.span))

    def offset(at: int, last: int) -> int:
        place = min(bisect_right(starts, at) - 1, last)
        return kept[place].span.start + at - starts[place]

    def moved(evidence: Evidence, target: Block, last: int) -> Evidence:
        span = Span(offset(evidence.span.start, last), offset(evidence.span.end, last))
        if not (target.span.start <= span.start and span.end <= target.span.end):
            span = target.body
        copy = evidence.copy_of
        if copy is not None:
            at = bisect_right(starts, rest.blocks[copy].body.start) - 1
            copy = kept[min(at, len(kept) - 1)].index
        return dataclasses.replace(evidence, block=target.index, span=span, copy_of=copy)

    result = []
    for verdict in gone:
        span = rest.blocks[verdict.block].span
        first, last = bisect_right(starts, span.start) - 1, bisect_right(starts, span.end) - 1
        if starts[first] != span.start or starts[last] != span.end:
            return None
        for place in range(first, last):
            evidence = tuple(moved(e, kept[place], place) for e in verdict.evidence)
            result.append(dataclasses.replace(verdict, block=kept[place].index, evidence=evidence))
    return result


def _all_kept(document: Document, verdicts: Iterable[Verdict] = ()) -> tuple[Verdict, ...]:
    """Every block kept; what spoke for removal is still shown, but the threshold is out of reach."""
    known = {v.block: v for v in verdicts}
    blank = Verdict(0, 0.0, THRESHOLDS["balanced"], ())
    return tuple(
        dataclasses.replace(known.get(b.index, blank), block=b.index, threshold=float("inf")) for b in document.blocks
    )


def _unsettled(result: Result, why: str) -> Result:
    verdicts = _all_kept(result.document, result.verdicts)
    return dataclasses.replace(result, verdicts=verdicts, warnings=(*result.warnings, f"{why}; everything was kept"))


def _information(
    document: Document, verdicts: Sequence[Verdict], first: Detection, rules: RuleSet
) -> dict[str, tuple[str, ...]]:
    """`Result.metadata`: removed lines by what they tell, corrections wherever they stand, title and language."""
    found: dict[str, list[str]] = {}
    if first.features.language:
        found["language"] = [first.features.language]
    top = (b for b in document.blocks if not verdicts[b.index].removed and first.tags[b.index] & _TITLES)
    if (block := next(top, None)) and "tail" not in first.tags[block.index]:
        found["title"] = [unmark(document.body(block)).strip(" \t\n#*_=-")]
    for verdict in verdicts:
        # The strongest claim that says what a line tells; evidence comes sorted by score.
        told = (rules.by_id[e.rule].metadata for e in verdict.evidence if e.rule in rules.by_id)
        key = next(filter(None, told), verdict.family if verdict.family in METADATA else None)
        if key and (verdict.removed or key == "correction"):
            found.setdefault(key, []).append(document.body(document.blocks[verdict.block]))
    return {key: tuple(lines) for key, lines in found.items()}


def _load_rules(config: Config) -> RuleSet:
    builtin = builtin_rules()
    own = [rule for path in config.extend_rules for rule in load_pack(path)]
    keeps = [_user_keep(number, pattern) for number, pattern in enumerate(config.keep, 1)]
    rules = combine((*builtin, *own, *keeps)) if own or keeps else builtin
    for failure in check_rules(rules, {rule.id for rule in own}):
        raise RuleError(failure.message)
    for name in config.policies:
        if name not in rules.by_id:
            raise ConfigError(f"keep-policy: unknown rule {name!r}; `cleaner rules list` names them all")
    if config.preview:
        rules = combine(
            dataclasses.replace(rule, status="stable") if rule.status == "preview" else rule for rule in rules
        )
    return select_rules(rules, config.select, config.ignore, config.extend_select)


def _user_keep(number: int, pattern: str) -> Rule:
    return Rule(
        id=f"USER{number:03d}",
        name=f"user-keep-{number}",
        family="keep",
        kind="phrase",
        summary="A block that the configuration keeps.",
        explain="Set by `keep` in the configuration.",
        score=-9.0,
        since="0.1.0",
        where=Where(min_words=0, max_words=10**9),
        any=(pattern,),
        case=True,
        absolute=True,
        source=f"keep pattern {number}",
    )


def explain(
    source: str | bytes,
    *,
    url: str | None = None,
    format: str = "auto",
    config: Config | None = None,
    profile: object = None,
    language: str | None = None,
) -> Result:
    """`Cleaner(config).explain(source, ...)`."""
    return _cleaner(config).explain(source, url=url, format=format, profile=profile, language=language)


def clean(
    source: str | bytes,
    *,
    url: str | None = None,
    format: str = "auto",
    config: Config | None = None,
    profile: object = None,
    language: str | None = None,
    output: str = "text",
) -> str:
    """The core prose of a document: `Cleaner(config).clean(source, ...)`.

    >>> clean("Wind is air that moves.\\n\\nShare on Facebook\\n\\nIt moves from high pressure to low.\\n")
    'Wind is air that moves.\\n\\nIt moves from high pressure to low.\\n'
    """
    cleaner = _cleaner(config)
    return cleaner.clean(source, url=url, format=format, profile=profile, language=language, output=output)


_CLEANERS: dict[Config, Cleaner] = {}


def _cleaner(config: Config | None) -> Cleaner:
    """One Cleaner a configuration, so that `clean` in a loop loads its rules once."""
    config = config or Config()
    if config not in _CLEANERS:
        if len(_CLEANERS) >= 16:
            _CLEANERS.clear()
        _CLEANERS[config] = Cleaner(config)
    return _CLEANERS[config]
