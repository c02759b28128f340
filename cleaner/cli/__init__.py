"""The `cleaner` command. Exit codes: 0 done, 1 some documents or rules failed, 2 nothing could be done."""

from __future__ import annotations

import sys

import click

from cleaner import __version__
from cleaner.cli.batch import batch
from cleaner.cli.clean import clean
from cleaner.cli.explain import explain
from cleaner.cli.rules import rules
from cleaner.errors import CleanerError

__all__ = ["cli", "main"]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="cleaner")
def cli() -> None:
    """Reduce scraped articles to their core prose.

    \b
    cleaner clean page.html              the prose, on standard output
    cleaner batch scraped/ -o cleaned/   a folder, mirrored
    cleaner explain page.txt             what goes, and why
    cleaner rules list                   the rules that decide

    Exit codes: 0 done; 1 some documents (batch) or examples (rules test) failed; 2 the input, the configuration or
    the call cannot be used.
    """


for _command in (clean, batch, explain, rules):
    cli.add_command(_command)


def main() -> None:
    """Run the command; every error is one line on standard error."""
    try:
        code = cli.main(standalone_mode=False)
    except click.exceptions.Exit as stop:
        code = stop.exit_code
    except click.ClickException as error:
        click.echo(f"cleaner: {error.format_message()}", err=True)
        code = 2
    except click.Abort:
        click.echo("cleaner: stopped", err=True)
        code = 130
    except CleanerError as error:
        click.echo(f"cleaner: {_one_line(str(error))}", err=True)
        code = 2
    except BrokenPipeError:
        # Whoever read our output has had enough; nothing is wrong.
        sys.stderr.close()
        code = 0
    except OSError as error:
        click.echo(f"cleaner: {_one_line(str(error))}", err=True)
        code = 2
    sys.exit(code if isinstance(code, int) else 0)


def _one_line(text: str) -> str:
    return " ".join(text.splitlines())
