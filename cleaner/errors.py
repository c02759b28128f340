"""Every error a caller may meet: one clear line each, saying what, where and what to do."""

from __future__ import annotations

__all__ = ["CleanerError", "ConfigError", "DocumentError", "RuleError", "reason"]


class CleanerError(Exception):
    """Base of all errors raised on purpose; `str()` of one is a single line fit to show a user."""


class DocumentError(CleanerError, ValueError):
    """The input is not a document that can be cleaned: binary, empty, undecodable or over the size limit."""


class ConfigError(CleanerError, ValueError):
    """A setting is unknown or has an unusable value."""


class RuleError(CleanerError, ValueError):
    """A rule pack does not load: names the file, the line and the rule."""


def reason(error: OSError) -> str:
    """What the system says of a file, fit to end a sentence: "permission denied"."""
    return (error.strerror or str(error)).lower()
