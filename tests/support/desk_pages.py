"""How tests work in a browser on the RFQ that is open on the desk."""

from __future__ import annotations

import asyncio
import csv
import io

from tests.support.answered_rfqs import answered, item

MESSAGE = "Dear Sirs,\nplease quote 25 pcs seal kit SK-1\nand 40 m hose\nto Aarhus\nRegards"


async def becomes(look, wanted) -> None:
    async with asyncio.timeout(40):
        while (found := await look()) != wanted:
            await asyncio.sleep(0.02)
    assert found == wanted


async def kit(db, **more):
    """Inserts an RFQ with two lines; the model has read the first line wrongly."""
    about = {"line_items": [item("seal kit SK-1", "25", lines=[2]), item("hose", "40", "m", lines=[3])],
             "checks": {"line_items[0].quantity": {"verdict": "verified", "lines": [2]}}, **more}  # fmt: skip
    return await answered(db, MESSAGE, **about)


def quantity(db, rfq_id, line=0):
    async def look():
        return await db.fetchval(
            "select items -> $2::int ->> 'quantity' from ai.rfq_answer where rfq_id = $1", rfq_id, line
        )

    return look


def value(page, path):
    return page.locator(f'[data-path="{path}"] [data-edit]')


def editor(page, path):
    return page.locator(f'[data-path="{path}"] [data-input]')


async def exported(page):
    """Presses the key that downloads the list, and reads the file."""
    async with page.expect_download() as reported:
        await page.keyboard.press("x")
    file = await (await reported.value).path()
    return list(csv.DictReader(io.StringIO(file.read_text("utf-8-sig"), newline=""), strict=True))


async def asked_back(page):
    """Drafts a reply, changes it and marks it as sent to the customer, by keyboard."""
    keys = page.keyboard
    await keys.press("b")
    await page.wait_for_selector(".desk-draft textarea")
    await page.wait_for_selector(".desk:not([aria-busy])")
    await keys.press("b")
    await page.wait_for_selector(".desk-draft textarea:focus")
    await keys.press("Control+End")
    await keys.type("PS: by Friday.")
    for _ in range(8):
        await keys.press("Tab")
        if await page.evaluate("document.activeElement.name") == "asked":
            break
    await keys.press("Enter")
    await page.wait_for_selector(".desk-draft >> text=Asked by Ada Okoro")
    await page.wait_for_selector(".desk:not([aria-busy])")


async def worked_on(page, *, ask, reroute):
    """Corrects, confirms and assigns the open RFQ by keyboard; with `ask` and `reroute` it does these too."""
    keys = page.keyboard
    await keys.press("e")
    await page.wait_for_selector('[data-path="line_items[0].quantity"] input:focus')
    await keys.type("250")
    await keys.press("Enter")
    await page.wait_for_selector('[data-path="line_items[0].quantity"] [data-edit]:focus:has-text("250")')
    await keys.press("c")
    await page.wait_for_selector(".desk-chips >> text=Confirmed")
    await keys.press("a")
    await keys.type("Bo Lund")
    await keys.press("Enter")
    await page.wait_for_selector(".desk-chips >> text=Bo Lund")
    await page.wait_for_selector("form[data-desk-form=assign] button:focus")  # keys no longer go into the field
    if ask:
        await asked_back(page)
    if reroute:
        await keys.press("r")
        await page.wait_for_selector("form[data-desk-form=route] select:focus")
        await keys.type("mech")
        await keys.press("Tab")
        await keys.press("Enter")
        await page.wait_for_selector(".desk-chips >> text=by Ada Okoro")
        await page.wait_for_selector("form[data-desk-form=route] button:focus")
