import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connect, type Sql, type Transaction } from '@taika/database/connect';
import { inTransaction } from '@taika/database/transaction';
import { balancesUnder } from '../src/balance.ts';
import { sealChain, verifyChain } from '../src/chain.ts';
import { assertNoDefects, openTestBooks, type TestBooks } from './books.ts';
import { carryOut, linked, type Memory, type Step } from './business.ts';

/** One step of each kind, on what the opening of `linked` has put there. */
const business: readonly Step[] = linked([
  { kind: 'earn', member: 'm1', points: 7n },
  { kind: 'finalise', member: 'm1', month: '2027-03', points: 5n },
  { kind: 'forfeit', member: 'm1', points: 2n },
  { kind: 'license', vendor: 'v1', net: 40n },
  { kind: 'job', customer: 'c1', amount: 300n, minutes: 60 },
  { kind: 'capture', of: 0, percent: 80, minute: 1 },
  { kind: 'job', customer: 'c1', amount: 100n, minutes: 60 },
  { kind: 'release', of: 0 },
  { kind: 'checkout', member: 'm1', points: 90n, minutes: 60 },
  { kind: 'capture', of: 0, percent: 100, minute: 1 },
  { kind: 'job', customer: 'c2', amount: 9_999n, minutes: 60 },
  { kind: 'top-up', customer: 'c2', amount: 11n },
  { kind: 'reverse', of: 0 },
]);

test('a writer killed between any two of its statements leaves nothing, and its repetition does all', async () => {
  await using killed = await openTestBooks();
  await using spared = await openTestBooks();
  const [memory, other] = [newMemory(), newMemory()];
  let kills = 0;
  for (const [number, step] of business.entries()) {
    const expected = await spared.run((tx) => carryOut(tx, other, number, step));
    for (let statement = 1; ; statement++) {
      const before = await balancesUnder(killed.sql, '');
      const outcome = await runKilled(killed, statement, (tx) => carryOut(tx, memory, number, step));
      if (outcome.kind === 'done') break;
      kills++;
      assert.deepEqual(await balancesUnder(killed.sql, ''), before, `${step.kind}, statement ${statement}`);
      await assertNoDefects(killed.sql);
    }
    // The answer may have been lost as well: it is the same when it is asked for again.
    const answer = await killed.run((tx) => carryOut(tx, memory, number, step));
    assert.equal(withoutIds(answer), withoutIds(expected), step.kind);
  }
  assert.ok(kills > 60, `Only ${kills} kills.`);
  assert.deepEqual(await balancesUnder(killed.sql, ''), await balancesUnder(spared.sql, ''));
  await killed.run((tx) => sealChain(tx));
  assert.equal((await verifyChain(killed.sql)).kind, 'intact');
  await assertNoDefects(killed.sql);
});

test('a chain whose sealing is killed between any two statements goes on without a gap', async () => {
  await using books = await openTestBooks();
  for (let round = 0; round < 3; round++) {
    await books.topUp('c', 10n);
    for (let statement = 1; ; statement++) {
      if ((await runKilled(books, statement, (tx) => sealChain(tx))).kind === 'done') break;
      await assertNoDefects(books.sql);
    }
  }
  const verdict = await verifyChain(books.sql);
  assert.deepEqual([verdict.kind, verdict.kind === 'intact' && verdict.head.position], ['intact', 3n]);
});

/** Ids are taken by killed writers too. */
function withoutIds(answer: string | undefined): string | undefined {
  return answer?.replace(/"(journalId|holdId)":"\d+"/g, '"$1"');
}

function newMemory(): Memory {
  return { holds: new Map(), journals: new Map() };
}

type Ended = Readonly<{ kind: 'killed' }> | Readonly<{ kind: 'done' }>;

/**
 * Runs work on a connection of its own, which the database kills before the `statement`-th statement, or before the
 * commit when there are fewer by one; `done` when the work needed fewer still.
 */
async function runKilled(
  books: TestBooks,
  statement: number,
  work: (tx: Transaction) => Promise<unknown>,
): Promise<Ended> {
  const victim = connect(books.url, { max: 1, applicationName: 'victim' });
  let isKilled = false;
  try {
    await inTransaction(victim, async (tx) => {
      const [row] = await tx<{ pid: number }[]>`select pg_backend_pid() as pid`;
      const kill = async () => {
        isKilled = true;
        await killBackend(books.sql, row?.pid ?? 0);
      };
      let count = 0;
      const counted = new Proxy(tx, {
        apply(target, self, values) {
          count += 1;
          const query = () => Reflect.apply(target, self, values);
          return count === statement ? kill().then(query) : query();
        },
      });
      await work(counted);
      if (count + 1 === statement) await kill();
    });
    assert.equal(isKilled, false, 'A transaction whose connection was killed cannot commit.');
    return { kind: 'done' };
  } catch (error) {
    if (!isKilled) throw error;
    return { kind: 'killed' };
  } finally {
    await victim.end({ timeout: 1 });
  }
}

/** Returns when the backend is gone, and its locks with it. */
async function killBackend(sql: Sql, pid: number): Promise<void> {
  await sql`select pg_terminate_backend(${pid}, 10000)`;
}
