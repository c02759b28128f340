r"""What does a rule cost? The time of one pass over the same text with 100, 300 and 1,000 phrase rules.

    python bench/scaling.py [FILE ...]        # default: samples/

The rules are made up of the forms that packs use (literal lines, openings, phrases, patterns behind a keyword), with
words of their own that are rare in the text, as most rules' are. Prints ratios inside one run; a pass is the whole of
`Cleaner.explain`, and each figure is the best of several.
"""

from __future__ import annotations

import hashlib
import sys
import time
from pathlib import Path

from cleaner import Cleaner, Config
from cleaner.rules import RuleSet, builtin_rules
from cleaner.rules.load import parse_pack

ROUNDS = 7


def word(number: int, part: str) -> str:
    digest = hashlib.blake2b(f"{number} {part}".encode(), digest_size=5).hexdigest()
    return "".join("abcdefghijklmnop"[int(c, 16)] for c in digest)


def rule(number: int) -> str:
    key = word(number, "key")
    body = {
        0: f"lines = ['{key} {word(number, 'a')}', '{key} here', 'to {key} {{n}}', '{word(number, 'b')}']",
        1: f"openings = ['{key} {word(number, 'a')}:', 'by {key}']",
        2: f"contains = ['your {key} {word(number, 'a')}', 'we {key}']",
        3: f"keywords = ['{key}']\nany = ['^(?:the )?(?:{key}|{key}s) (?:on|at|by) .{{2,40}}$']",
    }[number % 4]
    return (
        f'[[rule]]\nid = "ZZ{chr(65 + number // 100)}{number % 100:03d}"\nname = "made-up-{number}"\nfamily = "promo"\n'
        f'kind = "phrase"\nsummary = "s"\nexplain = "e"\nscore = 3.0\nsince = "0.1.0"\nmust_match = ["x"]\n{body}\n'
    )


def seconds(cleaner: Cleaner, texts: list[str]) -> float:
    best = float("inf")
    for _ in range(ROUNDS):
        start = time.perf_counter()
        for text in texts:
            cleaner.explain(text, format="text")
        best = min(best, time.perf_counter() - start)
    return best


def main() -> int:
    paths = [Path(p) for p in sys.argv[1:]] or sorted(Path("samples").rglob("*.txt"))
    texts = [p.read_text(encoding="utf-8") for p in paths]
    base = tuple(r for r in builtin_rules() if r.kind != "phrase" or r.id.startswith("KEEP"))
    made = parse_pack("\n".join(rule(n) for n in range(1000)), "made up")
    figures = {}
    for count in (100, 300, 1000):
        cleaner = Cleaner(Config())
        plain = tuple(r for r in builtin_rules() if r.kind == "phrase" and not r.id.startswith("KEEP"))
        phrases = (*plain, *made)[:count]
        cleaner.rules = RuleSet(tuple(sorted((*base, *phrases), key=lambda r: r.id)))
        seconds(cleaner, texts[:1])
        figures[count] = seconds(cleaner, texts)
        print(f"{count:5} phrase rules: {figures[count] / figures[100]:.2f} times the time of 100")
    return 0


if __name__ == "__main__":
    sys.exit(main())
