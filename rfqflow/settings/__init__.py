"""Settings of a process: the environment, then `rfqflow.toml`. Values that all workers share are in `ai.policy`."""

from rfqflow.settings.checks import FINISH_MARGIN_SECONDS
from rfqflow.settings.loading import load, need_database
from rfqflow.settings.model import ANTHROPIC_MODEL, ANTHROPIC_URL, OLLAMA_URL, OPENAI_URL, ProviderName, Settings

__all__ = [
    "ANTHROPIC_MODEL", "ANTHROPIC_URL", "FINISH_MARGIN_SECONDS", "OLLAMA_URL", "OPENAI_URL", "ProviderName",
    "Settings", "load", "need_database",
]  # fmt: skip
