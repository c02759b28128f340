"""`cleaner explain`: the document with what goes, and why."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import click

from cleaner.cli.clean import explain_file
from cleaner.cli.options import cleaner_options, make_cleaner
from cleaner.pipeline import FORMATS
from cleaner.report import as_json, explain_lines

__all__ = ["explain"]


@click.command()
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True), default="-")
@click.option("--format", "form", type=click.Choice(FORMATS), default="auto", help="What FILE is.")
@click.option("--url", help="Where the page came from; settings and rules of that site count.")
@click.option("--removed", is_flag=True, help="Show only what goes.")
@click.option("--json", "as_data", is_flag=True, help="Every block with offsets, verdict and evidence, as JSON.")
@click.option("--color/--no-color", "colour", default=None, help="Default: on a terminal, unless NO_COLOR is set.")
@cleaner_options
def explain(
    file: Path, form: str, url: str | None, removed: bool, as_data: bool, colour: bool | None, **options: Any
) -> None:
    """Show FILE block by block: what stays, what goes, by which rules, and how their scores add up.

    Lines that go begin with "-"; the number is that of the line in the text (for HTML: in the extracted text).
    """
    result = explain_file(make_cleaner(options), file, form, url)
    if as_data:
        click.echo(json.dumps(as_json(result), ensure_ascii=True, indent=1))
        return
    if colour is None:
        colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    for line in explain_lines(result, colour=colour, kept=not removed):
        click.echo(line, color=colour)
