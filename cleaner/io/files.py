"""Plain files: read with a size limit, written whole or not at all."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path
from typing import BinaryIO

from cleaner.errors import DocumentError, reason

__all__ = ["read_document", "read_stream", "suffix_format", "write_atomically"]

_FORMATS = {
    ".txt": "text",
    ".text": "text",
    ".md": "markdown",
    ".markdown": "markdown",
    ".html": "html",
    ".htm": "html",
}
_WIDEST = 4  # bytes of a character, at most


def suffix_format(path: Path) -> str | None:
    """The format that a file's name promises, or None for a name that promises none."""
    return _FORMATS.get(path.suffix.lower())


def read_document(path: Path, max_chars: int) -> bytes:
    """The bytes of a file. Raises DocumentError where it is missing, unreadable, empty, no file, or too large."""
    try:
        info = path.stat()
        if stat.S_ISDIR(info.st_mode):
            raise DocumentError("is a folder; use `cleaner batch` for folders")
        if stat.S_ISREG(info.st_mode):
            _refuse_large(info.st_size, max_chars)
        with path.open("rb") as stream:
            return read_stream(stream, max_chars)
    except OSError as error:
        raise DocumentError(f"cannot be read: {reason(error)}") from error


def read_stream(stream: BinaryIO, max_chars: int) -> bytes:
    """All bytes of a stream. Raises DocumentError where there are none or too many."""
    data = stream.read(max_chars * _WIDEST + 1)
    _refuse_large(len(data), max_chars)
    if not data:
        raise DocumentError("is empty; nothing to clean")
    return data


def _refuse_large(size: int, max_chars: int) -> None:
    # Bytes are counted, before anything is decoded: no text has fewer of them than characters.
    if size > max_chars:
        raise DocumentError(
            f"is too large: {size:,} bytes, over the limit of {max_chars:,}; split it, or raise --max-chars"
        )


def write_atomically(path: Path, data: bytes) -> None:
    """Write `data` to `path`: a reader, or a crash, finds the old file or the new one, never a part. Raises OSError.

    A link is followed; what is no regular file (a pipe, a terminal) is written to, not replaced.
    """
    path = path.resolve(strict=False)
    if path.exists() and not path.is_file():
        with path.open("wb") as stream:
            stream.write(data)
        return
    handle, name = tempfile.mkstemp(prefix=f".{path.name[:40]}.", suffix=".part", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.chmod(_mode(path))
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _mode(path: Path) -> int:
    """The permissions of the file replaced, or those a new file would get (mkstemp's own are tighter)."""
    if path.exists():
        return stat.S_IMODE(path.stat().st_mode)
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
