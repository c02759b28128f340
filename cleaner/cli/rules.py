"""`cleaner rules`: list, show and test the rules, from the data that decides."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from cleaner.errors import ConfigError
from cleaner.examples import check_examples
from cleaner.rules import FAMILIES, Rule, RuleSet, builtin_rules, load_pack
from cleaner.rules.load import combine

__all__ = ["rules"]


@click.group()
def rules() -> None:
    """List, show and test the rules."""


_pack = click.option("--extend-rules", multiple=True, metavar="FILE", help="A rule pack of your own; repeatable.")


def _load(extend_rules: tuple[str, ...]) -> RuleSet:
    if not extend_rules:
        return builtin_rules()
    return combine((*builtin_rules(), *(rule for path in extend_rules for rule in load_pack(Path(path)))))


@rules.command("list")
@click.option("--family", type=click.Choice(list(FAMILIES)), help="Only this family.")
@_pack
def list_rules(family: str | None, extend_rules: tuple[str, ...]) -> None:
    """One line a rule: id, family, name, score, summary."""
    for rule in _load(extend_rules):
        if family in (None, rule.family):
            click.echo(f"{rule.id}  {rule.family:15} {rule.name:28} {rule.score:+5.1f}  {rule.summary}")


@rules.command("show")
@click.argument("rule_id", metavar="ID")
@_pack
def show_rule(rule_id: str, extend_rules: tuple[str, ...]) -> None:
    """Everything about one rule, with the examples it is held to."""
    loaded = _load(extend_rules)
    if rule_id not in loaded.by_id:
        raise ConfigError(f"no rule {rule_id!r}; `cleaner rules list` names them all")
    for line in _page(loaded.by_id[rule_id]):
        click.echo(line)


def _page(rule: Rule) -> Iterator[str]:
    yield f"{rule.id} {rule.name} ({rule.family}, {rule.kind}, {rule.status}, since {rule.since})"
    yield f"score {rule.score:+g} log-odds" + (", absolute: no rule overrules it" if rule.absolute else "")
    yield ""
    yield rule.summary
    yield rule.explain
    if rule.languages:
        yield f"languages: {', '.join(rule.languages)}"
    for title, examples in (
        ("claims what is marked:", rule.must_match),
        ("must not match:", rule.must_not_match),
        ("known to miss:", rule.known_miss),
    ):
        if examples:
            yield ""
            yield title
            for number, example in enumerate(examples):
                if number and "\n" in example.strip():
                    yield "    ~"
                yield from (f"    {line}" for line in example.strip("\n").split("\n"))


@rules.command("test")
@_pack
def test_rules(extend_rules: tuple[str, ...]) -> None:
    """Hold every rule to its examples; exit code 1 where one fails."""
    loaded = _load(extend_rules)
    failures = list(check_examples(loaded))
    for failure in failures:
        click.echo(failure.message, err=True)
    examples = sum(len(r.must_match) + len(r.must_not_match) + len(r.known_miss) for r in loaded)
    click.echo(f"{len(loaded)} rules, {examples} examples, {len(failures)} failures")
    sys.exit(1 if failures else 0)
