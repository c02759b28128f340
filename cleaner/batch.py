"""Folders of documents: every file cleaned into a mirrored folder, every failure reported, none stopping the rest."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from cleaner.errors import CleanerError, ConfigError, DocumentError, reason
from cleaner.evidence import Result
from cleaner.io.files import read_document, suffix_format, write_atomically
from cleaner.pipeline import Cleaner

__all__ = ["Job", "Summary", "find_jobs", "run_batch"]


@dataclass(frozen=True, slots=True)
class Job:
    """One file to clean. A job with an `error` could not even be looked at (a folder without permission)."""

    source: Path
    target: Path
    format: str = "auto"
    error: str = ""


@dataclass
class Summary:
    """What a batch did. Characters are of text: of HTML, those that were extracted. `families` counts the
    characters removed, `kinds` the documents by kind of page, `left_out` those of kinds that were not asked for."""

    documents: int = 0
    changed: int = 0
    blocks: int = 0
    removed: int = 0
    chars_in: int = 0
    chars_out: int = 0
    left_out: int = 0
    families: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    failures: list[tuple[Path, str]] = field(default_factory=list)
    warnings: list[tuple[Path, str]] = field(default_factory=list)

    def add(self, source: Path, result: Result) -> None:
        self.documents += 1
        self.kinds[result.page.name] += 1
        self.changed += bool(result.removed)
        self.blocks += len(result.blocks)
        self.removed += len(result.removed)
        self.chars_in += len(result.document.text)
        self.chars_out += len(result.text)
        for block in result.removed:
            self.families[result.verdicts[block.index].family or "unknown"] += len(block.span)
        self.warnings += [(source, line) for line in result.warnings]


def find_jobs(inputs: Iterable[Path], output: Path, *, markdown: bool = False) -> list[Job]:
    """The files to clean, in the order of their paths: named files, and in folders those whose names end in .txt,
    .md or .html. Links to folders are not followed. HTML becomes .txt, or .md with `markdown`.

    Raises ConfigError where an input does not exist or the output lies in it (or is it).
    """
    jobs: list[Job] = []
    suffix = ".md" if markdown else ".txt"
    for path in inputs:
        if not path.exists():
            raise ConfigError(f"{path}: no such file or folder")
        if path.is_dir():
            _refuse_inside(path, output)
            jobs += (_job(source, output / source.relative_to(path), error, suffix) for source, error in _walk(path))
        else:
            if path.resolve() == (output / path.name).resolve():
                raise ConfigError(f"{output}: the output would overwrite the input {path}; choose another folder")
            jobs.append(_job(path, output / path.name, "", suffix))
    return _distinct(jobs)


def _refuse_inside(folder: Path, output: Path) -> None:
    inside = output.resolve()
    if inside == folder.resolve() or folder.resolve() in inside.parents:
        raise ConfigError(f"{output}: the output lies in the input folder {folder}; choose one outside")


def _walk(folder: Path) -> Iterator[tuple[Path, str]]:
    """(file, "") for each file with a known name, and (folder, message) for each folder that cannot be listed."""
    try:
        entries = sorted(os.scandir(folder), key=lambda e: e.name)
    except OSError as error:
        yield folder, f"cannot be listed: {reason(error)}"
        return
    for entry in entries:
        path = folder / entry.name
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(path)
        elif suffix_format(path) and not (entry.is_symlink() and path.is_dir()):
            yield path, ""


def _job(source: Path, target: Path, error: str, suffix: str) -> Job:
    form = suffix_format(source) or "auto"
    if form == "html":
        target = target.with_suffix(suffix)
    # A .txt file may well hold the HTML that a scraper saved; a .md file may begin with a tag and is Markdown.
    return Job(source, target, "auto" if form == "text" else form, error)


def _distinct(jobs: list[Job]) -> list[Job]:
    """No two jobs may write one file: the page whose name would clash keeps its own extension before the new one.
    Raises ConfigError where that does not help."""
    taken = Counter(job.target for job in jobs)
    result = []
    for job in jobs:
        if taken[job.target] > 1 and job.format == "html":
            job = Job(job.source, job.target.with_name(job.source.name + job.target.suffix), job.format, job.error)
        result.append(job)
    clash = [target for target, count in Counter(j.target for j in result if not j.error).items() if count > 1]
    if clash:
        sources = ", ".join(str(j.source) for j in result if j.target == clash[0])
        raise ConfigError(f"{clash[0]}: more than one input would be written there ({sources}); clean them apart")
    return result


def run_batch(
    cleaner: Cleaner,
    jobs: Iterable[Job],
    *,
    markdown: bool = False,
    kinds: Collection[str] = (),
    by_kind: Path | None = None,
    on_failure: Callable[[Path, str], None] = lambda path, why: None,
) -> Summary:
    """Clean every job's file; HTML becomes Markdown with `markdown`, else plain text. What fails is counted, told to
    `on_failure` at once, and leaves no output.

    With `kinds`, documents of other kinds of page are not written; with `by_kind`, the folder that targets lie in, each
    goes into a folder there that is named by its kind.
    """
    summary = Summary()
    for job in jobs:
        try:
            if job.error:
                raise DocumentError(job.error)
            result = cleaner.explain(read_document(job.source, cleaner.config.max_chars), format=job.format)
            wanted = not kinds or result.page.name in kinds
            if wanted:
                _write(_routed(job.target, result, by_kind), encoded(result, markdown))
        except (CleanerError, OSError) as error:
            why = str(error) if isinstance(error, CleanerError) else f"cannot be written: {reason(error)}"
            summary.failures.append((job.source, why))
            on_failure(job.source, why)
        else:
            summary.add(job.source, result)
            summary.left_out += not wanted
    return summary


def _routed(target: Path, result: Result, by_kind: Path | None) -> Path:
    return target if by_kind is None else by_kind / result.page.name / target.relative_to(by_kind)


def _write(target: Path, data: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(target, data)


def encoded(result: Result, markdown: bool = False) -> bytes:
    """The cleaned text as bytes: text in its own encoding with its byte-order mark, HTML as UTF-8, as Markdown where
    that is asked for."""
    if result.document.format == "html":
        return (result.markdown if markdown else result.text).encode("utf-8", "replace")
    return result.bom + result.text.encode(result.encoding or "utf-8", "strict" if result.encoding else "surrogatepass")
