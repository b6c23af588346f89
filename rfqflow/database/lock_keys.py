"""The first numbers of the advisory locks, equal to those of `ai.lock_key`, for statements that cannot call it."""

from __future__ import annotations

DOORBELL = 1380340038
MIGRATE = 1380340045
WORKER = 1380340055
