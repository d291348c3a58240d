"""Who may write: the operator's rules, who asks, and the guard before the record.

Pages get the record from :func:`kyodo.ui.record`, which is guarded: they cannot forget to ask. :func:`may_write` lets
them show what can be done; it decides nothing.
"""

from kyodo.access.person import login, may_write, person, sign_in_wanted, why_not
from kyodo.access.rules import HOW, AccessError, Person, Rules, load_rules, rules

__all__ = [
    "HOW", "AccessError", "Person", "Rules", "load_rules", "login", "may_write", "person", "rules", "sign_in_wanted",
    "why_not",
]  # fmt: skip
