"""Checks an answer against the text: each fact is verified, unverified (kept and marked) or contradicted (removed).

A check looks for a fact in the lines that the answer cites and their neighbours: a number elsewhere in the text is
another number. Removed values are returned separately, so that the run keeps them.
"""

from rfqflow.core.checks.checking import CONTRADICTED_FACT, ITEMS_INCOMPLETE, Checked, check, review

__all__ = ["CONTRADICTED_FACT", "ITEMS_INCOMPLETE", "Checked", "check", "review"]
