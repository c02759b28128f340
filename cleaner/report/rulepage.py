"""The rules as Markdown: one text for `cleaner rules show` and for the pages in `docs/rules/`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from cleaner.features import TAGS
from cleaner.rules.model import FAMILIES, OFF, Rule, RuleSet
from cleaner.rules.statistics import Measured, statistics

__all__ = ["rule_lines", "rule_pages"]


def rule_lines(rule: Rule, measured: Measured | None = None) -> Iterator[str]:
    """One rule, as a section of Markdown."""
    yield f"## {rule.id} {rule.name}"
    yield ""
    yield rule.summary
    yield rule.explain
    yield ""
    yield f"- family {rule.family}, kind {rule.kind}, {rule.status}, since {rule.since}"
    yield f"- score {rule.score:+g} log-odds" + (", absolute: no rule overrules it" if rule.absolute else "")
    if rule.languages:
        yield f"- languages: {', '.join(rule.languages)}"
    yield from _settings(rule)
    if rule.score > 0 or rule.status == "preview":
        yield f"- measured: {_measured(measured)}"
    for key in ("lines", "openings", "contains"):
        if literals := getattr(rule, key):
            yield ""
            yield f"{key} ({len(literals)}): " + " · ".join(f"`{literal}`" for literal in literals)
    for title, patterns in (("patterns", rule.any), ("unless", rule.unless)):
        yield from _fenced(title, patterns)
    for title, examples in (
        ("claims what is marked", rule.must_match),
        ("must not match", rule.must_not_match),
        ("known to miss", rule.known_miss),
    ):
        yield from _fenced(title, examples)


def _settings(rule: Rule) -> Iterator[str]:
    for name in ("tags", "needs", "beside", "overrides"):
        if values := getattr(rule, name):
            yield f"- {name}: {', '.join(values)}"
    if rule.keep != "none":
        yield f"- keep policy: {rule.keep}"
    if rule.metadata:
        yield f"- metadata: {rule.metadata}"
    if rule.successor:
        yield f"- successor: {rule.successor}"


def _measured(measured: Measured | None) -> str:
    if measured is None:
        return "no hit on the development pages"
    line = (
        f"{measured.hits:,} hits on {measured.sites:,} unread sites, {measured.precision:.3f} of their words no prose "
        f"(at least {measured.low:.3f} with 95 % confidence)"
    )
    return line if measured.elsewhere is None else f"{line}; {measured.elsewhere:.3f} on pages that are no articles"


def _fenced(title: str, texts: Iterable[str]) -> Iterator[str]:
    texts = list(texts)
    if not texts:
        return
    yield ""
    yield f"{title}:"
    yield ""
    for number, text in enumerate(texts):
        if number and "\n" in text.strip():
            yield "    ~"
        yield from (f"    {line}" for line in text.strip("\n").split("\n"))


def rule_pages(rules: RuleSet) -> Mapping[str, str]:
    """File name -> text of the pages in `docs/rules/`: one a family, and `README.md` over all."""
    known = statistics()
    pages = {"README.md": "\n".join(_index(rules)) + "\n"}
    for family, about in FAMILIES.items():
        lines = [f"# {family}", "", f"{about[0].upper()}{about[1:]}."]
        if family in OFF:
            lines += ["", f'Off by default: `extend-select = ["{family}"]` switches it on.']
        for rule in (r for r in rules if r.family == family):
            lines += ["", *rule_lines(rule, known.get(rule.id))]
        pages[f"{family}.md"] = "\n".join(lines) + "\n"
    return pages


def _index(rules: RuleSet) -> Iterator[str]:
    yield "# All rules"
    yield ""
    yield "Written by `cleaner rules docs docs/rules` from the packs and from `cleaner/rules/statistics.json`, which"
    yield "`python bench/rules.py DATA --write` measures. [rules.md](../rules.md) says what the fields mean."
    yield ""
    yield "| rule | name | family | languages | status | score | hits | precision | at least |"
    yield "|---|---|---|---|---|---|---|---|---|"
    known = statistics()
    for rule in rules:
        row = known.get(rule.id)
        figures = f"{row.hits:,} | {row.precision:.3f} | {row.low:.3f}" if row else " | | "
        yield (
            f"| {rule.id} | [{rule.name}]({rule.family}.md#{rule.id.lower()}-{rule.name}) | {rule.family} "
            f"| {' '.join(rule.languages)} | {rule.status} | {rule.score:+g} | {figures} |"
        )
    yield ""
    yield "## Tags"
    yield ""
    yield "| tag | a block that |"
    yield "|---|---|"
    yield from (f"| `{tag}` | {meaning} |" for tag, meaning in TAGS.items())
