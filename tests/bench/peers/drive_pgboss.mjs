import { PgBoss } from "pg-boss";
import { Seen, main, nothing, sameWork, say, ticks, untilTold } from "./driving.mjs";

async function started(dsn, options = {}) {
  const boss = new PgBoss({ connectionString: dsn, supervise: false, schedule: false, ...options });
  boss.on("error", (error) => process.stderr.write(`${error.message}\n`));
  await boss.start();
  return boss;
}

await main({
  async setup({ dsn }) {
    const boss = await started(dsn);
    await boss.createQueue("job", { notify: true });
    await boss.stop({ graceful: false });
    await say({});
  },

  async fill({ dsn, jobs }) {
    const boss = await started(dsn);
    for (let start = 0; start < jobs; start += 1000) {
      const numbers = Array.from({ length: Math.min(1000, jobs - start) }, (_, place) => start + place);
      await boss.insert("job", numbers.map((number) => ({ data: { number } })));
    }
    await boss.stop({ graceful: false });
    await say({});
  },

  // A backlog: loops of fetch and complete, which it documents for this. One by one: a worker that is notified.
  async work({ dsn, expected, loops, batch, handler = "" }) {
    const seen = new Seen(expected);
    const handle = handler ? await sameWork(dsn) : nothing;
    const boss = await started(dsn, { useListenNotify: true });
    let stopping = false;
    const handled = async (jobs) => {
      const numbers = jobs.map((job) => job.data.number);
      for (const number of numbers) seen.start(number);
      await (handler === "array" ? handle(numbers) : Promise.all(numbers.map((number) => handle([number]))));
    };
    const loop = async () => {
      while (!stopping) {
        const jobs = await boss.fetch("job", { batchSize: batch });
        if (jobs.length === 0) {
          await new Promise((resolve) => setTimeout(resolve, 20));
          continue;
        }
        await handled(jobs);
        await boss.complete("job", jobs.map((job) => job.id));
      }
    };
    const running = loops ? Array.from({ length: loops }, loop) : [await boss.work("job", { batchSize: batch }, handled)];
    await say({ ready: true });
    await untilTold();
    stopping = true;
    await Promise.all(running);
    await boss.stop({ graceful: true, timeout: 5000 });
    await say(seen.result());
  },

  async produce({ dsn, ...pace }) {
    const boss = await started(dsn);
    await ticks((number) => boss.send("job", { number }), pace);
    await boss.stop({ graceful: false });
  },
});
