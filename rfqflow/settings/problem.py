"""A problem of a daemon's settings or environment, with the same text at start, in doctor and in SQL."""

from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """`source` names the variable, option or file. The texts repeat no value of a setting."""

    code: str  # unknown_setting, provider_misconfigured, archive_folder, database, http, model_required, extra_missing
    source: str
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.source}: {self.what}: {self.remedy}"

    def as_json(self) -> dict[str, str]:
        """The form of `ai.workers.problems`."""
        return asdict(self)
