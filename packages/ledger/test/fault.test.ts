import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Transaction } from '@taika/database/connect';
import { inTransaction } from '@taika/database/transaction';
import { openTestBooks } from './books.ts';
import { type CheckName, checks } from './checks.ts';
import { type Fault, faults, withFault } from './faulty-writes.ts';

for (const [name, check] of Object.entries(checks)) {
  test(`in sound books: ${name}`, async () => {
    await using books = await openTestBooks();
    await check(books);
  });
}

for (const [name, fault] of Object.entries(faults)) {
  test(`seeded fault: ${name}; caught by "${fault.caughtBy}"`, async () => {
    let isNoticed = false;
    for (let left = fault.isRace === true ? attemptsMax : 1; left > 0 && !isNoticed; left--) {
      isNoticed = await isCaught(fault, fault.caughtBy);
    }
    assert.ok(isNoticed, 'Nobody noticed.');
  });
}

test('every check catches a fault that was seeded', () => {
  const catching = new Set<string>(Object.values(faults).map(({ caughtBy }) => caughtBy));
  assert.deepEqual([...catching].sort(), Object.keys(checks).sort());
});

/** A race that is missed once in twenty times is missed so often never. */
const attemptsMax = 10;

/** Puts broken books through a check. Fails when the fault did nothing: then it proves nothing. */
async function isCaught(fault: Fault, name: CheckName): Promise<boolean> {
  await using books = await openTestBooks();
  if (fault.sql !== undefined) await books.sql.unsafe(fault.sql);
  let isSeeded = false;
  const broken = {
    sql: books.sql,
    run: <T>(work: (tx: Transaction) => Promise<T>) =>
      inTransaction(books.sql, (tx) =>
        work(
          withFault(tx, fault, () => {
            isSeeded = true;
          }),
        ),
      ),
  };
  const problem = await checks[name](broken).then(
    () => undefined,
    (error: unknown) => error,
  );
  assert.ok(isSeeded, 'The fault was in nothing that was sent.');
  return problem !== undefined;
}
