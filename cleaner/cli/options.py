"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import click

from cleaner.config import HTML_MODES, Config, find_config
from cleaner.decide import THRESHOLDS
from cleaner.language import LANGUAGES
from cleaner.pipeline import OUTPUTS, Cleaner

__all__ = ["cleaner_options", "make_cleaner", "output_format"]

F = TypeVar("F", bound=Callable[..., Any])

_OPTIONS = (
    click.option("--config", "config_path", type=click.Path(path_type=Path), help="Settings file (cleaner.toml)."),
    click.option("--isolated", is_flag=True, help="Look for no settings file."),
    click.option("--strictness", type=click.Choice(list(THRESHOLDS)), help="How sure removal must be."),
    click.option("--select", multiple=True, metavar="ID|FAMILY", help="Use only these rules; repeatable."),
    click.option("--ignore", multiple=True, metavar="ID|FAMILY", help="Do without these rules; repeatable."),
    click.option("--extend-rules", multiple=True, metavar="FILE", help="A rule pack of your own; repeatable."),
    click.option("--extend-select", multiple=True, metavar="ID|FAMILY", help="Use these besides; repeatable."),
    click.option("--preview", is_flag=True, default=None, help="Let preview rules remove, which only flag otherwise."),
    click.option("--model", metavar="standard|none|FILE", help="The prose model; none: the rules alone."),
    click.option("--html", type=click.Choice(HTML_MODES), help="Whether trafilatura is asked about HTML pages, too."),
    click.option("--keep", multiple=True, metavar="REGEX", help="Never remove a block that matches; repeatable."),
    click.option("--encoding", help="Encoding of text inputs (default: UTF-8 or by byte-order mark)."),
    click.option("--language", type=click.Choice(sorted(LANGUAGES)), help="Language (default: told from each text)."),
    click.option("--max-chars", type=click.IntRange(1), help="Longest document accepted (default: 134,217,728)."),
)


def cleaner_options(command: F) -> F:
    """Add the options that make a configuration."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def output_format(name: str) -> Callable[[F], F]:
    """The option that says what HTML becomes, under the name that the command gives it."""
    choices = click.Choice(OUTPUTS)
    return click.option(
        "--output-format", name, type=choices, default="text", help="What HTML becomes (text stays text)."
    )


def make_cleaner(options: dict[str, Any]) -> Cleaner:
    """A Cleaner from the settings file, where there is one, and the options given, which win."""
    path = options.pop("config_path")
    isolated = options.pop("isolated")
    if path is None and not isolated:
        path = find_config(Path.cwd())
    config = Config() if path is None else Config.load(path)
    given = {name: value for name, value in options.items() if value not in (None, ())}
    return Cleaner(replace(config, **given))
