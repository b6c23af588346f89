"""The first numbers of the advisory locks, for statements that cannot call `ai.lock_key`.

Both must have the same numbers.
"""

from __future__ import annotations

DOORBELL = 1380340038
MIGRATE = 1380340045
WORKER = 1380340055
