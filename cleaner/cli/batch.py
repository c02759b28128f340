"""`cleaner batch`: folders, mirrored."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from cleaner.batch import find_jobs, run_batch
from cleaner.cli.options import cleaner_options, make_cleaner, output_format
from cleaner.errors import ConfigError, reason
from cleaner.evidence import PAGE_KINDS
from cleaner.report import summary_lines

__all__ = ["batch"]


@click.command()
@click.argument("inputs", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="IN...")
@click.option(
    "-o", "--output", required=True, type=click.Path(path_type=Path), help="Folder to write to; made if needed."
)
@output_format("form")
@click.option("--kinds", help="Write only pages of these kinds, with commas between: article,documentation,...")
@click.option("--by-kind", is_flag=True, help="Write each page into a folder of OUT named by its kind.")
@click.option("-q", "--quiet", is_flag=True, help="No summary; failures are still reported.")
@cleaner_options
def batch(
    inputs: tuple[Path, ...], output: Path, form: str, kinds: str | None, by_kind: bool, quiet: bool, **options: Any
) -> None:
    """Clean every .txt, .md and .html file in the folders IN (or the files IN) into a mirrored folder.

    An .html file becomes a .txt file, or .md with --output-format markdown. A file that cannot be cleaned is reported
    on standard error and not written; the rest goes on, and the exit code is 1.

    \b
    cleaner batch scraped/ -o cleaned/
    cleaner batch scraped/ -o cleaned/ --kinds article,forum --by-kind
    """
    wanted = _kinds(kinds)
    cleaner = make_cleaner(options)
    markdown = form == "markdown"
    jobs = find_jobs(inputs, output, markdown=markdown)
    if not jobs:
        raise ConfigError(f"{click.format_filename(inputs[0])}: no .txt, .md or .html file in it")
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"{click.format_filename(output)}: cannot be made: {reason(error)}") from error

    def report(path: Path, why: str) -> None:
        click.echo(f"cleaner: {click.format_filename(path)}: {why}", err=True)

    summary = run_batch(
        cleaner, jobs, markdown=markdown, kinds=wanted, by_kind=output if by_kind else None, on_failure=report
    )
    if not quiet:
        for line in summary_lines(summary):
            click.echo(line, err=True)
    sys.exit(1 if summary.failures else 0)


def _kinds(named: str | None) -> frozenset[str]:
    """Raises ConfigError for a kind that there is not."""
    found = frozenset(name.strip() for name in (named or "").split(",") if name.strip())
    if unknown := sorted(found - set(PAGE_KINDS)):
        raise ConfigError(f"--kinds: no kind of page {unknown[0]!r}; there are {', '.join(PAGE_KINDS)}")
    return found
