/**
 * A dispatch server as a process of its own, for crash tests and benchmarks: settings from `TAIKA_DISPATCH_…`, its
 * address and the operator's key to the parent by message. Ends with its parent.
 */
import { readFile } from 'node:fs/promises';
import { systemClock } from '@taika/runtime/clock';
import { createLogger } from '@taika/runtime/log';
import { systemRandom } from '@taika/runtime/random';
import { readSettings } from '@taika/runtime/settings';
import { startDispatchServer } from '../../src/server.ts';
import { dispatchPrefix, dispatchSettings } from '../../src/settings.ts';

const settings = readSettings(dispatchSettings, { environment: process.env, prefix: dispatchPrefix });
const server = await startDispatchServer({
  settings,
  clock: systemClock,
  random: systemRandom,
  log: createLogger({ name: 'dispatch', level: settings.logLevel }),
});
process.send?.({ url: server.url, operatorKey: (await readFile(server.operatorKeyFile, 'utf8')).trim() });

/** Most memory so far, and processor time, for benchmarks. */
process.on('message', () => {
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  process.send?.({ maxRssMiB: maxRSS / 1024, cpuSeconds: (userCPUTime + systemCPUTime) / 1e6 });
});

process.once('disconnect', async () => {
  await server[Symbol.asyncDispose]();
  process.exit(0);
});
