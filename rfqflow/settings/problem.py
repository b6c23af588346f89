"""What is wrong with a daemon's settings or its surroundings: one thing, told alike at start, by doctor, in SQL."""

from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """`source` names the variable, option or file that it comes from. Nothing here repeats a value."""

    code: str  # unknown_setting, provider_misconfigured, archive_folder, database, http, model_required, extra_missing
    source: str
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.source}: {self.what}: {self.remedy}"

    def as_json(self) -> dict[str, str]:
        """As `ai.workers.problems` keeps it."""
        return asdict(self)
