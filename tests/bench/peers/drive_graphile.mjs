import { Logger, makeWorkerUtils, run } from "graphile-worker";
import { Seen, main, say, ticks, untilTold } from "./driving.mjs";

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

  async fill({ dsn, jobs }) {
    await withUtils(dsn, async (utils) => {
      for (let start = 0; start < jobs; start += 1000) {
        const numbers = Array.from({ length: Math.min(1000, jobs - start) }, (_, place) => start + place);
        await utils.addJobs(numbers.map((number) => ({ identifier: "job", payload: { number } })));
      }
    });
    await say({});
  },

  async work({ dsn, expected, concurrency, local_queue: size }) {
    const seen = new Seen(expected);
    const runner = await run({
      connectionString: dsn,
      noHandleSignals: true,
      taskList: { job: async ({ number }) => seen.start(number) },
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
