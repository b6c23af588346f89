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
