/**
 * The long run: `node packages/wasm/test/fuzz.ts --minutes 10 --seed 1`. Alternates between random programs, checked as
 * in differential.test.ts, damaged modules for the decoder, and modules of binaryen's generator. Prints the seed of whatever fails, and how far it came.
 */
import { parseArgs } from 'node:util';
import { compareCalls, makeModule } from './binaryen.ts';
import { checkSeed } from './differential.ts';
import { checkDamaged } from './mutate.ts';

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '1' }, seed: { type: 'string', default: '1000000' } },
});
const end = Date.now() + Number(values.minutes) * 60_000;
let seed = Number(values.seed);
/** A module of binaryen's generator takes as long as this many of ours. */
const binaryenEvery = 100;
const counts = { programs: 0, tooLong: 0, damaged: 0, binaryenCalls: 0, failed: 0 };
console.log(`SEED=${seed}`);
for (; Date.now() < end; seed++) {
  try {
    if (checkSeed(seed) === undefined) counts.tooLong++;
    counts.programs++;
    for (let k = 0; k < 10; k++) checkDamaged(seed * 10 + k);
    counts.damaged += 10;
    if (seed % binaryenEvery === 0) {
      const bytes = makeModule(seed);
      if (bytes !== undefined) counts.binaryenCalls += compareCalls(bytes);
    }
  } catch (error) {
    counts.failed++;
    console.error(`SEED=${seed}`, error);
  }
}
console.log(JSON.stringify({ ...counts, lastSeed: seed - 1 }));
process.exitCode = counts.failed > 0 ? 1 : 0;
