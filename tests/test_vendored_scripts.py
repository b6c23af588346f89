"""Scripts of others that the console serves."""

import hashlib
import re
from importlib.resources import files


def test_idiomorph_is_the_release_that_its_note_names_byte_for_byte():
    static = files("rfqflow.console").joinpath("static")
    script = static.joinpath("idiomorph.min.js").read_bytes()
    note = static.joinpath("idiomorph.txt").read_text(encoding="utf-8")

    assert re.search(r"^version: 0\.8\.0$", note, re.MULTILINE)
    assert re.findall(r"^sha256: (\w+)$", note, re.MULTILINE) == [hashlib.sha256(script).hexdigest()]
    assert "Zero-Clause BSD" in note
