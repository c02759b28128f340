"""Quality floors: fails where the cleaner has become worse on labelled pages than it has been.

    python bench/gate.py FOLDER-WITH-THE-DATA

`bench/floors.toml` holds the floors with the data's hash. A floor is raised by hand when the cleaner gets better;
lowering one takes a `reason` in the file. Without the data the gate says that it is skipped, and passes.
"""

from __future__ import annotations

import hashlib
import sys
import tomllib
from pathlib import Path
from typing import Any

from quality import Score, collect, flatten, judge

from cleaner import Config

FLOORS = Path(__file__).parent / "floors.toml"
MODELS = Path(__file__).parent / "models"  # no page is judged by a model that has seen its site


def figures(scores: list[Score]) -> dict[str, float]:
    n = len(scores)
    return {"f1": sum(s[2] for s in scores) / n, "recall": sum(s[1] for s in scores) / n}


def faults(path: Path, floors: dict[str, Any]) -> list[str]:
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if digest != floors["sha256"]:
        return [f"{path}: sha256 is {digest}, the floors were measured on {floors['sha256']}"]
    found = collect(str(path), {"cleaner": judge(Config(), MODELS)}, flatten)
    result = []
    for floor in floors["floor"]:
        measured = figures(found[floor["sites"], floor["pages"], "cleaner"])
        for name in ("f1", "recall"):
            line = f"{floor['sites']} {floor['pages']} {name} {measured[name]:.4f} (floor {floor[name]:.4f})"
            print(line)
            if measured[name] < floor[name]:
                result.append(f"below the floor: {line}")
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
