"""How the console reads a form."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from starlette.requests import Request

from rfqflow.console.access import FormTooLarge, read_form
from rfqflow.console.desk_export import unknown_values
from rfqflow.core.drafting.reply import BODY_MOST, SUBJECT_MOST


def sent(**fields):
    body = urlencode(fields).encode()

    async def receive():
        return {"type": "http.request", "body": body}

    headers = [(b"content-type", b"application/x-www-form-urlencoded")]
    return Request({"type": "http", "method": "POST", "path": "/", "headers": headers}, receive)


@pytest.mark.parametrize("character", ["a", "\u9ad8", "\U0001f600"])
async def test_the_longest_draft_fits_in_any_script(character):
    body = character * BODY_MOST
    form = await read_form(sent(form_token="t" * 64, subject=character * SUBJECT_MOST, old="1", value=body))
    assert form is not None
    assert form["value"] == [body]


async def test_a_form_without_a_length_is_not_read():
    with pytest.raises(FormTooLarge, match="at most 128 kB"):
        await read_form(sent(value="a" * 200_000))


@pytest.mark.parametrize(
    "given",
    [
        {"state": "handeld"},
        {"urgent": "true"},
        {"lines": "item"},
        {"separator": "tab"},
        {"sort": "name"},
        {"routes": "civil"},
    ],
)
def test_an_export_takes_only_the_selection_that_was_confirmed(given):
    assert next(iter(given)) in unknown_values(given)


def test_an_export_takes_each_filter_of_the_desk():
    assert (
        unknown_values(
            {"state": "all", "route": "-", "urgent": "1", "sort": "-due", "lines": "items", "q": "x", "owner": "-"}
        )
        == ""
    )
