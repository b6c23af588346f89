import { Logger, makeWorkerUtils, run } from "graphile-worker";
import { Seen, main, nothing, sameWork, say, ticks, untilTold } from "./driving.mjs";

const logger = new Logger(() => () => {});

async function withUtils(dsn, work) {
  const utils = await makeWorkerUtils({ connectionString: dsn, logger });
  await work(utils);
  await utils.release();
}

await main({
  async setup({ dsn }) {
    await withUtils(dsn, (utils) => utils.migrate());
    await say({});
  },

  // An array is one job with many RFQs, as its own batches are: whoever enqueues makes them.
  async fill({ dsn, jobs, array = 0 }) {
    await withUtils(dsn, async (utils) => {
      for (let start = 0; start < jobs; start += 1000) {
        const numbers = Array.from({ length: Math.min(1000, jobs - start) }, (_, place) => start + place);
        const payloads = [];
        for (let at = 0; at < numbers.length; at += array || 1) {
          payloads.push(array ? numbers.slice(at, at + array).map((number) => ({ number })) : { number: numbers[at] });
        }
        await utils.addJobs(payloads.map((payload) => ({ identifier: "job", payload })));
      }
    });
    await say({});
  },

  async work({ dsn, expected, concurrency, local_queue: size, handler = "" }) {
    const seen = new Seen(expected);
    const handle = handler ? await sameWork(dsn) : nothing;
    const job = async (payload) => {
      const numbers = [payload].flat().map(({ number }) => number);
      for (const number of numbers) seen.start(number);
      await handle(numbers);
    };
    const runner = await run({
      connectionString: dsn,
      noHandleSignals: true,
      taskList: { job },
      preset: {
        worker: {
          concurrentJobs: concurrency,
          maxPoolSize: 10,
          logger,
          localQueue: { size },
          completeJobBatchDelay: 0,
          failJobBatchDelay: 0,
        },
      },
    });
    await say({ ready: true });
    await untilTold();
    await runner.stop();
    await say(seen.result());
  },

  async produce({ dsn, ...pace }) {
    await withUtils(dsn, (utils) => ticks((number) => utils.addJob("job", { number }), pace));
  },
});
