"""First numbers of the advisory locks, as `ai.lock_key` has them, for statements that must do without that function."""

from __future__ import annotations

DOORBELL = 1380340038
MIGRATE = 1380340045
WORKER = 1380340055
