/**
 * A checkout with points, as a member waits for it: hold and capture, each a durable transaction, while others check out
 * at the same time. Beside it the disk's own syncs. One JSON line. `--checkouts N` (default 2000), `--parallel N` (8).
 */
import { cpus, loadavg, tmpdir } from 'node:os';
import { parseArgs } from 'node:util';
import { accountCode } from '@taika/ledger/account';
import { checkoutCaptured, pointsFinal, pointsPending } from '@taika/ledger/events';
import { placeHold } from '@taika/ledger/place-hold';
import { POINTS } from '@taika/ledger/points';
import { postMany } from '@taika/ledger/post';
import { captureHold } from '@taika/ledger/resolve-hold';
import { measureFdatasync } from '../dispatch/physical-limit.ts';
import { secondsSince, startDurableBooks } from './durable-books.ts';

const { values } = parseArgs({
  options: { checkouts: { type: 'string', default: '2000' }, parallel: { type: 'string', default: '8' } },
});
const checkouts = Number(values.checkouts);
const months = ['2027-01', '2027-02', '2027-03'];
const currency = 'JPY';
const at = new Date();

await using started = await startDurableBooks(['dispatch']);
const [book] = started.books;
if (book === undefined) {
  throw new Error('A book was started.');
}
await giveEverybodyPoints();
const fdatasyncPerSecond = await measureFdatasync(tmpdir());
const latencies: number[] = [];
let next = 0;
const startMs = performance.now();
await Promise.all(
  Array.from({ length: Number(values.parallel) }, async () => {
    while (next < checkouts) {
      const member = next++;
      const beganMs = performance.now();
      await checkOut(member);
      latencies.push(performance.now() - beganMs);
    }
  }),
);
const seconds = secondsSince(startMs);
latencies.sort((left, right) => left - right);
console.log(
  JSON.stringify({
    bench: 'checkout-hold-and-capture',
    checkouts,
    parallel: Number(values.parallel),
    checkoutsPerSecond: Math.round(checkouts / seconds),
    p50Ms: percentile(0.5),
    p99Ms: percentile(0.99),
    fdatasyncPerSecond,
    loadAverage: loadavg()[0],
    cores: cpus().length,
  }),
);

async function giveEverybodyPoints(): Promise<void> {
  for (let from = 0; from < checkouts; from += 500) {
    const members = Array.from({ length: Math.min(500, checkouts - from) }, (_, index) =>
      String(from + index),
    );
    const commands = members.flatMap((member) => [
      { idempotencyKey: `earn:${member}`, postings: pointsPending({ member, points: 30_000n }) },
      ...months.map((month) => ({
        idempotencyKey: `final:${member}:${month}`,
        postings: pointsFinal({ member, month, points: 10_000n, currency }),
      })),
    ]);
    await book?.run((tx) =>
      postMany(
        tx,
        commands.map((command) => ({ ...command, event: 'bench', command: {}, at })),
      ),
    );
  }
}

async function checkOut(member: number): Promise<void> {
  const from = months.map((month) => accountCode.pointsOfMember(String(member), month));
  const command = { event: 'bench', command: {}, at };
  const held = await book?.run((tx) =>
    placeHold(tx, { ...command, idempotencyKey: `hold:${member}`, from, commodity: POINTS, amount: 25_000n }),
  );
  if (held?.kind !== 'held') {
    throw new Error(`Member ${member} has points.`);
  }
  const postings = checkoutCaptured({ vendor: String(member % 50), parts: held.parts, currency });
  await book?.run((tx) =>
    captureHold(tx, { ...command, idempotencyKey: `capture:${member}`, holdId: held.holdId, postings }),
  );
}

function percentile(share: number): number {
  return Math.round((latencies[Math.floor(latencies.length * share)] ?? 0) * 10) / 10;
}
