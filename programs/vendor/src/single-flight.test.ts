import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSingleFlight } from './single-flight.ts';

test('calls at the same time share one outcome, later ones get their own', async () => {
  const flights = createSingleFlight<number>();
  let runs = 0;
  const work = async () => ++runs;
  assert.deepEqual(
    await Promise.all([flights.run('a', work), flights.run('a', work), flights.run('b', work)]),
    [1, 1, 2],
  );
  assert.equal(await flights.run('a', work), 3);
});

test('a failure is shared and not kept', async () => {
  const flights = createSingleFlight<string>();
  const failing = () => Promise.reject(new Error('no'));
  await assert.rejects(flights.run('a', failing), /no/);
  assert.equal(await flights.run('a', async () => 'yes'), 'yes');
});
