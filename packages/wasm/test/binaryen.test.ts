/** Modules of binaryen's generator: the reference counter, the plain, the metered and the strict module must agree. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareCalls, makeModule } from './binaryen.ts';

const firstSeed = Number(process.env.SEED ?? 1);
const seeds = 10;

test(`modules of another generator are counted exactly (SEED=${firstSeed})`, () => {
  let compared = 0;
  for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
    const bytes = makeModule(seed);
    if (bytes === undefined) continue;
    try {
      compared += compareCalls(bytes);
    } catch (error) {
      throw new Error(`SEED=${seed}`, { cause: error });
    }
  }
  assert.ok(compared >= 20, `Only ${compared} calls were compared.`);
});
