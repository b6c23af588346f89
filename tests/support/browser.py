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
# The first is the same engine without a window's worth of browser around it: a page takes half the CPU.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip

# For a context: the pulse of the health bar alone takes a twentieth of a processor on each page that is open.
STILL = {"reduced_motion": "reduce"}


def chromium() -> str:
    """Where it is; skips the test where there is none."""
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
    """Waits for the whole page where a click leads to one.

    Playwright itself waits until the first bytes have come: a test that reads at once then finds a part of it.
    """

    async def clicked(at: Page | Locator, *arguments: Any, **options: Any) -> None:
        await click(at, *arguments, **options)
        page: Page = getattr(at, "page", at)
        if not page.is_closed():
            await page.wait_for_load_state("domcontentloaded")

    return clicked


@contextlib.asynccontextmanager
async def people(browser: Browser, url: str) -> AsyncIterator[Callable[..., Awaitable[Page]]]:
    """A way to open pages as somebody, `(name, **context) -> page`; `page.complaints` has what broke in its scripts.

    They are closed in the end: a page that nobody looks at any more follows each change in the database.
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
    """Yields its URL."""
    await ensure_account(database)
    given = {**CHEAP, **environment}
    async with ForkedProcess("console", "--http", "127.0.0.1:0", RFQFLOW_DATABASE_URL=database, **given) as process:
        url = (await process.until_noise("console: ")).removeprefix("console: ").strip()
        async with serves(url, database):
            yield url
    # Whatever the test was about: no page broke, and what people wrote and searched for is not in the log.
    assert "console.internal_error" not in process.text
    assert "library.warning" not in process.text
    assert not any(secret in process.text for secret in ("script", "pumps", "Ada Okoro", PASSWORD))
