/**
 * Writes `members.csv`: `node examples/weather/src/make-members.ts > examples/weather/members.csv`.
 *
 * One state on the attractor of the model is what the weather service believes the weather to be; each member
 * is that state with a small error, as large as the service's own uncertainty. The generator is seeded, so the
 * file is the same each time.
 */
import { advance, type State, variables } from './lorenz-96.ts';

const members = 400;
/** About 3 % of the climate's spread: a good analysis. */
const analysisError = 0.1;
const spinUpSteps = 5000;

const random = seeded(20001117);
let truth: State = Array.from({ length: variables }, () => 8 + 0.01 * normal(random));
for (let step = 0; step < spinUpSteps; step++) truth = advance(truth);

const lines = [`member,${Array.from({ length: variables }, (_, index) => `x${index}`).join(',')}`];
for (let member = 1; member <= members; member++) {
  const start = truth.map((value) => (value + analysisError * normal(random)).toFixed(6));
  lines.push(`m${String(member).padStart(3, '0')},${start.join(',')}`);
}
process.stdout.write(`${lines.join('\n')}\n`);

/** Uniform in (0, 1): a 32-bit Weyl sequence through a mixing function, enough for perturbations. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return (((mixed ^ (mixed >>> 15)) >>> 0) + 0.5) / 2 ** 32;
  };
}

/** A standard normal number by the method of Box and Muller (1958). */
function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
}
