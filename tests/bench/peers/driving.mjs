// What the drivers of all Node peers do alike; see driving.py. The harness copies it beside their node_modules.

import { readFileSync } from "node:fs";

const now = () => Number(process.hrtime.bigint()) / 1e9; // the same clock as Python's time.monotonic()
const waiting = { line: null, end: null };
let text = "";
const ended = new Promise((resolve) => (waiting.end = resolve));
const first = new Promise((resolve) => (waiting.line = resolve));
process.stdin.on("data", (chunk) => {
  text += chunk;
  if (text.includes("\n")) waiting.line(text);
});
process.stdin.on("end", () => waiting.end());

export const say = (value) => new Promise((resolve) => process.stdout.write(JSON.stringify(value) + "\n", resolve));

export const untilTold = () => ended;

export class Seen {
  constructor(expected) {
    this.expected = expected;
    this.firstAt = null;
    this.starts = 0;
    this.started = new Map();
    this.cpuBefore = process.cpuUsage();
  }

  start(number) {
    const at = now();
    this.firstAt ??= at;
    this.starts += 1;
    this.started.set(number, at);
    if (this.starts === this.expected) say({ ran: this.starts });
  }

  result() {
    const cpu = process.cpuUsage(this.cpuBefore);
    return {
      first_at: this.firstAt,
      starts: this.starts,
      distinct: this.started.size,
      started: this.expected === null ? Object.fromEntries(this.started) : null,
      cpu_seconds: (cpu.user + cpu.system) / 1e6,
      rss_mib: Number(/VmHWM:\s+(\d+)/.exec(readFileSync("/proc/self/status", "ascii"))[1]) / 1024,
    };
  }
}

const ANSWER = {
  summary: "Quote for 250 laser-cut brackets in 1.4301 and 40 galvanized flanges DN 50, delivered DAP Rotterdam with a 3.1 certificate.",
  tags: ["laser-cutting", "stainless-steel"],
  route: "general",
  urgency: "normal",
  confidence: 0.82,
  language: "en",
  line_items: [{ description: "Bracket", quantity: "250", unit: "pcs", part_number: "BR-4471" }],
};

export const nothing = async () => {};

// As in driving.py, by the driver that both peers bring.
export async function sameWork(dsn) {
  const { default: pg } = await import("pg");
  const pool = new pg.Pool({ connectionString: dsn, min: 16, max: 16 });
  return async (numbers) => {
    const client = await pool.connect();
    try {
      const read = await client.query({ name: "read", text: "select * from bench.read_rfqs($1)", values: [numbers] });
      const answers = read.rows.map(() => JSON.stringify(ANSWER));
      await client.query({
        name: "write",
        text: "select bench.write_back($1, $2)",
        values: [read.rows.map((rfq) => rfq.number), answers],
      });
    } finally {
      client.release();
    }
  };
}

export async function ticks(enqueue, { per_second: perSecond, seconds }) {
  const called = {};
  const committed = {};
  const began = now();
  for (let number = 0; number < Math.round(perSecond * seconds); number += 1) {
    const wait = began + number / perSecond - now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait * 1000));
    called[number] = now();
    await enqueue(number);
    committed[number] = now();
  }
  await say({ called, committed });
}

export async function main(tasks) {
  const { task, ...given } = JSON.parse(await first);
  await tasks[task](given);
  process.exit(0);
}
