"""Rules over text that is clean already: every hit is mended, or accepted in a reviewed list with a reason."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ACCEPTED = tomllib.loads((ROOT / "bench" / "clean-accepted.toml").read_text(encoding="utf-8"))["accepted"]


def test_every_accepted_hit_has_a_reason() -> None:
    assert all(len(row["reason"]) > 10 for row in ACCEPTED)
    keys = [(row["rule"], row["hash"]) for row in ACCEPTED]
    assert len(keys) == len(set(keys))


@pytest.mark.slow
def test_nothing_goes_from_clean_text_that_was_not_reviewed() -> None:
    """Python's documentation and Debian's licences are those of the machine: another release has other hashes, so rules
    are compared, and the share of the words that go."""
    command = [sys.executable, "bench/clean.py", "--list"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode in (0, 1), run.stderr
    new = {line.split('"')[1] for line in run.stdout.split("\n") if line.startswith("rule = ")}
    assert new <= {row["rule"] for row in ACCEPTED}
    for line in run.stdout.split("\n"):
        if " words, " in line:
            assert float(line.split("(")[1].split("%")[0]) <= 1.0, line
