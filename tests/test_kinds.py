"""Kinds of page: told by a fitted model or by what the page says, and what they are good for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cleaner import Cleaner, Config, ConfigError, explain
from cleaner.batch import find_jobs, run_batch
from cleaner.detect.kind import load_kinds, model_for_kinds, portrait, portrait_names
from cleaner.detect.prose import STANDARD
from cleaner.detect.signals import names
from cleaner.evidence import KINDS
from cleaner.page import DECLARED, read_page
from cleaner.report import as_json, summary_lines

ARTICLE = (Path(__file__).parent.parent / "samples").glob("*.txt")
STORY = "The council voted on Tuesday to keep the old swing bridge open at night, after three hours of debate. "
THREAD = "".join(
    f"<div class=post itemtype='https://schema.org/Comment'><b>{name}</b><p>Joined: Mar 2011</p><p>Posts: 1,204</p>"
    f"<p>3 May 2021, 10:4{number}</p><p>{text} {text.upper()}</p><a href=#>Reply</a> <a href=#>Quote</a></div>"
    for number, (name, text) in enumerate(
        (
            ("bilgepump", "Has anyone tried to paint a keel in the rain? I have to, the crane is booked."),
            ("Halyard", "I did once and would not do it again, it came off in sheets by the autumn."),
            ("sculler", "Put a tarp over it, and a heater under the tarp. Works for me every year."),
            ("bilgepump", "Thanks both. Tarp it is, then, I will post a picture if the thing stays on."),
            ("Halyard", "Mind the wind, a tarp is a sail, and mine took the ladder along last time."),
            ("sculler", "Ha. Yes. Tie it to the cradle and not to the boat, and take the ladder in."),
        )
    )
)


@pytest.mark.parametrize("path", sorted(ARTICLE), ids=lambda p: p.name)
def test_samples_are_articles(path: Path) -> None:
    page = explain(path.read_text(encoding="utf-8")).page
    assert page.name == "article"
    assert 0.3 < page.confidence <= 1


def test_what_a_page_declares_is_heard() -> None:
    html = (
        f"<html><head><meta property='og:type' content='website'>"
        f'<script type=\'application/ld+json\'>{{"@type": "DiscussionForumPosting"}}</script></head>'
        f"<body><h1>Painting a keel</h1>{THREAD}</body></html>"
    )
    read = read_page(html)
    assert read is not None
    assert read.declared == {"website", "posts"}
    rows = np.ones((3, len(names())), dtype=np.int64)
    model, stays = load_kinds(model_for_kinds(STANDARD)), np.array([10**6] * 3)
    assert model is not None
    heard, unheard = (model.logits(portrait(rows, stays, said)) for said in (read.declared, {"website"}))
    assert heard[KINDS.index("forum")] > unheard[KINDS.index("forum")]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("", "empty"),
        ("* * *\n", "empty"),
        ("404\n\nPage not found\n\nThe page you are looking for is gone.\n", "error"),
        ("Seite nicht gefunden\n\nZur Startseite\n", "error"),
        ("Log in\n\nE-mail address\n\nPassword\n\nForgot password?\n", "log-in"),
        ("We use cookies to improve your experience.\n\nAccept all cookies\n\nReject all cookies\n", "consent"),
    ],
)
def test_pages_that_say_what_they_are(text: str, name: str) -> None:
    assert explain(text).page.name == name


def test_an_article_about_errors_is_none() -> None:
    assert explain(f"Page not found\n\n{STORY * 3}\n\n{STORY * 2}\n").page.name not in ("error", "log-in")


def test_rules_alone_tell_no_kind() -> None:
    assert explain(STORY, config=Config(model=None)).page.name == "unknown"


def test_a_model_without_its_companion_tells_no_kind(tmp_path: Path) -> None:
    (tmp_path / "own.npz").write_bytes(STANDARD.read_bytes())
    assert Cleaner(Config(model=str(tmp_path / "own.npz"))).explain(STORY).page.name == "unknown"


def test_a_broken_companion_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "own.npz").write_bytes(STANDARD.read_bytes())
    (tmp_path / "own.kind.npz").write_text("no model")
    with pytest.raises(ConfigError, match=r"own\.kind\.npz") as caught:
        Cleaner(Config(model=str(tmp_path / "own.npz")))
    assert "\n" not in str(caught.value)


def test_confidence_is_a_share() -> None:
    model = load_kinds(model_for_kinds(STANDARD))
    assert model is not None
    rows = np.ones((3, len(names())), dtype=np.int64)
    picture = portrait(rows, np.array([0, 600_000, 10**6]), {"product"})
    assert picture.shape == (len(portrait_names()),)
    assert picture[-len(DECLARED) :].tolist() == [int(name == "product") for name in DECLARED]
    assert model.logits(picture).shape == (len(KINDS),)
    assert {"version", "command", "data", "trees"} <= set(model.about)


def test_batch_routes_by_kind(tmp_path: Path) -> None:
    story = (Path(__file__).parent.parent / "samples" / "opentools-scale-ai.txt").read_bytes()
    (tmp_path / "in" / "2025").mkdir(parents=True)
    (tmp_path / "in" / "2025" / "story.txt").write_bytes(story)
    (tmp_path / "in" / "gone.txt").write_text("404\n\nPage not found\n")
    out = tmp_path / "out"
    jobs = find_jobs([tmp_path / "in"], out)
    summary = run_batch(Cleaner(), jobs, by_kind=out)
    written = {str(path.relative_to(out)) for path in out.rglob("*.txt")}
    assert written == {"article/2025/story.txt", "error/gone.txt"}
    assert summary.kinds == {"article": 1, "error": 1}
    again = tmp_path / "again"
    summary = run_batch(Cleaner(), find_jobs([tmp_path / "in"], again), kinds={"article"})
    assert [str(path.relative_to(again)) for path in again.rglob("*.txt")] == ["2025/story.txt"]
    assert summary.left_out == 1
    assert "1 documents of other kinds were not written" in list(summary_lines(summary))


def test_kinds_are_in_the_json() -> None:
    page = as_json(explain("404\n\nPage not found\n"))["page"]
    assert page == {"kind": "error", "confidence": 0.9}
