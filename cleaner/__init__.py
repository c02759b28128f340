"""Reduce scraped articles to their core prose: an explained, reversible boilerplate rule engine.

from cleaner import clean, explain
text = clean(source)            # plain text, Markdown or HTML; str or bytes
result = explain(source)        # .text .blocks .verdicts .removed .restore()
"""

from cleaner.config import Config
from cleaner.document import Block, Document, Kind, Span
from cleaner.errors import CleanerError, ConfigError, DocumentError, RuleError
from cleaner.evidence import Evidence, Result, Verdict
from cleaner.pipeline import Cleaner, clean, explain

__version__ = "0.1.0"

__all__ = [
    "Block",
    "Cleaner",
    "CleanerError",
    "Config",
    "ConfigError",
    "Document",
    "DocumentError",
    "Evidence",
    "Kind",
    "Result",
    "RuleError",
    "Span",
    "Verdict",
    "__version__",
    "clean",
    "explain",
]
