"""Settings: frozen, checked, from the caller, `cleaner.toml` or `[tool.cleaner]` in `pyproject.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import regex

from cleaner.decide import THRESHOLDS
from cleaner.errors import ConfigError
from cleaner.language import LANGUAGES
from cleaner.rules.model import KEEP_POLICIES

__all__ = ["HTML_MODES", "Config", "check_language", "find_config"]

HTML_MODES = ("full", "fast")
_LISTS = ("select", "ignore", "extend_select", "extend_rules", "keep")
_SITE_SETTINGS = frozenset(
    {*_LISTS, "strictness", "keep_policy", "preview", "collapse", "near_duplicate", "language", "model", "html"}
)


@dataclass(frozen=True)
class Config:
    """All settings. Raises ConfigError for a value that cannot be used.

    strictness: "keep-more", "balanced" or "remove-more": how sure removal must be.
    select, ignore: rule ids or families to use (all, where `select` is empty) and not to use.
    extend_rules: paths of rule packs (TOML) to use besides those of the package.
    extend_select: rule ids or families to use besides, as "inline-residue", which is off by default.
    preview: whether rules that only flag until they are measured well enough may remove.
    keep: regular expressions; a block in which one matches is never removed.
    keep_policy: rule id -> "none" (all that it finds may go), "first" (the first block it finds in a document stays) or
        "once-per-site" (the same, until there are site profiles), in place of the rule's own.
    per_site: host -> settings of that site, by the names above. Lists and tables there add to the general ones, the
        rest replaces them. Subdomains belong to a host; the longest host that fits counts.
    model: the prose model that decides with the rules: "standard", the path of one that bench/fit.py wrote, or None
        ("none" in a file) for the rules alone.
    html: "full" asks trafilatura what it would keep of an HTML page, as evidence; "fast" does without.
    collapse: whether copies of paragraphs and titles go.
    near_duplicate: Jaccard similarity of word triples from which a paragraph is a copy, over 0.5 to 1.
    encoding: of text given as bytes; None: what the byte-order mark says, else UTF-8. HTML declares its own.
    language: ISO 639-1 code of the documents' language; None: told from each text.
    max_chars: longest document accepted, in characters.
    pattern_timeout: seconds that one pattern may take on one block.
    """

    strictness: str = "balanced"
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    preview: bool = False
    extend_rules: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    keep_policy: Mapping[str, str] | tuple[tuple[str, str], ...] = ()
    per_site: Mapping[str, Mapping[str, Any]] | tuple[tuple[str, tuple[tuple[str, Any], ...]], ...] = ()
    model: str | None = "standard"
    html: str = "full"
    collapse: bool = True
    near_duplicate: float = 0.8
    encoding: str | None = None
    language: str | None = None
    max_chars: int = 128 * 2**20
    pattern_timeout: float = 1.0

    def __post_init__(self) -> None:
        for name in _LISTS:
            value = getattr(self, name)
            if not isinstance(value, list | tuple | set | frozenset) or not all(isinstance(v, str) for v in value):
                raise ConfigError(f"{_key(name)} must be a list of texts, not {value!r}")
            ordered = value if isinstance(value, list | tuple) else sorted(value)
            object.__setattr__(self, name, tuple(ordered))
        for name, choices in (("strictness", THRESHOLDS), ("html", HTML_MODES)):
            if not isinstance(value := getattr(self, name), str) or value not in choices:
                raise ConfigError(f"{name} {value!r} is none of {', '.join(choices)}")
        for name in ("collapse", "preview"):
            if not isinstance(value := getattr(self, name), bool):
                raise ConfigError(f"{name} must be true or false, not {value!r}")
        self._models()
        self._policies()
        self._sites()
        self._numbers()
        check_language(self.language)
        for pattern in self.keep:
            try:
                regex.compile(pattern)
            except regex.error as error:
                raise ConfigError(f"keep: {pattern!r} is not a regular expression: {error}") from error
        if self.encoding is not None:
            try:
                "a".encode(self.encoding).decode(self.encoding)
            except (LookupError, TypeError, UnicodeError) as error:
                raise ConfigError(f"unknown encoding {self.encoding!r}: no text encoding that Python has") from error

    def _models(self) -> None:
        if self.model is not None and not isinstance(self.model, str):
            raise ConfigError(f"model must be a name or a path, not {self.model!r}")
        if self.model == "none":
            object.__setattr__(self, "model", None)

    def _policies(self) -> None:
        table = _table("keep-policy", self.keep_policy)
        for rule, policy in table.items():
            if policy not in KEEP_POLICIES:
                raise ConfigError(f"keep-policy: {rule}: {policy!r} is none of {', '.join(KEEP_POLICIES)}")
        object.__setattr__(self, "keep_policy", tuple(sorted(table.items())))

    def _sites(self) -> None:
        table = _table("per-site", self.per_site)
        known = {_key(f.name): f.name for f in fields(self)}
        settled = []
        for site, changes in sorted(table.items()):
            values = {known.get(key, key): value for key, value in _table(f"per-site {site!r}", changes).items()}
            for name in values:
                if name not in _SITE_SETTINGS:
                    names = ", ".join(sorted(map(_key, _SITE_SETTINGS)))
                    raise ConfigError(f"per-site: {site}: {_key(name)!r} cannot be set for a site; known are {names}")
            try:
                own = Config(**values)
            except ConfigError as error:
                raise ConfigError(f"per-site: {site}: {error}") from error
            settled.append((site.lower().removeprefix("www."), tuple((n, getattr(own, n)) for n in sorted(values))))
        object.__setattr__(self, "per_site", tuple(settled))

    @property
    def policies(self) -> dict[str, str]:
        """`keep_policy` as a dict."""
        return _table("keep-policy", self.keep_policy)

    @property
    def sites(self) -> dict[str, dict[str, Any]]:
        """`per_site` as a dict of dicts."""
        return {site: dict(changes) for site, changes in _table("per-site", self.per_site).items()}

    def for_site(self, site: str) -> Config:
        """The settings of one of the hosts in `per_site`."""
        changes = self.sites[site]
        for name in (*_LISTS, "keep_policy"):
            if name in changes and name != "select":
                changes[name] = (*getattr(self, name), *changes[name])
        if "keep_policy" in changes:
            changes["keep_policy"] = dict(changes["keep_policy"])
        return replace(self, **changes, per_site=())

    def _numbers(self) -> None:
        limits = (("near_duplicate", 0.5, 1.0), ("max_chars", 1, float("inf")), ("pattern_timeout", 1e-3, 3600.0))
        for name, low, high in limits:
            value = getattr(self, name)
            kinds = int if name == "max_chars" else int | float
            if isinstance(value, bool) or not isinstance(value, kinds) or not low <= value <= high:
                raise ConfigError(f"{_key(name)} must be a number from {low:g} to {high:g}, not {value!r}")

    @classmethod
    def load(cls, path: str | Path) -> Config:
        """Read `cleaner.toml`, or the `[tool.cleaner]` table of a `pyproject.toml`. An unknown key is an error.

        Relative paths in `extend-rules` are relative to the file.
        """
        path = Path(path)
        table = _read(path)
        known = {_key(f.name): f.name for f in fields(cls)}
        for key in table:
            if key not in known:
                raise ConfigError(f"{path}: unknown key {key!r}; known are {', '.join(sorted(known))}")
        values = {known[key]: value for key, value in table.items()}
        sites = values.get("per_site", {})
        for own in (values, *(sites.values() if isinstance(sites, dict) else ())):
            for key in ("extend_rules", "extend-rules"):
                if isinstance(own, dict) and isinstance(rules := own.get(key), list):
                    own[key] = [str(path.parent / r) if isinstance(r, str) else r for r in rules]
        try:
            return cls(**values)
        except (ConfigError, TypeError) as error:
            raise ConfigError(f"{path}: {error}") from error


def check_language(code: object) -> None:
    """Raises ConfigError for what is neither None nor the code of a language that we can tell."""
    if code is not None and not (isinstance(code, str) and code in LANGUAGES):
        raise ConfigError(f"language {code!r} is none of {', '.join(sorted(LANGUAGES))}")


def _table(name: str, value: object) -> dict[str, Any]:
    if isinstance(value, tuple):  # as a Config holds it
        value = dict(value)
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        raise ConfigError(f"{name} must be a table, not {value!r}")
    return dict(value)


def find_config(start: Path) -> Path | None:
    """The nearest `cleaner.toml`, or `pyproject.toml` with `[tool.cleaner]`, in `start` or a folder above it."""
    for folder in (start, *start.parents):
        own = folder / "cleaner.toml"
        if own.is_file():
            return own
        project = folder / "pyproject.toml"
        if project.is_file() and _read(project):
            return project
    return None


def _read(path: Path) -> dict[str, Any]:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot read the configuration: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8 (byte offset {error.start})") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from error
    if path.name == "pyproject.toml":
        table = data.get("tool", {}).get("cleaner", {})
        if not isinstance(table, dict):
            raise ConfigError(f"{path}: [tool.cleaner] must be a table")
        return table
    return data


def _key(name: str) -> str:
    return name.replace("_", "-")
