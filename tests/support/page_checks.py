"""Checks of a page in the browser, and an RFQ that tries to run something in the page."""

from __future__ import annotations

HOSTILE = (
    "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
    "</textarea><a href='javascript:document.title=1'>{{ 'in' + 'jected' }}</a> \u202eabc\u202c\x1b[31m "
    "&lt;b&gt; ' \" `--> ]]> We need 5 pumps. "
)


# Contrast of each visible text against its background: 4.5, for large text 3. Colours that shine through a text count.
CONTRAST = """() => {
  const lum = (c) => { const f = c.slice(0, 3).map((v) => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; }); return 0.2126 * f[0] + 0.7152 * f[1] + 0.0722 * f[2]; };
  const parse = (s) => { const n = (s.match(/[\\d.]+/g) || []).map(Number); return n.length < 4 ? [...n, 1] : n; };
  const behind = (e) => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c[3] > 0.99) return c; } return [255, 255, 255, 1]; };
  const seen = (e) => { let part = 1; for (; e; e = e.parentElement) part *= parseFloat(getComputedStyle(e).opacity); return part; };
  const over = (above, below, part) => above.slice(0, 3).map((v, n) => v * part + below[n] * (1 - part));
  const bad = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let n = walk.nextNode(); n; n = walk.nextNode()) {
    const e = n.parentElement;
    if (!n.data.trim() || !e.checkVisibility() || e.closest('svg, .sr, .skip, dialog:not([open]), option, script, :disabled')) continue;
    const style = getComputedStyle(e), ground = behind(e), ink = parse(style.color);
    const a = lum(over(ink, ground, ink[3] * seen(e))), b = lum(ground);
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && style.fontWeight >= 700);
    if (ratio < (large ? 3 : 4.5)) bad.push(`${n.data.trim().slice(0, 30)}: ${ratio.toFixed(2)}`);
  }
  return bad;
}"""


NAMELESS = """() => [...document.querySelectorAll('button, input:not([type=hidden]), select, a[href]')]
  .filter((e) => e.checkVisibility() && !(e.innerText || '').trim() && !(e.getAttribute('aria-label')) && !(e.labels && [...e.labels].some((l) => l.innerText.trim() || l.textContent.trim())))
  .map((e) => e.outerHTML.slice(0, 80))"""
