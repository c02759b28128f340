"""The command, as real processes on real files: what comes out, and what a bad input gets."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cleaner import __version__, explain

ROOT = Path(__file__).parent.parent
SAMPLES = ROOT / "samples"
ARTICLE = "It rained on Tuesday.\n\nShare on Facebook\n\nIt rained again on Friday.\n"
CLEANED = "It rained on Tuesday.\n\nIt rained again on Friday.\n"


def run(
    *args: object, data: bytes | None = None, cwd: Path | None = None, **more: object
) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "cleaner", *map(str, args)]
    return subprocess.run(command, input=data, capture_output=True, cwd=cwd, check=False, timeout=600, **more)


def one_line(done: subprocess.CompletedProcess, code: int, *parts: str) -> None:
    """The exit code and one clear line on standard error, no traceback."""
    message = done.stderr.decode()
    assert done.returncode == code, message
    assert len(message.splitlines()) == 1, message
    assert message.startswith("cleaner: ")
    for part in parts:
        assert part in message
    assert "Traceback" not in message


def test_clean_a_file_and_standard_input(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(ARTICLE)
    assert run("clean", path).stdout.decode() == CLEANED
    assert run("clean", data=ARTICLE.encode()).stdout.decode() == CLEANED
    assert run("clean", "-", data=ARTICLE.encode()).stdout.decode() == CLEANED
    assert run("clean", path, "-o", tmp_path / "b.txt").stdout == b""
    assert (tmp_path / "b.txt").read_text() == CLEANED
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.txt", "b.txt"]


def test_output_follows_links_and_replaces_no_pipe(tmp_path: Path) -> None:
    source, real, link, pipe = (tmp_path / name for name in ("a.txt", "real.txt", "link.txt", "pipe"))
    source.write_text(ARTICLE)
    real.write_text("old")
    link.symlink_to(real)
    assert run("clean", source, "-o", link).returncode == 0
    assert link.is_symlink()
    assert real.read_text() == CLEANED
    os.mkfifo(pipe)
    with subprocess.Popen(["cat", pipe], stdout=subprocess.PIPE) as reader:
        assert run("clean", source, "-o", pipe).returncode == 0
        assert reader.communicate(timeout=30)[0].decode() == CLEANED
    assert pipe.is_fifo()


def test_newlines_bom_and_encoding_survive(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"\xef\xbb\xbf" + ARTICLE.replace("\n", "\r\n").encode())
    assert run("clean", path).stdout == b"\xef\xbb\xbf" + CLEANED.replace("\n", "\r\n").encode()
    path.write_bytes(ARTICLE.replace("rained", "reg\xf1ó").encode("latin-1"))
    assert run("clean", path, "--encoding", "latin-1").stdout == CLEANED.replace("rained", "reg\xf1ó").encode("latin-1")


def test_html_and_markdown_are_told_apart(tmp_path: Path) -> None:
    page = (SAMPLES / "site/news/2025/03/sluice-gate-repair.html").read_bytes()
    assert b"<p>" not in run("clean", data=page).stdout
    readme = tmp_path / "a.md"
    readme.write_text("<p>\n\nIt rained on Tuesday, and <b>nobody</b> minded.\n\n</p>\n")
    assert run("clean", readme).stdout.decode() == readme.read_text()


def test_explain_prints_reasons_and_json(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(ARTICLE)
    text = run("explain", path).stdout.decode()
    assert "- " in text
    assert "SHA001 share-line +3.6" in text
    assert "\x1b" not in text
    assert "\x1b[" in run("explain", path, "--color").stdout.decode()
    data = json.loads(run("explain", path, "--json").stdout)
    assert "".join(b["text"] for b in data["blocks"]) == ARTICLE
    assert "".join(b["text"] for b in data["blocks"] if not b["removed"]) == CLEANED
    for block in data["blocks"]:
        assert block["score"] == pytest.approx(sum(e["score"] for e in block["evidence"]), abs=1e-3)


def test_rules_list_show_test() -> None:
    listed = run("rules", "list").stdout.decode()
    assert "LOG002" in listed
    assert "SHA001" not in run("rules", "list", "--family", "legal").stdout.decode()
    shown = run("rules", "show", "SHA001").stdout.decode()
    assert "⟦Share this article⟧" in shown
    one_line(run("rules", "show", "NOPE1"), 2, "no rule 'NOPE1'")
    tested = run("rules", "test", "SHA001", "KEEP003")
    assert tested.returncode == 0
    assert b" 0 failures" in tested.stdout


def test_rules_test_fails_on_a_failing_example(tmp_path: Path) -> None:
    pack = tmp_path / "own.toml"
    pack.write_text(
        '[[rule]]\nid = "OWN001"\nname = "own"\nfamily = "promo"\nkind = "phrase"\nsummary = "s"\nexplain = "e"\n'
        'score = 3\nsince = "0.1.0"\nany = ["rain"]\nmust_match = ["⟦snow⟧"]\n',
        encoding="utf-8",
    )
    done = run("rules", "test", "OWN001", "--extend-rules", pack)
    one = done.stderr.decode().splitlines()
    assert done.returncode == 1
    assert any("own.toml:1: OWN001: example '⟦snow⟧' claims nothing" in line for line in one)


def test_batch_mirrors_a_folder(tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = run("batch", SAMPLES / "site", "-o", out)
    assert done.returncode == 0, done.stderr
    assert b"10 documents cleaned" in done.stderr
    sources = sorted(p.relative_to(SAMPLES / "site") for p in (SAMPLES / "site").rglob("*") if p.is_file())
    written = sorted(p.relative_to(out) for p in out.rglob("*") if p.is_file())
    assert written == sorted(p.with_suffix(".txt") if p.suffix == ".html" else p for p in sources)
    again = tmp_path / "again"
    run("batch", SAMPLES / "site", "-o", again, env=os.environ | {"PYTHONHASHSEED": "77"})
    for path in written:
        assert (out / path).read_bytes() == (again / path).read_bytes()


def test_batch_reports_a_bad_file_and_goes_on(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    (folder / "deep").mkdir(parents=True)
    (folder / "good.txt").write_text(ARTICLE)
    (folder / "deep" / "good.txt").write_text(ARTICLE)
    (folder / "binary.txt").write_bytes(b"\x00\x01\x02" * 100)
    (folder / "empty.md").write_bytes(b"")
    (folder / "invalid.txt").write_bytes(b"caf\xe9 noir")
    (folder / "void.html").write_text("<html><body></body></html>")
    (folder / "gone.txt").symlink_to(folder / "nowhere.txt")
    (folder / "loop").symlink_to(folder)
    (folder / os.fsdecode(b"caf\xe9.txt")).write_text(ARTICLE)
    (folder / "picture.png").write_bytes(b"\x89PNG")
    done = run("batch", folder, "-o", tmp_path / "out")
    assert done.returncode == 1
    message = done.stderr.decode(errors="replace")
    assert "Traceback" not in message
    for part in (
        "binary.txt: not a text",
        "empty.md: is empty",
        "invalid.txt: not valid UTF-8",
        "void.html:",
        "gone.txt:",
    ):
        assert part in message
    assert message.count("cleaner: ") == 5
    written = sorted(os.fsencode(p.relative_to(tmp_path / "out")) for p in (tmp_path / "out").rglob("*") if p.is_file())
    assert written == [b"caf\xe9.txt", b"deep/good.txt", b"good.txt"]
    assert (tmp_path / "out" / "good.txt").read_text() == CLEANED


def test_batch_writes_two_pages_of_one_name_apart(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.txt").write_text(ARTICLE)
    (folder / "a.html").write_text("<html><body><p>It rained on Monday, and nobody was surprised.</p></body></html>")
    assert run("batch", folder, "-o", tmp_path / "out").returncode == 0
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["a.html.txt", "a.txt"]
    assert (tmp_path / "out" / "a.txt").read_text() == CLEANED


def test_batch_refuses_a_kind_that_there_is_not(tmp_path: Path) -> None:
    one_line(
        run("batch", SAMPLES / "site", "-o", tmp_path / "out", "--kinds", "article,blog"), 2, "no kind of page 'blog'"
    )


def test_batch_refuses_to_write_into_its_input(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(ARTICLE)
    one_line(run("batch", tmp_path, "-o", tmp_path), 2, "lies in the input folder")
    one_line(run("batch", tmp_path, "-o", tmp_path / "out"), 2, "lies in the input folder")
    one_line(run("batch", tmp_path / "a.txt", "-o", tmp_path), 2, "would overwrite the input")
    assert (tmp_path / "a.txt").read_text() == ARTICLE
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_bad_inputs_get_one_line_and_exit_code_2(tmp_path: Path) -> None:
    def file(name: str, data: bytes) -> Path:
        (tmp_path / name).write_bytes(data)
        return tmp_path / name

    one_line(run("clean", tmp_path / "missing.txt"), 2, "missing.txt: cannot be read: no such file")
    one_line(run("clean", tmp_path), 2, "is a folder", "batch")
    one_line(run("clean", file("e.txt", b"")), 2, "e.txt: is empty")
    one_line(run("clean", data=b""), 2, "standard input: is empty")
    one_line(run("clean", file("b.txt", bytes(range(256)) * 8)), 2, "b.txt: not a text but binary data")
    one_line(run("clean", file("p.txt", b"%PDF-1.7 ...")), 2, "a PDF file")
    one_line(run("clean", file("g.txt", b"\x1f\x8b\x08\x00")), 2, "gzip")
    one_line(run("clean", file("u.txt", b"caf\xe9 noir")), 2, "not valid UTF-8", "0xe9 at offset 3", "--encoding")
    one_line(run("clean", file("c.txt", b"abc \xe2\x82")), 2, "not valid UTF-8")
    one_line(run("clean", file("a.txt", b"abc"), "--encoding", "klingon"), 2, "unknown encoding 'klingon'")
    one_line(run("clean", file("a.txt", b"abc"), "--keep", "("), 2, "is not a regular expression")
    one_line(run("clean", file("a.txt", b"abc"), "--select", "nope"), 2, "unknown rule or family 'nope'")
    one_line(run("clean", file("h.html", b"<html><body></body></html>")), 2, "HTML without any text")
    one_line(
        run("clean", file("a.txt", b"abc"), "-o", tmp_path / "no" / "b.txt"),
        2,
        "b.txt: cannot be written: no such file",
    )
    one_line(run("clean", file("a.txt", b"abc"), "--encoding", "rot13"), 2, "unknown encoding 'rot13'")
    one_line(run("batch", tmp_path / "nowhere", "-o", tmp_path / "out"), 2, "nowhere: no such file or folder")
    (tmp_path / "none").mkdir()
    one_line(run("batch", tmp_path / "none", "-o", tmp_path / "out"), 2, "no .txt, .md or .html file in it")
    assert not (tmp_path / "out").exists()
    one_line(run("frobnicate"), 2, "No such command")
    assert run("--version").stdout.decode().strip().endswith(__version__)


def test_bad_configuration(tmp_path: Path) -> None:
    config, text = tmp_path / "cleaner.toml", tmp_path / "a.txt"
    text.write_text(ARTICLE)
    for content, part in (
        ("strictness = ", "cleaner.toml: not valid TOML"),
        ("colour = 1", "unknown key 'colour'"),
        ('strictness = "wild"', "strictness 'wild' is none of keep-more, balanced, remove-more"),
        ('keep = "x"', "keep must be a list of texts"),
        ('extend-rules = ["none.toml"]', "none.toml: cannot read the rule pack"),
        ("near-duplicate = 2", "near-duplicate must be a number from 0.5 to 1"),
    ):
        config.write_text(content)
        one_line(run("clean", text, cwd=tmp_path), 2, part)
    assert run("clean", text, "--isolated", cwd=tmp_path).stdout.decode() == CLEANED
    config.write_text('keep = ["Facebook"]')
    assert run("clean", text, cwd=tmp_path).stdout.decode() == ARTICLE
    one_line(run("clean", text, "--config", tmp_path / "other.toml"), 2, "other.toml: cannot read the configuration")


def test_configuration_is_found_in_pyproject(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.cleaner]\nignore = ["share"]\n')
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a.txt").write_text(ARTICLE)
    assert run("clean", "a.txt", cwd=tmp_path / "deep").stdout.decode() == ARTICLE


def test_a_line_of_200_megabytes_is_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "long.txt"
    with path.open("wb") as stream:
        stream.truncate(200_000_000)
    one_line(run("clean", path), 2, "is too large: 200,000,000 bytes", "--max-chars")
    one_line(run("clean", "--max-chars", "10", data=b"x" * 100), 2, "standard input: is too large")


@pytest.mark.slow
def test_a_line_of_100_megabytes_is_cleaned() -> None:
    line = b"the rain fell on the harbour and nobody minded " * 2_100_000
    done = run("clean", data=line + b"\n\nShare on Facebook\n")
    assert done.stdout == line + b"\n\n"


def test_what_cannot_be_read_or_written(tmp_path: Path) -> None:
    """Permissions bind ordinary users only, so the command runs as one, in a forked child of this process."""
    folder = tmp_path / "in"
    (folder / "locked").mkdir(parents=True)
    (folder / "a.txt").write_text(ARTICLE)
    (folder / "b.txt").write_text(ARTICLE)
    (folder / "b.txt").chmod(0)
    (folder / "locked" / "c.txt").write_text(ARTICLE)
    (folder / "locked").chmod(0)
    out, shut = tmp_path / "out", tmp_path / "shut"
    out.mkdir(mode=0o777)
    out.chmod(0o777)
    shut.mkdir()
    shut.chmod(0o555)
    for parent in (tmp_path, *tmp_path.parents):
        if parent.stat().st_uid == os.getuid() and parent != Path("/"):
            parent.chmod(parent.stat().st_mode | 0o111)
    code, message = as_nobody(["batch", str(folder), "-o", str(out)])
    assert code == 1
    assert "b.txt: cannot be read: permission denied" in message
    assert "locked: cannot be listed: permission denied" in message
    assert [p.name for p in out.rglob("*") if p.is_file()] == ["a.txt"]
    code, message = as_nobody(["batch", str(folder / "a.txt"), "-o", str(shut)])
    assert code == 1
    assert "a.txt: cannot be written: permission denied" in message
    assert list(shut.iterdir()) == []
    code, message = as_nobody(["batch", str(folder / "a.txt"), "-o", str(shut / "new")])
    assert code == 2
    assert "cannot be made: permission denied" in message


def as_nobody(args: list[str]) -> tuple[int, str]:
    """Exit code and standard error of the command, run in a fork that has given up root (where it had it)."""
    from cleaner.cli import main

    explain("Everything is imported before the rights are given up.\n")
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        code = 70
        try:
            os.close(reader)
            os.dup2(writer, 2)
            sys.stderr = os.fdopen(2, "w", closefd=False)
            if os.getuid() == 0:
                os.setgroups([])
                os.setgid(65534)
                os.setuid(65534)
            sys.argv = ["cleaner", *args, "--isolated"]
            main()
        except SystemExit as stop:
            code = int(stop.code or 0)
        finally:
            sys.stderr.flush()
            os._exit(code)
    os.close(writer)
    with os.fdopen(reader, "rb") as stream:
        message = stream.read().decode()
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), message


def test_a_reader_that_leaves_is_no_error() -> None:
    command = f"{sys.executable} -m cleaner explain {SAMPLES / 'opentools-scale-ai.txt'} | head -1"
    done = subprocess.run(["bash", "-c", f"set -o pipefail; {command}"], capture_output=True, check=False, timeout=60)
    assert b"Traceback" not in done.stderr
    assert b"Exception" not in done.stderr


def test_rules_new_scaffolds_a_rule_that_loads_and_works(tmp_path: Path) -> None:
    pack = tmp_path / "own.toml"
    words = ("--name", "weather-line", "--family", "navigation", "--match", "• Weather: 21 °C", "-o", pack)
    assert run("rules", "new", "OWN001", *words, "--miss", "It was 21 °C in the shade.").returncode == 0
    assert b"1 rules, 2 examples, 0 failures" in run("rules", "test", "OWN001", "--extend-rules", pack).stdout
    before = pack.read_bytes()
    one_line(run("rules", "new", "OWN001", *words), 2, "id already taken")
    one_line(run("rules", "new", "OWN002", *words[:4], "--match", "•", "-o", pack), 2, "needs a letter or a digit")
    assert pack.read_bytes() == before
