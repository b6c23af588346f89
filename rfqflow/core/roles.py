"""What an account of the console may do: each role may all that those below it may."""

from __future__ import annotations

from enum import IntEnum


class Role(IntEnum):
    VIEWER = 0  # looks, and changes nothing
    DESK = 1  # corrects, confirms, assigns and answers RFQs
    OPERATOR = 2  # reruns, pauses, sets caps, changes prompts
    ADMIN = 3  # gives accounts

    @property
    def word(self) -> str:
        """As people write it, and as the database keeps it."""
        return self.name.lower()

    def may(self, word: str) -> bool:
        """Whether it may what takes the role of this word."""
        return self >= Role.of(word)

    @classmethod
    def of(cls, word: str) -> Role:
        """The role of a word; a ValueError names those there are."""
        found = next((role for role in cls if role.word == word.strip().lower()), None)
        if found is None:
            raise ValueError(f"must be one of {', '.join(role.word for role in cls)}")
        return found
