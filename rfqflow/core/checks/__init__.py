"""Checks an answer against the text: each fact is verified, unverified (kept and marked) or contradicted (removed).

A check looks for a fact in the lines that the answer cites and in their neighbours. The same number elsewhere may mean
something else. Removed values are returned separately, so that the run can store them.
"""

from rfqflow.core.checks.checking import CONTRADICTED_FACT, ITEMS_INCOMPLETE, Checked, check, review

__all__ = ["CONTRADICTED_FACT", "ITEMS_INCOMPLETE", "Checked", "check", "review"]
