import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { balancesUnder } from '../src/balance.ts';
import { sealChain, verifyChain } from '../src/chain.ts';
import { postMany } from '../src/post.ts';
import { assertNoDefects, openTestBooks, type TestBooks } from './books.ts';
import { arbitraryStep, carryOut, journalCommand, linked, type Memory, type Step } from './business.ts';

const steps = fc.array(arbitraryStep, { minLength: 30, maxLength: 80 }).map(linked);
const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);

/** Random runs that can be replayed: `SEED=… node --test …`. */
function check(t: TestContext, numRuns: number, property: fc.IAsyncProperty<unknown>): Promise<void> {
  t.diagnostic(`SEED=${seed}`);
  return fc.assert(property, { seed, numRuns, endOnFailure: true });
}

test('whatever parallel writers do, the books are right at every instant, and every answer stays as it was', async (t) => {
  const property = fc.asyncProperty(steps, fc.integer({ min: 1, max: 6 }), async (business, writers) => {
    await using books = await openTestBooks();
    const memory: Memory = { holds: new Map(), journals: new Map() };
    const answers = new Map<number, string | undefined>();
    const queue = [...business.entries()];
    let working = writers;
    const write = async () => {
      for (let next = queue.shift(); next; next = queue.shift()) {
        const [number, step] = next;
        answers.set(number, await books.run((tx) => carryOut(tx, memory, number, step)));
        if (number % 7 === 0) await books.run((tx) => sealChain(tx, { commandsMax: 5 }));
      }
      working--;
    };
    const watch = async () => {
      while (working > 0) await assertNoDefects(books.sql);
    };
    await Promise.all([...Array.from({ length: writers }, write), watch()]);
    await assertNoDefects(books.sql);
    const before = await balancesUnder(books.sql, '');
    for (const [number, step] of [...business.entries()].reverse()) {
      if (answers.get(number) === undefined) continue;
      assert.equal(
        await books.run((tx) => carryOut(tx, memory, number, step)),
        answers.get(number),
        step.kind,
      );
    }
    assert.deepEqual(await balancesUnder(books.sql, ''), before);

    await books.run((tx) => sealChain(tx));
    assert.equal((await verifyChain(books.sql)).kind, 'intact');
    await assertNoDefects(books.sql);
  });
  await check(t, 8, property);
});

test('the same commands in another order, in batches, with repetitions, end in the same balances', async (t) => {
  const gains = fc.array(
    arbitraryStep.filter((step) => ['top-up', 'earn', 'license'].includes(step.kind)),
    { minLength: 5, maxLength: 40 },
  );
  const property = fc.asyncProperty(gains, fc.integer({ min: 1, max: 9 }), async (business, size) => {
    await using one = await openTestBooks();
    await using other = await openTestBooks();
    await inBatches(one, [...business.entries()], business.length);
    const shuffled = [...business.entries(), ...business.entries()].sort(
      ([a], [b]) => ((a * 7919) % 31) - ((b * 7919) % 31),
    );
    await inBatches(other, shuffled, size);
    assert.deepEqual(await balancesUnder(other.sql, ''), await balancesUnder(one.sql, ''));
    await assertNoDefects(other.sql);
  });
  await check(t, 6, property);
});

/** Posts batches at the same time, as several replicas of a server do. */
async function inBatches(books: TestBooks, business: readonly [number, Step][], size: number): Promise<void> {
  const batches: Promise<unknown>[] = [];
  for (let start = 0; start < business.length; start += size) {
    const commands = business
      .slice(start, start + size)
      .map(([number, step]) => journalCommand(number, step));
    batches.push(books.run((tx) => postMany(tx, commands)));
  }
  await Promise.all(batches);
}
