// Replaces the drawings of a page with charts that show the values at the pointer, in the reader's time zone.
"use strict";

const COLOURS = 6;
const shades = getComputedStyle(document.documentElement);
const shade = (name) => shades.getPropertyValue(name).trim();
// Distances between ticks, in milliseconds. All are round times, so that no tick is at 1.7 minutes.
const SPANS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 15e3, 3e4, 6e4, 12e4, 3e5, 6e5, 9e5, 18e5, 36e5, 72e5, 108e5, 216e5, 432e5, 864e5, 1728e5];

function span(ms) {
  for (const [most, unit, per] of [[1e3, "ms", 1], [6e4, "s", 1e3], [36e5, "min", 6e4], [1728e5, "h", 36e5]]) {
    if (ms < most) return `${+(ms / per).toPrecision(3)} ${unit}`;
  }
  return `${+(ms / 864e5).toPrecision(3)} d`;
}

// uPlot's formats of time ticks, by the smallest distance between ticks (seconds). The second format of a row is added when the
// year or the day changes. Hours are 00 to 23.
const DATES = [
  [31536e3, "{YYYY}", null, null, null, null, null, null, 1],
  [86400, "{D} {MMM}", "\n{YYYY}", null, null, null, null, null, 1],
  [60, "{HH}:{mm}", "\n{D} {MMM}", null, "\n{D} {MMM}", null, null, null, 1],
];

const written = {
  ms: span,
  usd: (value) => `$${+value.toPrecision(4)}`,
  count: (value) => value.toLocaleString("en"),
  share: (value) => `${+(value * 100).toFixed(1)} %`,
};

// Draws a line at each time at which another prompt became active, with the name of the prompt.
function marks(given) {
  return { hooks: { draw: (plot) => {
    const { ctx, bbox } = plot;
    ctx.save();
    ctx.strokeStyle = shade("--muted");
    ctx.fillStyle = shade("--muted");
    ctx.font = `${11 * devicePixelRatio}px sans-serif`;
    ctx.setLineDash([4, 4]);
    for (const one of given) {
      const x = Math.round(plot.valToPos(one.at, "x", true));
      if (x < bbox.left || x > bbox.left + bbox.width) continue;
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
      const room = bbox.left + bbox.width - x > ctx.measureText(one.name).width + 8;
      ctx.textAlign = room ? "left" : "right";
      ctx.fillText(one.name, x + (room ? 4 : -4), bbox.top + 11 * devicePixelRatio);
    }
    ctx.restore();
  } } };
}

function draw(place) {
  const { unit, x, each, series, marks: given } = JSON.parse(place.dataset.chart);
  const text = written[unit];
  const axis = { stroke: shade("--muted"), grid: { stroke: shade("--line"), width: 1 }, ticks: { stroke: shade("--line"), width: 1 } };
  const whole = unit === "count" ? { incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6] } : {};
  const options = {
    width: place.clientWidth, height: 240, plugins: [marks(given)], legend: { live: true },
    scales: { x: { time: true, range: (_, low, high) => [low, high + each] }, y: { range: (_, low, high) => [0, high > 0 ? high * 1.05 : 1] } },
    axes: [{ ...axis, values: DATES }, { ...axis, ...whole, ...(unit === "ms" ? { incrs: SPANS } : {}), size: 64, values: (_, ticks) => ticks.map((tick) => (tick === null ? "" : text(tick))) }],
    series: [{ label: place.dataset.zone, value: "{D} {MMM} {YYYY} {HH}:{mm}" }, ...series.map((one, at) => ({
      label: one.name, stroke: shade(`--s${at % COLOURS}`), width: 2, spanGaps: false, points: { show: true, size: x.length < 100 ? 6 : 4 },
      value: (_, value) => (value === null || value === undefined ? "\u2013" : text(value)),
    }))],
  };
  const chart = new uPlot(options, [x, ...series.map((one) => one.values)], place);
  place.parentElement.querySelector("[data-drawn]").hidden = true;
  new ResizeObserver(() => chart.setSize({ width: place.clientWidth, height: 240 })).observe(place);
}

const zoneName = new Date().toLocaleTimeString("en", { timeZoneName: "short" }).split(" ").pop();
for (const one of document.querySelectorAll("[data-chart]")) {
  one.dataset.zone = zoneName;
  draw(one);
}
for (const one of document.querySelectorAll("[data-zone-name]")) one.textContent = zoneName;
