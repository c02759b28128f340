r"""Snippets that must stay and snippets that must go, on pages in many languages, by language.

    python bench/snippets.py multilingual-snippets.html.jsonl.xz

The data is not part of the project: pages from trafilatura's evaluation as JSON Lines, xz-compressed, with `html`,
`with` (must stay) and `without` (must go). The cleaner gets the text alone, flattened; trafilatura and jusText get the
HTML. A snippet is there where it stands in the text, blanks apart. `fit` and `test` are halves of the sites by a hash
of their names.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from quality import FLATTENERS, by_site, half, pages, plain, site_name

from cleaner import CleanerError, Config

JUSTEXT = {
    "de": "German", "en": "English", "fr": "French", "es": "Spanish", "it": "Italian", "pt": "Portuguese",
    "pl": "Polish", "ru": "Russian", "nl": "Dutch", "cs": "Czech", "sv": "Swedish", "tr": "Turkish", "el": "Greek",
    "da": "Danish",
}  # fmt: skip


def justext_of(html: str, language: str) -> str:
    import justext

    if language not in JUSTEXT:
        return ""
    found = justext.justext(html.encode("utf-8"), justext.get_stoplist(JUSTEXT[language]), encoding="utf-8")
    return "\n".join(p.text for p in found if not p.is_boilerplate)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data")
    parser.add_argument("--flattener", choices=sorted(FLATTENERS), default="resiliparse")
    parser.add_argument("--strictness", default="balanced")
    parser.add_argument("--model", default="standard", help="standard, none, or the path of one")
    parser.add_argument(
        "--folds", type=Path, help="folder of models by fold: no page is judged by one that saw its site"
    )
    parser.add_argument("--alone", action="store_true", help="without the peers")
    options = parser.parse_args()
    cleaner = by_site(Config(strictness=options.strictness, model=options.model), options.folds)
    counts: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for page in pages(options.data):
        text = FLATTENERS[options.flattener](page["html"])
        try:
            result = cleaner(site_name(page)).explain(text, format="text")
            kept = result.text
            language = result.metadata.get("language", ("other",))[0]
        except CleanerError:
            kept, language = "", "other"
        systems: dict[str, Callable[[], str]] = {"cleaner": lambda kept=kept: kept, "nothing": lambda text=text: text}
        if not options.alone:
            import trafilatura

            systems["trafilatura"] = lambda page=page: trafilatura.extract(page["html"], include_comments=False) or ""
            systems["justext"] = lambda page=page, code=language: justext_of(page["html"], code)
        part = half(urlsplit(page["url"]).netloc or page["url"])
        for name, system in systems.items():
            out = plain(system())
            stay = sum(plain(s) in out for s in page["with"])
            go = sum(plain(s) not in out for s in page["without"])
            for group in ("all", part, language):
                row = counts[group, name]
                for place, number in enumerate((stay, len(page["with"]), go, len(page["without"]))):
                    row[place] += number
    print(f"{'pages':8} {'system':12} {'with':>14} {'without':>14}")
    for (group, name), (stay, stays, go, goes) in sorted(
        counts.items(), key=lambda item: (-counts[item[0][0], "cleaner"][1], item[0])
    ):
        print(f"{group:8} {name:12} {stay / max(1, stays):6.3f} of {stays:4} {go / max(1, goes):6.3f} of {goes:4}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
