import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StarvedTime } from './starved-time.ts';

const cases = [
  { what: 'a process that is served in full is not starved', busy: 1, processorMs: 1000, starvedMs: 0 },
  { what: 'two busy threads want two processors', busy: 2, processorMs: 1000, starvedMs: 500 },
  {
    what: 'what is used beyond the threads (compiling) gives no credit',
    busy: 1,
    processorMs: 3000,
    starvedMs: 0,
  },
  { what: 'half a processor is half starved', busy: 1, processorMs: 500, starvedMs: 500 },
  { what: 'nothing at all still ages a twentieth', busy: 1, processorMs: 0, starvedMs: 950 },
  { what: 'a process without work starves never', busy: 0, processorMs: 0, starvedMs: 0 },
] as const;

for (const { what, busy, processorMs, starvedMs } of cases) {
  test(what, () => {
    const starved = new StarvedTime();
    starved.note(5_000, 77, busy);
    starved.note(6_000, 77 + processorMs, busy);
    assert.equal(starved.ms, starvedMs);
  });
}

test('measurements that are too close together are joined', () => {
  const starved = new StarvedTime();
  // The kernel counts in steps of ten milliseconds: taken one by one, these would look half starved half of the time.
  for (let at = 0; at <= 1000; at += 10) starved.note(at, Math.floor(at / 20) * 20, 1);
  assert.equal(starved.ms, 0);
});
