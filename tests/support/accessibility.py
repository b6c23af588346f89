"""Checks of a page for people who do not see it, see it badly, or enlarge it: axe, and checks that axe lacks."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Page

# The results of these rules depend on the colour scheme; all other rules find the same in both schemes. axe takes
# longer for contrast than for all else: it runs on a page once. In the other scheme, or at another width, CONTRAST
# measures each text.
LINK_RULE = "link-in-text-block"
COLOUR_RULES = ("color-contrast", LINK_RULE)
# The results of these rules depend on the width of the page, and not on what only a phone or a large screen shows.
LAYOUT_RULES = ("target-size", "scrollable-region-focusable", "page-has-heading-one", "heading-order")


async def bring_axe(context: BrowserContext) -> None:
    """Adds `axe` to each page of the context. The browser adds it, since the console's policy allows no foreign script."""
    script = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
    await context.add_init_script(script=script)


_AXE = """async ([only, without]) => {
  const options = { resultTypes: ['violations'], preload: false, rules: { 'target-size': { enabled: true } } };
  for (const rule of without) options.rules[rule] = { enabled: false };
  if (only.length) options.runOnly = { type: 'rule', values: only };
  const found = await axe.run(document, options);
  return found.violations.flatMap((rule) => rule.nodes.slice(0, 3).map((node) =>
    `${rule.id} (${rule.impact}): ${node.target.join(' ')} ${node.html.slice(0, 120)}` +
    (rule.id === 'color-contrast' ? ' ' + node.any.map((one) => one.message).join(' ') : '')));
}"""


async def violations(page: Page, only: tuple[str, ...] = (), without: tuple[str, ...] = ()) -> list[str]:
    """The violations that axe finds, of any impact, with up to three places per rule."""
    found: list[str] = await page.evaluate(_AXE, [list(only), list(without)])
    return found


# The elements that make a page scroll sideways.
BEYOND = """() => document.documentElement.scrollWidth <= innerWidth ? [] : ['sideways: ' + ([...document.querySelectorAll('body *')]
  .filter((one) => one.checkVisibility() && one.getBoundingClientRect().right > innerWidth + 1 && !one.closest('.scroll, .figure, .sr'))
  .map((one) => `${one.tagName}.${one.className}`).slice(0, 6).join(', ') || document.documentElement.scrollWidth)]"""

_LIGHT = """
  const lum = (c) => { const f = c.slice(0, 3).map((v) => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; }); return 0.2126 * f[0] + 0.7152 * f[1] + 0.0722 * f[2]; };
  const parse = (s) => { const n = (s.match(/[\\d.]+/g) || []).map(Number); return n.length < 4 ? [...n, 1] : n; };
  const behind = (e) => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c[3] > 0.99) return c; } return [255, 255, 255, 1]; };
  const ratio = (a, b) => (Math.max(lum(a), lum(b)) + 0.05) / (Math.min(lum(a), lum(b)) + 0.05);
"""

# Fields with an edge that is hard to see: below 3 to 1 against the surroundings (WCAG 1.4.11, which axe does not
# measure).
FAINT_FIELDS = (
    "() => {"
    + _LIGHT
    + """
  return [...document.querySelectorAll('input:not([type=hidden], [type=checkbox], [type=radio]), select, textarea')].filter((e) => e.checkVisibility())
    .map((e) => { const style = getComputedStyle(e), around = behind(e.parentElement);
      return [e, parseFloat(style.borderTopWidth) ? ratio(parse(style.borderTopColor), around) : ratio(parse(style.backgroundColor), around)]; })
    .filter(([, found]) => found < 3).map(([e, found]) => `faint field: ${e.outerHTML.slice(0, 80)} ${found.toFixed(2)}`); }"""
)

# Colours of charts, bars, fields and focus with a contrast below 3 to 1 against the card behind them.
FAINT_COLOURS = (
    "() => {"
    + _LIGHT
    + """
  const probe = document.createElement('i'); document.querySelector('main').append(probe);
  const read = (name) => { probe.style.color = `var(${name})`; return parse(getComputedStyle(probe).color); };
  const bad = [...'012345'].map((n) => `--s${n}`).concat(['--bar-done', '--bar-skipped', '--bar-failed', '--field', '--focus'])
    .map((name) => [name, ratio(read(name), read('--surface'))]).filter(([, found]) => found < 3);
  probe.remove(); return bad.map(([name, found]) => `faint colour: ${name} ${found.toFixed(2)}`); }"""
)

# Parts of a page that lose the focus. An element in the part has the focus, the part is replaced by nothing, and the
# focus goes to the body.
LOST_FOCUS = """() => [...document.querySelectorAll('[data-part]')].filter((part) => {
  const one = [...part.querySelectorAll('a[href], button, summary, [tabindex="0"], input[type=checkbox]')].find((each) => each.checkVisibility() && !each.disabled);
  if (!one) return false;
  one.focus(); morph(part, '');
  return document.activeElement === document.body;
}).map((part) => part.dataset.part)"""

# Elements whose selection only a background shows, which forced colours remove.
ONLY_COLOUR = """() => [...document.querySelectorAll('[aria-current]')].filter((e) => e.checkVisibility()).filter((e) => {
  const style = getComputedStyle(e);
  return style.outlineStyle === 'none' && !parseFloat(style.borderInlineStartWidth) && style.textDecorationLine === 'none';
}).map((e) => e.outerHTML.slice(0, 80))"""

# On paper: controls that are visible, and boxes that show only a part of their text.
PRESSED_OR_CUT = """() => [...document.querySelectorAll('button, a.button, input, select')].filter((e) => e.checkVisibility() && !e.matches('.desk-value'))
  .map((e) => `pressed: ${e.outerHTML.slice(0, 80)}`)
  .concat([...document.querySelectorAll('main *')].filter((e) => e.checkVisibility() && getComputedStyle(e).overflowY !== 'visible' && e.scrollHeight > e.clientHeight + 1 && getComputedStyle(e).clipPath === 'none')
  .map((e) => `cut: ${e.tagName}.${e.className} ${e.innerText.slice(0, 40)}`))"""

# A text of a customer, an operator or a prompt that became a part of the page.
ACTED = """() => document.querySelector('main script, main img:not(.brand img)') || /owned|^1$/.test(document.title) ? ['a text acts'] : []"""
