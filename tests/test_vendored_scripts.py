"""Third-party scripts that the console serves."""

import hashlib
import re
from importlib.resources import files

import pytest

RELEASES = {
    "idiomorph.txt": ("0.8.0", ["idiomorph.min.js"], "Zero-Clause BSD"),
    "uplot.txt": ("1.6.32", ["uplot.iife.min.js", "uplot.min.css"], "The MIT License"),
}


@pytest.mark.parametrize("note", RELEASES)
def test_a_vendored_script_equals_the_release_in_its_note_byte_for_byte(note):
    static = files("rfqflow.console").joinpath("static")
    text = static.joinpath(note).read_text(encoding="utf-8")
    version, names, license_ = RELEASES[note]

    assert re.findall(r"^version: (.+)$", text, re.MULTILINE) == [version]
    hashes = [hashlib.sha256(static.joinpath(name).read_bytes()).hexdigest() for name in names]
    assert re.findall(r"^sha256.*: (\w+)$", text, re.MULTILINE) == hashes
    assert license_ in text
