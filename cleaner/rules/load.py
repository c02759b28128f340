"""TOML packs into rules. Whatever is wrong with a pack is said with its file, line and rule."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import regex
import tomli

from cleaner.errors import ConfigError, RuleError
from cleaner.fingerprint import fold
from cleaner.language import LANGUAGES
from cleaner.rules.model import (
    COPIES,
    FAMILIES,
    KEEP_POLICIES,
    KINDS,
    METADATA,
    OFF,
    PLACES,
    STATUSES,
    Rule,
    RuleSet,
    Where,
    line_key,
)

__all__ = ["builtin_rules", "combine", "load_pack", "parse_pack", "select_rules"]

_ID = regex.compile(r"[A-Z]{2,5}\d{3}")
_NAME = regex.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_HEADER = regex.compile(r"^\s*\[\[\s*rule\s*\]\]", regex.MULTILINE)
_TEXTS = (
    "id",
    "name",
    "family",
    "kind",
    "summary",
    "explain",
    "since",
    "status",
    "keep",
    "copies",
    "successor",
    "metadata",
)
_LISTS = (
    "languages",
    "keywords",
    "any",
    "lines",
    "openings",
    "contains",
    "unless",
    "tags",
    "needs",
    "beside",
    "must_match",
    "must_not_match",
    "known_miss",
    "overrides",
)
_LITERALS = ("lines", "openings", "contains")
_FLAGS = ("whole", "case", "absolute", "yields", "supports")
_COUNTS = ("min_copies", "min_words", "last")
_KNOWN = frozenset((*_TEXTS, *_LISTS, *_FLAGS, *_COUNTS, "score", "where"))
_NEEDED = ("id", "name", "family", "kind", "summary", "explain", "score", "since")
_WHERE_LISTS = ("kinds", "tags", "not_tags", "sites")


@cache
def builtin_rules() -> RuleSet:
    """The rules that come with the package, in the order of their ids."""
    packs = resources.files("cleaner.rules").joinpath("packs")
    rules: list[Rule] = []
    for entry in sorted(packs.iterdir(), key=lambda e: e.name):
        if entry.name.endswith(".toml"):
            # The tests check them in full; to do so here, and to compile every pattern, would only cost time.
            rules += parse_pack(entry.read_text(encoding="utf-8"), entry.name, compiled=False)
    return combine(rules)


def load_pack(path: str | Path) -> list[Rule]:
    """The rules of one TOML file. Raises RuleError naming file, line and rule."""
    try:
        text = Path(path).read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise RuleError(f"{path}: not UTF-8 (byte offset {error.start}); save the rule pack as UTF-8") from error
    except OSError as error:
        raise RuleError(f"{path}: cannot read the rule pack: {error.strerror}") from error
    return parse_pack(text, str(path))


def parse_pack(text: str, name: str, *, compiled: bool = True) -> list[Rule]:
    """The rules in the text of a pack; `name` is the file named in errors. With `compiled`, every
    value is checked and every pattern tried."""
    try:
        data = tomli.loads(text)
    except tomli.TOMLDecodeError as error:
        raise RuleError(f"{name}: not valid TOML: {error}") from error
    if unknown := sorted(data.keys() - {"pack", "rule"}):
        raise RuleError(f"{name}: unknown table {unknown[0]!r}; a pack has [pack] and [[rule]]")
    defaults, tables = data.get("pack", {}), data.get("rule", [])
    if not isinstance(defaults, dict) or not isinstance(tables, list) or not all(isinstance(t, dict) for t in tables):
        raise RuleError(f"{name}: [pack] must be a table and [[rule]] an array of tables")
    starts = [text.count("\n", 0, m.end()) + 1 for m in _HEADER.finditer(text)]
    lines = text.split("\n")
    rules = []
    for index, table in enumerate(tables):
        start = starts[index] if index < len(starts) else 1
        stop = starts[index + 1] - 1 if index + 1 < len(starts) else len(lines)
        rules.append(_Reader(defaults | table, name, start, lines[start - 1 : stop]).rule(compiled))
    return rules


def combine(rules: Iterable[Rule]) -> RuleSet:
    """One set, sorted by id. Raises RuleError where ids clash or a region rule names a tag that nothing gives."""
    seen: dict[str, Rule] = {}
    for rule in rules:
        if rule.id in seen:
            raise RuleError(f"{rule.source}: {rule.id}: id already taken by {seen[rule.id].source}; choose another")
        seen[rule.id] = rule
    result = RuleSet(tuple(seen[key] for key in sorted(seen)))
    absolute = [rule for rule in result if rule.absolute and rule.kind == "region"]
    for rule in result:
        named = set(rule.beside) | set(rule.needs) | rule.where.tags | rule.where.not_tags
        if rule.kind == "region":
            named = named.union(*(shape.tags for shape in rule.shapes))
        if unknown := sorted(named - result.tags - FAMILIES.keys()):
            raise RuleError(f"{rule.source}: {rule.id}: unknown tag {unknown[0]!r}")
        _check_overrides(rule, seen, absolute)
        if rule.successor and rule.successor not in seen:
            raise RuleError(f"{rule.source}: {rule.id}: successor {rule.successor!r} does not exist")
    return result


def _check_overrides(rule: Rule, others: dict[str, Rule], absolute: list[Rule]) -> None:
    """What is absolute stays absolute: overriding it is an error, not a silence."""
    for name in rule.overrides:
        other = others.get(name)
        if other is None or other.family != "keep":
            raise RuleError(f"{rule.source}: {rule.id}: 'overrides' names {name!r}, which is no keep rule")
        if other.absolute:
            raise _overriding(rule, other)
    if rule.score > 0 and rule.kind == "phrase":
        for other in absolute:
            if rule.where.kinds & set(other.any):
                raise _overriding(rule, other)


def _overriding(rule: Rule, other: Rule) -> RuleError:
    return RuleError(
        f"{rule.source}: {rule.id} ({rule.name}) would override {other.id} ({other.name}), which is absolute; "
        f"take it off 'overrides' or 'where'"
    )


def select_rules(
    rules: RuleSet, select: Iterable[str] = (), ignore: Iterable[str] = (), extend: Iterable[str] = ()
) -> RuleSet:
    """The rules named in `select` (all that are on by default, where empty) and `extend`, less those in `ignore`; a
    name is an id or a family.

    Rules that give no evidence of their own (score 0) stay, since others build on their tags. Raises ConfigError
    for a name that is neither, and where `ignore` names an absolute keep rule.
    """
    select, ignore, extend = frozenset(select), frozenset(ignore), frozenset(extend)
    for name in sorted(select | ignore | extend):
        if name not in FAMILIES and name not in rules.by_id:
            raise ConfigError(f"unknown rule or family {name!r}; `cleaner rules list` names them all")
    for rule in rules:
        if rule.absolute and {rule.id, rule.family} & ignore:
            raise ConfigError(f"ignore would override {rule.id} ({rule.name}), which is absolute and cannot be ignored")

    def wanted(rule: Rule) -> bool:
        names = {rule.id, rule.family}
        on = bool(names & select) if select else rule.family not in OFF
        return (on or bool(names & extend) or rule.family == "keep") and not names & ignore

    return RuleSet(
        tuple(
            rule if wanted(rule) else replace(rule, score=0.0, tags=tuple(sorted(rule.gives)))
            for rule in rules
            if wanted(rule) or (rule.kind == "phrase" and rule.gives)
        )
    )


class _Reader:
    """Reads one rule's table and knows on which line each key stands."""

    def __init__(self, table: dict[str, Any], name: str, start: int, lines: list[str]) -> None:
        self.table, self.name, self.start, self.lines = table, name, start, lines

    def fail(self, key: str, message: str) -> RuleError:
        at = self.start
        for offset, line in enumerate(self.lines):
            if regex.match(rf"\s*{regex.escape(key)}(?:\s*=|\.)", line):
                at += offset
                break
        return RuleError(f"{self.name}:{at}: {self.table.get('id', 'rule without id')}: {message}")

    def rule(self, compiled: bool) -> Rule:
        table = self.table
        for key in table:
            if key not in _KNOWN:
                raise self.fail(key, f"unknown key {key!r}")
        for key in _NEEDED:
            if key not in table:
                raise self.fail(key, f"key {key!r} is missing")
        if compiled:
            self._types()
            self._values()
        where = self._where()
        values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in table.items() if k != "where"}
        values["score"] = float(values["score"])
        rule = Rule(**values, where=where, source=f"{self.name}:{self.start}")
        if compiled:
            self._compile(rule)
        return rule

    def _types(self) -> None:
        def strings(value: object) -> bool:
            return isinstance(value, list) and all(isinstance(v, str) and v for v in value)

        checks: list[tuple[tuple[str, ...], Callable[[object], bool], str]] = [
            (_TEXTS, lambda v: isinstance(v, str) and bool(v.strip()), "a text that is not empty"),
            (_LISTS, strings, "a list of texts that are not empty"),
            (_FLAGS, lambda v: isinstance(v, bool), "true or false"),
            (_COUNTS, lambda v: isinstance(v, int) and not isinstance(v, bool) and v >= 1, "a whole number from 1"),
            (
                ("score",),
                lambda v: isinstance(v, int | float) and not isinstance(v, bool) and abs(v) <= 20,
                "-20 to 20",
            ),
        ]
        for keys, holds, wording in checks:
            for key in keys:
                if key in self.table and not holds(self.table[key]):
                    raise self.fail(key, f"{key!r} must be {wording}, not {self.table[key]!r}")

    def _values(self) -> None:
        table = self.table
        choices: tuple[tuple[str, Iterable[str]], ...] = (
            ("family", FAMILIES),
            ("kind", KINDS),
            ("status", STATUSES),
            ("keep", KEEP_POLICIES),
            ("copies", COPIES),
            ("metadata", METADATA),
        )
        for key, allowed in choices:
            if key in table and table[key] not in allowed:
                raise self.fail(key, f"{key} {table[key]!r} is none of {', '.join(allowed)}")
        if not _ID.fullmatch(table["id"]):
            raise self.fail("id", "an id is two to five capitals and three digits, as PRO012")
        if not _NAME.fullmatch(table["name"]):
            raise self.fail("name", f"name {table['name']!r} is not in kebab-case")
        self._parts(table["kind"])

    def _parts(self, kind: str) -> None:
        """What each kind of rule must have."""
        table = self.table
        if kind == "region" and not table.get("any"):
            raise self.fail("any", "a region rule needs patterns in 'any'")
        if kind == "phrase" and not any(table.get(key) for key in ("any", *_LITERALS)):
            raise self.fail(
                "any", "a phrase rule needs patterns in 'any', or literals in 'lines', 'openings', 'contains'"
            )
        for key in _LITERALS:
            self._literals(key, kind)
        for code in table.get("languages", ()):
            if code not in LANGUAGES:
                raise self.fail("languages", f"language {code!r} is none of {', '.join(sorted(LANGUAGES))}")
        if kind == "repetition" and not table.get("copies"):
            raise self.fail("copies", "a repetition rule needs 'copies'")
        if table.get("supports") and table.get("status") != "preview":
            raise self.fail("supports", "'supports' is for preview rules: others count by themselves")
        if table.get("status", "stable") != "removed" and not table.get("must_match"):
            raise self.fail("must_match", "a rule needs at least one example in 'must_match'")
        for keyword in table.get("keywords", ()):
            if keyword != keyword.lower():
                raise self.fail("keywords", f"keyword {keyword!r} must be lower case: it is looked up in folded text")

    def _literals(self, key: str, kind: str) -> None:
        """Literals are compared with folded text: one that is not folded itself would never be met."""
        seen: set[str] = set()
        for literal in self.table.get(key, ()):
            plain = fold(literal) if key != "lines" else line_key(fold(literal))
            if kind != "phrase" or self.table.get("case"):
                raise self.fail(key, f"{key!r} is for phrase rules that see folded text")
            if literal != plain or literal != literal.strip():
                raise self.fail(key, f"{literal!r} in {key!r} must be written {plain.strip()!r}: as folded text has it")
            if literal in seen:
                raise self.fail(key, f"{literal!r} stands in {key!r} twice")
            seen.add(literal)

    def _where(self) -> Where:
        raw = self.table.get("where", {})
        if not isinstance(raw, dict):
            raise self.fail("where", "'where' must be a table")
        for key, value in raw.items():
            if key not in Where.__dataclass_fields__:
                raise self.fail("where", f"unknown key {key!r} in 'where'")
            if key in _WHERE_LISTS and not (isinstance(value, list) and all(isinstance(v, str) for v in value)):
                raise self.fail("where", f"{key!r} in 'where' must be a list of texts")
            if key == "place" and value not in PLACES:
                raise self.fail("where", f"place {value!r} is none of {', '.join(PLACES)}")
            whole = isinstance(value, int) and not isinstance(value, bool) and value >= 0
            if key in ("min_words", "max_words", "min_digits") and not whole:
                raise self.fail("where", f"{key!r} in 'where' must be a whole number from 0")
        values: dict[str, Any] = {k: frozenset(v) if k in _WHERE_LISTS else v for k, v in raw.items()}
        return Where(**values)

    def _compile(self, rule: Rule) -> None:
        if rule.kind == "region":
            keys: tuple[tuple[str, Callable[[], object]], ...] = (("any", lambda: [s.pattern for s in rule.shapes]),)
        else:
            keys = (("any", lambda: rule.patterns), ("unless", lambda: rule.exceptions))
        for key, compile_all in keys:
            try:
                compile_all()
            except regex.error as error:
                raise self.fail(key, f"pattern does not compile: {error}") from error
