"""Rules as data: the Rule type, TOML packs, loading and validation. Nothing here looks at a document."""

from cleaner.rules.load import builtin_rules, load_pack, select_rules
from cleaner.rules.model import FAMILIES, Rule, RuleSet, Where

__all__ = ["FAMILIES", "Rule", "RuleSet", "Where", "builtin_rules", "load_pack", "select_rules"]
