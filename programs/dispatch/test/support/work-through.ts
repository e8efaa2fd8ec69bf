import { RemoteError } from '@taika/http/remote-error';
import type { ReportText } from '@taika/protocol/dispatch/cycle';
import { type Compute, pause, reportOf, type TestWorker } from './grid.ts';
import { newId } from './parties.ts';

/**
 * A terminal that outlives its server: it repeats a call until it is answered, and keeps results until they are
 * acknowledged. Ends when the test is over, or when its right was taken.
 */
export async function workThrough(
  worker: TestWorker,
  address: { url: string },
  compute: Compute,
  isOver: () => boolean,
): Promise<'over' | 'revoked'> {
  let reports: ReportText[] = [];
  while (!isOver()) {
    const cycleId = newId<never>();
    for (let retry = false; !isOver(); retry = true) {
      try {
        const reply = await worker.at(address.url).cycle({ reports, cycleId, retry, unitsMax: 4 });
        reports = await Promise.all(reply.assignments.map((assignment) => reportOf(assignment, compute)));
        break;
      } catch (error) {
        if (error instanceof RemoteError && error.code === 'terminal-revoked') {
          return 'revoked';
        }
        await pause();
      }
    }
    await pause();
  }
  return 'over';
}
