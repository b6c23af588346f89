"""The prompts that ship with the package: files a reviewer reads, one folder for each name."""

import tomllib
from importlib.resources import files

from rfqflow.core.prompting.prompt import PromptText


def shipped(name: str = "rfq") -> PromptText:
    """The prompt of that name as this release carries it."""
    folder = files(__name__) / name
    meta = tomllib.loads((folder / "meta.toml").read_text("utf-8"))
    return PromptText(
        name=meta["name"],
        number=meta["number"],
        system=(folder / "system.md").read_text("utf-8"),
        template=(folder / "user.md").read_text("utf-8"),
        parameters=meta["parameters"],
    )
