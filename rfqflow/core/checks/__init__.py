"""What the text says of an answer: each fact is verified, unverified (kept and marked) or contradicted (taken out).

A fact is looked for in the lines that the answer cites for it and in their neighbours: a number that stands somewhere
else in the text is another number. What was taken out is returned apart, so that the run keeps what the model said.
"""

from rfqflow.core.checks.checking import CONTRADICTED_FACT, ITEMS_INCOMPLETE, Checked, check, review

__all__ = ["CONTRADICTED_FACT", "ITEMS_INCOMPLETE", "Checked", "check", "review"]
