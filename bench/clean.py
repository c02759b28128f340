r"""What goes from text that is clean already? Every hit is a fault to mend, or a line in a reviewed list with a reason.

    python bench/clean.py                      # prose of this tree, of Python's documentation and Debian's licences
    python bench/clean.py --data FOLDER        # and the gold text of labelled pages (not part of the project)

A document is a file, a topic of `pydoc`, or the gold text of a page. `bench/clean-accepted.toml` holds what was
reviewed: the rule, a hash of the block's words (labelled pages are not ours to print) and the reason. Exit code 1 where
something goes that is not in it. `--list` prints what is new, in the form of that file.
"""

from __future__ import annotations

import argparse
import json
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from multiprocessing import Pool
from pathlib import Path
from pydoc_data.topics import topics

from quality import digest, half, pages

from cleaner import Cleaner
from cleaner.fingerprint import normalise

ROOT = Path(__file__).parent.parent
ACCEPTED = Path(__file__).parent / "clean-accepted.toml"
FOLDERS = (ROOT / "samples" / "clean", ROOT / "tests" / "data" / "bodies", Path("/usr/share/common-licenses"))
GOLD = ("wcxb-dev.html.jsonl.xz", "sites-dev.html.jsonl.xz", "plain-dev.text.jsonl.xz")
cleaner = Cleaner()


def shipped() -> Iterator[tuple[str, str]]:
    """(name, text) of prose that comes with this tree, with Python and with the system."""
    for folder in FOLDERS:
        for path in sorted(folder.glob("*")) if folder.is_dir() else ():
            if path.is_file() and not path.is_symlink():
                yield f"{folder.name}/{path.name}", path.read_text(encoding="utf-8", errors="replace")
    for name, text in sorted(topics.items()):
        yield f"pydoc/{name}", text


def gold(folder: Path) -> Iterator[tuple[str, str]]:
    for name in GOLD:
        for number, page in enumerate(pages(str(folder / name))):
            part = half(page["site"])
            yield f"{name.split('.')[0]}/{part}/{number}", page["gold"]


def says(rule: str) -> float:
    """What a rule's claim is worth, be it to the model alone; 0 for what is no rule."""
    known = cleaner.rules.by_id
    return known[rule].support if rule in known else 0.0


def removals(document: tuple[str, str]) -> tuple[str, int, list[tuple[str, str, int, str]]]:
    """Name, words in all, and (rule that says most, hash, words, text) of each block that goes."""
    name, text = document
    result = cleaner.explain(text, format="text")
    found = []
    for block in result.removed:
        body = result.document.body(block)
        said = result.verdicts[block.index].evidence
        rule = max(said, key=lambda e: (says(e.rule) > 0, says(e.rule) or e.score)).rule
        words = normalise(body)
        found.append((rule, digest(body), max(1, len(words.split())), body))
    return name, len(text.split()), found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--list", action="store_true", help="print what is not reviewed yet")
    options = parser.parse_args()
    reviewed = tomllib.loads(ACCEPTED.read_text(encoding="utf-8")).get("accepted", []) if ACCEPTED.exists() else []
    known = {(row["rule"], row["hash"]) for row in reviewed}
    documents = [*shipped(), *(gold(options.data) if options.data else ())]
    words: Counter[str] = Counter()
    gone: Counter[str] = Counter()
    new = []
    with Pool() as pool:
        for name, size, found in pool.imap(removals, documents, chunksize=8):
            group = name.rsplit("/", 1)[0]
            words[group] += size
            for rule, words_hash, count, body in found:
                gone[group] += count
                if (rule, words_hash) not in known:
                    new.append((name, rule, words_hash, body))
    for group, size in words.items():
        print(f"{group:24} {size:9,} words, {gone[group]:6,} go ({gone[group] / max(1, size):.3%})")
    print(f"{len(new)} blocks go that nobody has reviewed; {len(known)} are accepted")
    if options.list:
        for name, rule, words_hash, body in new:
            print(f"\n[[accepted]] # {name}\nrule = {json.dumps(rule)}\nhash = {json.dumps(words_hash)}")
            print(f"# {' '.join(body.split())[:100]}\nreason = ''")
    return 1 if new else 0


if __name__ == "__main__":
    sys.exit(main())
