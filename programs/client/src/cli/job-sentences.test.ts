import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JobViewText } from '@taika/protocol/dispatch/jobs';
import { type ReasonCode, reason } from '@taika/protocol/reasons';
import { JobEnded } from '../sdk/job-ended.ts';
import { cancelCost, cancelRefusal, doneText, remedyText, resultRefusal } from './job-sentences.ts';
import { noFailureText } from './logs.ts';

const view = (state: JobViewText['state'], code: ReasonCode, more: object = {}) =>
  ({ jobId: 'ID', state, reason: reason(code), ...more }) as JobViewText;

const table: readonly [
  JobViewText,
  result: string | undefined,
  resultRemedy: string | undefined,
  cancel: string | undefined,
][] = [
  [
    view('splitting', 'splitting'),
    'The job is splitting, so there is no result yet. The input is being split into units.',
    'Wait for it and write it: taika watch ID --output FILE',
    undefined,
  ],
  [
    view('running', 'no-terminal'),
    'The job is running, so there is no result yet. No registered terminal is asking for work at the moment.',
    'Wait for it and write it: taika watch ID --output FILE',
    undefined,
  ],
  [
    view('paused', 'price-limit'),
    'The job is paused, so there is no result yet. The next unit might cost more than the job may (maxPrice, tax included), so the job is paused.',
    'Allow more with `taika max-price ID AMOUNT`, or cancel the job.',
    undefined,
  ],
  [
    view('provisional', 'checking'),
    'The job is provisional, so there is no result yet. All results are in; a sample of them is being computed again before they count as final.',
    'Wait for it and write it: taika watch ID --output FILE',
    undefined,
  ],
  [
    view('merging', 'merging'),
    'The job is merging, so there is no result yet. All results are in and are being merged.',
    'Wait for it and write it: taika watch ID --output FILE',
    undefined,
  ],
  [view('done', 'done'), undefined, undefined, 'The job is done: there is nothing to cancel.'],
  [
    view('done', 'done', { dataDeletedAt: '2026-06-02T10:00:00.000Z' }),
    "The job's data was deleted on 2026-06-02, its result with it.",
    'Submit the job again where you need the result.',
    'The job is done: there is nothing to cancel.',
  ],
  [
    view('failed', 'split-failed'),
    'The job failed, so there is no result. The input could not be split as the job file says.',
    'Correct the split in the job file and submit again. More: taika logs ID',
    'The job has failed: there is nothing to cancel.',
  ],
  [
    view('cancelled', 'cancelled-by-customer'),
    'The job was cancelled, so there is no result.',
    'Submit it again to run it.',
    undefined,
  ],
];

for (const [given, result, remedy, cancel] of table) {
  const deleted = given.dataDeletedAt === undefined ? '' : ', its data deleted';
  test(`result and cancel of a job that is ${given.state}${deleted}`, () => {
    const refused = resultRefusal(given);
    assert.deepEqual([refused?.message, refused?.remedy], [result, remedy]);
    assert.equal(cancelRefusal(given)?.message, cancel);
  });
}

test('what a cancelled job costs counts its units as people do', () => {
  const price = { currency: 'JPY', amountMilli: '3000' };
  assert.equal(cancelCost({ price }), 'It costs nothing.');
  assert.match(
    cancelCost({ delivered: 1, price }),
    /^The outputs of 1 unit were fetched already: they cost 3 JPY/,
  );
  assert.match(cancelCost({ delivered: 2, price }), /^The outputs of 2 units were/);
});

test('a remedy names the job that is meant, and nothing is said where nothing is to be done', () => {
  assert.equal(
    remedyText(view('paused', 'price-limit')),
    'Allow more with `taika max-price ID AMOUNT`, or cancel the job.',
  );
  assert.equal(remedyText(view('running', 'computing')), '');
});

test('a job whose data was deleted is never told to fetch its result or to read its logs', () => {
  const more = { dataDeletedAt: '2026-06-02T10:00:00.000Z', failure: { unit: 2, trap: 'unreachable' } };
  const done = view('done', 'done', more);
  const failed = view('failed', 'program-failed', more);
  for (const text of [
    doneText(done),
    cancelRefusal(done)?.remedy,
    resultRefusal(failed)?.remedy,
    cancelRefusal(failed)?.remedy,
    new JobEnded(failed).remedy,
  ])
    assert.doesNotMatch(text ?? '', /taika (result|logs|replay)/);
  assert.match(doneText(done), /is done\. The job's data was deleted on 2026-06-02, its result with it\.$/);
  assert.equal(doneText(view('done', 'done')), 'ID is done. Its result: taika result ID');
});

test('a unit whose output could not be merged is to be computed here, not looked up among those that failed', () => {
  const unmerged = view('failed', 'merge-failed', { failure: { unit: 2 } });
  assert.match(new JobEnded(unmerged).remedy, / What unit 2 prints: taika replay ID 2$/);
  assert.doesNotMatch(new JobEnded(unmerged).remedy, /taika logs/);
  assert.equal(noFailureText(unmerged), 'No unit failed. What unit 2 prints: taika replay ID 2');
  assert.equal(noFailureText(view('done', 'done')), 'No unit failed.');
  const failed = view('failed', 'program-failed', { failure: { unit: 2, exitCode: 3 } });
  assert.match(new JobEnded(failed).remedy, /taika logs ID; this one here: taika replay ID 2$/);
  assert.equal(resultRefusal(unmerged)?.remedy.includes('taika logs'), false);
});
