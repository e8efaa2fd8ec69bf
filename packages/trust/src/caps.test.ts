import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '@taika/runtime/random';
import { decideOffer, offerLimit } from './caps.ts';
import { exampleState } from './example-state.ts';

test('a run is offered exactly while the limit leaves one', () => {
  const seed = process.env.SEED ?? String(Date.now());
  const random = seededRandom(seed);
  const upTo = (max: number) => Math.floor(random.fraction() * (max + 1));
  const standings = ['probation', 'trusted', 'revoked'] as const;
  for (let turn = 0; turn < 5_000; turn++) {
    const runs = upTo(200);
    const state = exampleState({ standing: standings[upTo(2)] ?? 'trusted', poolSize: upTo(80) });
    const job = { ...state.job, runs, newcomerRuns: upTo(runs), memberRuns: upTo(runs) };
    const isOffered = decideOffer({ ...state, job })[0]?.kind === 'issue';
    assert.equal(isOffered, offerLimit({ ...state, job }) > 0, `SEED=${seed}`);
  }
});

test('an established pool leaves newcomers a fifth and a member a tenth, and a young one everything', () => {
  const limitOf = (standing: 'probation' | 'trusted', poolSize: number, newcomerRuns = 0, memberRuns = 0) => {
    const state = exampleState({ standing, poolSize });
    return offerLimit({ ...state, job: { ...state.job, runs: 1000, newcomerRuns, memberRuns } });
  };
  assert.equal(limitOf('probation', 39, 900, 900), Number.POSITIVE_INFINITY);
  assert.equal(limitOf('probation', 40), 100);
  assert.equal(limitOf('probation', 40, 150), 50);
  assert.equal(limitOf('probation', 40, 200), 0);
  assert.equal(limitOf('trusted', 40, 200, 40), 60);
  assert.equal(limitOf('trusted', 40, 0, 130), 0);
});
