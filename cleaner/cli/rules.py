"""`cleaner rules`: list, show, test, document and scaffold rules, from the data that decides."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from cleaner.errors import ConfigError, RuleError, reason
from cleaner.examples import check_examples, check_rules
from cleaner.io.files import write_atomically
from cleaner.report.rulepage import rule_lines, rule_pages
from cleaner.rules import FAMILIES, RuleSet, builtin_rules, load_pack
from cleaner.rules.load import combine, parse_pack
from cleaner.rules.scaffold import scaffold
from cleaner.rules.statistics import statistics

__all__ = ["rules"]


@click.group()
def rules() -> None:
    """List, show, test and document the rules, and begin new ones."""


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
            click.echo(f"{rule.id}  {rule.family:15} {rule.name:28} {rule.status:8} {rule.score:+5.1f}  {rule.summary}")


@rules.command("show")
@click.argument("rule_id", metavar="ID")
@_pack
def show_rule(rule_id: str, extend_rules: tuple[str, ...]) -> None:
    """Everything about one rule, with the examples it is held to."""
    loaded = _load(extend_rules)
    if rule_id not in loaded.by_id:
        raise ConfigError(f"no rule {rule_id!r}; `cleaner rules list` names them all")
    for line in rule_lines(loaded.by_id[rule_id], statistics().get(rule_id)):
        click.echo(line)


@rules.command("docs")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--check", is_flag=True, help="Write nothing; exit code 1 where a page is not current.")
def write_docs(folder: Path, check: bool) -> None:
    """Write the pages about all rules into FOLDER: one a family, and README.md over all."""
    pages = rule_pages(builtin_rules())
    stale = [name for name, text in pages.items() if not _is(folder / name, text)]
    stale += [p.name for p in sorted(folder.glob("*.md")) if p.name not in pages]
    if check:
        for name in stale:
            click.echo(f"cleaner: {folder / name}: not current; run `cleaner rules docs {folder}`", err=True)
        sys.exit(1 if stale else 0)
    for name in stale:
        try:
            if name in pages:
                folder.mkdir(parents=True, exist_ok=True)
                write_atomically(folder / name, pages[name].encode())
            else:
                (folder / name).unlink()
        except OSError as error:
            raise ConfigError(f"{folder / name}: cannot be written: {reason(error)}") from error


def _is(path: Path, text: str) -> bool:
    return path.is_file() and path.read_bytes() == text.encode()


@rules.command("new")
@click.argument("rule_id", metavar="ID")
@click.option("--name", required=True, help="In kebab-case; says what the rule finds.")
@click.option("--family", type=click.Choice(sorted(FAMILIES)), required=True, help="What it is about.")
@click.option("--match", "matches", multiple=True, required=True, metavar="LINE", help="A line to claim; repeatable.")
@click.option("--miss", "misses", multiple=True, metavar="TEXT", help="Prose that must stay; repeatable.")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Add it to this pack.")
def new_rule(
    rule_id: str, name: str, family: str, matches: tuple[str, ...], misses: tuple[str, ...], output: Path | None
) -> None:
    """Scaffold a rule with its examples: print it, or add it to a pack of your own.

    \b
    cleaner rules new OWN001 --name weather-line --family navigation \\
        --match "Weather: 21 °C" --miss "It was 21 °C in the shade." -o own.toml
    cleaner rules test --extend-rules own.toml
    """
    text = scaffold(rule_id, name, family, matches, misses)
    before = ""
    if output is not None and output.exists():
        own = load_pack(output)
        before = output.read_text(encoding="utf-8").rstrip() + "\n\n"
    else:
        own = []
    added = parse_pack(text, "new rule")
    loaded = combine((*builtin_rules(), *own, *added))
    for failure in check_rules(loaded, {rule_id}):
        raise RuleError(failure.message)
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        write_atomically(output, (before + text).encode())
    except OSError as error:
        raise ConfigError(f"{output}: cannot be written: {reason(error)}") from error
    click.echo(
        f"{rule_id} added to {output}; use it with extend-rules, and test it with `cleaner rules test`", err=True
    )


@rules.command("test")
@click.argument("ids", metavar="[ID]...", nargs=-1)
@_pack
def test_rules(ids: tuple[str, ...], extend_rules: tuple[str, ...]) -> None:
    """Hold every rule (or those named) to its examples; exit code 1 where one fails."""
    loaded = _load(extend_rules)
    for name in ids:
        if name not in loaded.by_id:
            raise ConfigError(f"no rule {name!r}; `cleaner rules list` names them all")
    wanted = [rule for rule in loaded if not ids or rule.id in ids]
    builtin = builtin_rules().by_id
    own = {rule.id for rule in wanted if rule.id not in builtin}
    failures = [*check_rules(loaded, own), *check_examples(loaded, {rule.id for rule in wanted} - own)]
    for failure in failures:
        click.echo(failure.message, err=True)
    examples = sum(len(r.must_match) + len(r.must_not_match) + len(r.known_miss) for r in wanted)
    click.echo(f"{len(wanted)} rules, {examples} examples, {len(failures)} failures")
    sys.exit(1 if failures else 0)
