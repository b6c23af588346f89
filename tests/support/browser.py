"""A real headless Chromium and a real console process, for tests of pages."""

from __future__ import annotations

import contextlib
import os
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.console_accounts import CHEAP, PASSWORD, ensure_account, log_in, serves
from tests.support.daemon import ForkedProcess

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from playwright.async_api import Browser, Locator, Page

__all__ = ["STILL", "browsing", "chromium", "log_in", "people", "serving_console"]
# The headless shell comes first: it is the same engine without the rest of the browser, and a page takes half the CPU.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip

# For a context: the animation of the health bar alone takes a twentieth of a processor on each open page.
STILL = {"reduced_motion": "reduce"}


def chromium() -> str:
    """The path of Chromium. Skips the test where none is installed."""
    named = os.environ.get("RFQFLOW_TEST_CHROMIUM")
    found = named or next(filter(None, map(shutil.which, NAMES)), None)
    if not found:
        pytest.skip(
            "no Chromium: install one (apt install chromium-headless-shell), or name it in RFQFLOW_TEST_CHROMIUM"
        )
    return found


@contextlib.asynccontextmanager
async def browsing() -> AsyncIterator[Browser]:
    path = chromium()
    from playwright.async_api import Locator, Page, async_playwright

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        try:
            with pytest.MonkeyPatch.context() as patch:
                for one in (Page, Locator):
                    patch.setattr(one, "click", _until_parsed(one.click))
                yield browser
        finally:
            await browser.close()


def _until_parsed(click: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    """Waits for the whole page where a click leads to another page.

    Playwright itself waits for the first bytes only: a test that reads at once then finds a part of the page.
    """

    async def clicked(at: Page | Locator, *arguments: Any, **options: Any) -> None:
        await click(at, *arguments, **options)
        page: Page = getattr(at, "page", at)
        if not page.is_closed():
            await page.wait_for_load_state("domcontentloaded")

    return clicked


@contextlib.asynccontextmanager
async def people(browser: Browser, url: str) -> AsyncIterator[Callable[..., Awaitable[Page]]]:
    """A function that opens pages as a person, `(name, **context) -> page`.

    `page.complaints` has the errors of a page's scripts. The pages are closed at the end: an open page follows each
    change in the database.
    """
    async with contextlib.AsyncExitStack() as stack:

        async def open_as(name: str, **options: Any) -> Page:
            given = {"viewport": {"width": 1440, "height": 900}, "base_url": url, **STILL, **options}
            context = await browser.new_context(**given)
            stack.push_async_callback(context.close)
            page = await context.new_page()
            page.set_default_timeout(40_000)
            page.complaints = []
            page.on("pageerror", lambda error: page.complaints.append(str(error)))
            await log_in(page, url, name)
            return page

        yield open_as


@contextlib.asynccontextmanager
async def serving_console(database: str, **environment: str) -> AsyncIterator[str]:
    """Runs a console, and yields its URL."""
    await ensure_account(database)
    given = {**CHEAP, **environment}
    async with ForkedProcess("console", "--http", "127.0.0.1:0", RFQFLOW_DATABASE_URL=database, **given) as process:
        url = (await process.until_noise("console: ")).removeprefix("console: ").strip()
        async with serves(url, database):
            yield url
    # In every test: no page had an error, and no text that people wrote or searched for is in the log.
    assert "console.internal_error" not in process.text
    assert "library.warning" not in process.text
    assert not any(secret in process.text for secret in ("script", "pumps", "Ada Okoro", PASSWORD))
