"""A new rule to start from: a pack with one rule that loads, with its examples."""

from __future__ import annotations

import json
from collections.abc import Sequence

from cleaner.errors import RuleError
from cleaner.fingerprint import fold
from cleaner.rules.model import MARK_END, MARK_START, line_core, line_key

__all__ = ["scaffold"]


def scaffold(rule_id: str, name: str, family: str, matches: Sequence[str], misses: Sequence[str]) -> str:
    """TOML of a phrase rule that claims each of the lines `matches` and none of `misses`.

    Raises RuleError where a line has no letter or digit to claim. Whether the rule loads, `parse_pack` says.
    """
    cores = [core[0] if (core := line_core(line)) else "" for line in matches]
    if not all(cores):
        raise RuleError(f"{rule_id}: a line to claim needs a letter or a digit: give another with --match")
    lines = list(dict.fromkeys(line_key(fold(core)) for core in cores))
    return "\n".join(
        (
            "[[rule]]",
            f"id = {_toml(rule_id)}",
            f"name = {_toml(name)}",
            f"family = {_toml(family)}",
            'kind = "phrase"',
            f"summary = {_toml('TODO: what it finds, in one sentence.')}",
            f"explain = {_toml('TODO: why that is no prose.')}",
            "# Log-odds. A block goes when the sum is over 0; it begins at -1.5, and running text has -2.5 more.",
            "score = 3.0",
            'since = "0.1.0"',
            "# Whole lines, lower case, {n} for a number. Beside them: openings, contains, and patterns in `any`.",
            f"lines = [{', '.join(map(_toml, lines))}]",
            f"must_match = [{', '.join(_toml(_marked(m, c)) for m, c in zip(matches, cores, strict=True))}]",
            "# Two sentences at least in which these words are prose.",
            f"must_not_match = [{', '.join(map(_toml, misses))}]",
            "",
        )
    )


def _marked(line: str, core: str) -> str:
    return line.replace(core, f"{MARK_START}{core}{MARK_END}", 1)


def _toml(text: str) -> str:
    # A JSON string is a TOML basic string, where nothing outside ASCII needs an escape.
    return json.dumps(text, ensure_ascii=False)
