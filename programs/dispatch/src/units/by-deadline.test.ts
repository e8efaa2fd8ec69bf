import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { byDeadline } from './by-deadline.ts';

const job = (name: string, customer: number, due?: number) => ({
  name,
  customerNumber: BigInt(customer),
  deadlineAt: due === undefined ? null : new Date(due),
});

test('a deadline puts a job before others of its customer, in that customer’s turns', () => {
  const jobs = [job('a', 1), job('b', 2), job('c', 1, 9), job('d', 1, 5), job('e', 2)];
  assert.deepEqual(
    byDeadline(jobs).map(({ name }) => name),
    ['d', 'b', 'c', 'a', 'e'],
  );
});

test('whatever the deadlines, no job is lost and every customer keeps its turns', () => {
  const jobs = fc.array(fc.tuple(fc.integer({ min: 1, max: 4 }), fc.option(fc.nat(9), { nil: undefined })));
  fc.assert(
    fc.property(jobs, (pairs) => {
      const given = pairs.map(([customer, due], at) => job(String(at), customer, due));
      const ordered = byDeadline(given);
      assert.deepEqual(
        ordered.map(({ customerNumber }) => customerNumber),
        given.map(({ customerNumber }) => customerNumber),
      );
      assert.deepEqual(new Set(ordered), new Set(given));
      for (const customer of [1n, 2n, 3n, 4n]) {
        const dues = ordered
          .filter(({ customerNumber }) => customerNumber === customer)
          .map(({ deadlineAt }) => deadlineAt?.getTime() ?? Number.MAX_SAFE_INTEGER);
        assert.deepEqual(
          dues,
          dues.toSorted((a, b) => a - b),
        );
      }
    }),
  );
});
