"""Results for people to look at."""

from cleaner.report.jsonform import as_json
from cleaner.report.terminal import explain_lines, summary_lines

__all__ = ["as_json", "explain_lines", "summary_lines"]
