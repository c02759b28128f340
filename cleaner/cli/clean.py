"""`cleaner clean`: one document to standard output."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from cleaner.batch import encoded
from cleaner.cli.options import cleaner_options, make_cleaner, output_format
from cleaner.errors import CleanerError, DocumentError, reason
from cleaner.evidence import Result
from cleaner.io.files import read_document, read_stream, suffix_format, write_atomically
from cleaner.pipeline import FORMATS, Cleaner

__all__ = ["clean", "explain_file"]


@click.command()
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True), default="-")
@click.option("--format", "form", type=click.Choice(FORMATS), default="auto", help="What FILE is (default: see below).")
@click.option("--url", help="Where the page came from; settings and rules of that site count.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write here, atomically, instead.")
@output_format("out_form")
@cleaner_options
def clean(file: Path, form: str, url: str | None, output: Path | None, out_form: str, **options: Any) -> None:
    """Print the core prose of FILE (standard input without one).

    Plain text, Markdown and HTML are told apart by the name of the file, or else by what is in it. Text comes out in
    the encoding it came in, HTML as UTF-8: plain text, or Markdown.

    \b
    cleaner clean page.html
    curl -s https://example.org/ | cleaner clean --format html
    """
    cleaner = make_cleaner(options)
    result = explain_file(cleaner, file, form, url)
    for line in result.warnings:
        click.echo(f"cleaner: {name_of(file)}: warning: {line}", err=True)
    data = encoded(result, out_form == "markdown")
    if output is not None:
        try:
            write_atomically(output, data)
        except OSError as error:
            name = click.format_filename(output)
            raise DocumentError(f"{name}: cannot be written: {reason(error)}") from error
    elif sys.stdout is not None:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()


def explain_file(cleaner: Cleaner, file: Path, form: str, url: str | None = None) -> Result:
    """Read and explain one file or standard input. Raises CleanerError with the file's name in front."""
    try:
        if str(file) == "-":
            if sys.stdin is None:
                raise DocumentError("is closed; name a file")
            data = read_stream(sys.stdin.buffer, cleaner.config.max_chars)
        else:
            data = read_document(file, cleaner.config.max_chars)
            if form == "auto" and (promised := suffix_format(file)) in ("markdown", "html"):
                form = promised
        return cleaner.explain(data, format=form, url=url)
    except CleanerError as error:
        raise type(error)(f"{name_of(file)}: {error}") from error


def name_of(file: Path) -> str:
    return "standard input" if str(file) == "-" else click.format_filename(file)
