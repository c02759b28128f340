"""Quality floors: fails where the cleaner has become worse on labelled pages than it has been.

    python bench/gate.py FOLDER-WITH-THE-DATA

`bench/floors.toml` holds floors (F1, recall, line ends, code, tables) and ceilings (pages that lose over 5 % and over
30 % of their words) by input, kind of page and language, with the data's hash. A floor is raised by hand when the
cleaner gets better; lowering one takes a `reason` in the file. Without the data the gate says that it is skipped, and
passes.
"""

from __future__ import annotations

import hashlib
import sys
import tomllib
from pathlib import Path
from typing import Any

from quality import COLUMNS, Found, collect, figures, flatten, judge

from cleaner import Config

FLOORS = Path(__file__).parent / "floors.toml"
MODELS = Path(__file__).parent / "models"  # no page is judged by a model that has seen its site
# Name in the file -> column; of the ceilings, less is better.
FLOOR = {"f1": "F1", "recall": "recall", "breaks": "breaks", "code": "code", "tables": "tables"}
CEILING = {"lost5": "lost>5%", "lost30": "lost>30%"}


def faults(path: Path, floors: dict[str, Any]) -> list[str]:
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if digest != floors["sha256"]:
        return [f"{path}: sha256 is {digest}, the floors were measured on {floors['sha256']}"]
    result = []
    for form in ("text", "html"):
        chosen = [floor for floor in floors["floor"] if floor["input"] == form]
        if chosen:
            found = collect(str(path), {"cleaner": judge(Config(), MODELS, form)}, flatten if form == "text" else str)
            for floor in chosen:
                result += _faults_of(floor, found)
    return result


def _faults_of(floor: dict[str, Any], found: Found) -> list[str]:
    halves = ("fit", "test") if floor["sites"] == "both" else (floor["sites"],)
    scores = [score for half in halves for score in found[half, floor["pages"], "cleaner"]]
    measured = dict(zip(COLUMNS, figures(scores), strict=True))
    result = []
    for name, column in (FLOOR | CEILING).items():
        value = measured[column]
        if name in floor and value is not None:
            line = f"{floor['input']} {floor['sites']} {floor['pages']} {name} {value:.4f} ({floor[name]:.4f})"
            print(line)
            if value < floor[name] if name in FLOOR else value > floor[name]:
                result.append(f"{'below the floor' if name in FLOOR else 'over the ceiling'}: {line}")
    return result


def main() -> int:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path()
    found: list[str] = []
    for name, floors in tomllib.loads(FLOORS.read_text(encoding="utf-8")).items():
        path = folder / floors["file"]
        if path.exists():
            found += faults(path, floors)
        else:
            print(f"gate: {name} SKIPPED: no {path}")
    for line in found:
        print(f"gate: {line}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
