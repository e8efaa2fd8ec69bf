import assert from 'node:assert/strict';
import { test } from 'node:test';
import { quotePlanText, readQuotePlan } from './quote-plan.ts';

const plain = { merge: { by: 'lines' } } as const;
const rounds = { ...plain, rounds: { next: 'a'.repeat(64), max: 9 } };
const tree = { merge: { by: 'program', program: 'a'.repeat(64) } } as const;

test('what a quote computes is a few units unless the customer says all', () => {
  assert.deepEqual(readQuotePlan({}), { kind: 'sample', samples: 12 });
  assert.deepEqual(readQuotePlan({ samples: 3 }), { kind: 'sample', samples: 3 });
  assert.deepEqual(readQuotePlan({ whole: true }), { kind: 'whole' });
  assert.deepEqual(readQuotePlan({ whole: true, atMost: '10m' }), {
    kind: 'whole',
    atMost: { text: '10m', ms: 600_000 },
  });
  for (const [flags, sentence] of [
    [{ whole: true, samples: 3 }, /--samples computes some units, and --whole all/],
    [{ atMost: '10m' }, /--at-most bounds what --whole computes/],
    [{ whole: true, atMost: 'soon' }, /soon is no time/],
    [{ whole: true, atMost: '0s' }, /0s is no time/],
    [{ whole: true, atMost: '25h' }, /25h is no time/],
  ] as const) {
    assert.throws(() => readQuotePlan(flags), { code: 'usage', message: sentence });
  }
});

test('what is about to be computed is said where it is more than a few units, or less than the job', () => {
  const sample = readQuotePlan({ samples: 3 });
  assert.equal(quotePlanText(sample, plain), undefined);
  assert.match(
    quotePlanText(sample, rounds) ?? '',
    /^Computes at most 3 units here, .*What follows \(further rounds\) reads all of the results before it; --whole computes all/,
  );
  assert.match(quotePlanText(sample, tree) ?? '', /the merge program, which is tried once for each level/);
  assert.match(
    quotePlanText(readQuotePlan({ whole: true, atMost: '10m' }), rounds) ?? '',
    /^Computes the whole job here, for 10m at most; nothing is submitted\.$/,
  );
});
