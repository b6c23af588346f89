"""The capabilities of models. What one daemon learns about a server, other daemons read at their start."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rfqflow.store.operator import OperatorStore

if TYPE_CHECKING:
    from collections.abc import Mapping


class ModelCapabilityStore(OperatorStore):
    """Reads and writes capabilities. Raises like `OperatorStore`."""

    async def known(self, provider: str, server: str) -> list[dict[str, Any]]:
        """Each model's mode, tokens_field and rejected parameters."""
        return await self._rows("select * from ai.known_model_capabilities($1, $2)", provider, server)

    async def learn(self, provider: str, server: str, model: str, capabilities: Mapping[str, Any]) -> None:
        await self._rows(
            "select ai.learn_model_capabilities($1, $2, $3, $4, $5, $6)",
            provider, server, model, capabilities["mode"], capabilities["tokens_field"], capabilities["rejected"],
        )  # fmt: skip
