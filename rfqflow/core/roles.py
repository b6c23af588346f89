"""The roles of console accounts. Each role includes the rights of all lower roles."""

from __future__ import annotations

from enum import IntEnum


class Role(IntEnum):
    VIEWER = 0  # reads only
    DESK = 1  # corrects, confirms, assigns and answers RFQs
    OPERATOR = 2  # reruns, pauses, sets caps, changes prompts
    ADMIN = 3  # manages accounts

    @property
    def word(self) -> str:
        """The name of the role in forms and in the database."""
        return self.name.lower()

    def may(self, word: str) -> bool:
        """Whether this role includes the role with this name."""
        return self >= Role.of(word)

    @classmethod
    def of(cls, word: str) -> Role:
        """The role with this name. Raises ValueError, whose message lists the roles."""
        found = next((role for role in cls if role.word == word.strip().lower()), None)
        if found is None:
            raise ValueError(f"must be one of {', '.join(role.word for role in cls)}")
        return found
