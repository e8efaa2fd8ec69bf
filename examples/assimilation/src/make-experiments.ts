/**
 * Writes what the experiments begin with: `node examples/assimilation/src/make-experiments.ts`.
 *
 * Each experiment has a weather of its own (the truth, which no program is shown), observations of it every six hours
 * with errors of variance 1, and an ensemble that begins near the truth with errors of variance 1. The generator is
 * seeded, so the files are the same each time.
 */
import { writeFile } from 'node:fs/promises';
import { advance, type State, variables } from './lorenz-96.ts';

const experiments = 6;
const members = 20;
const cycles = 140;
const spinUpSteps = 2000;

const random = seeded(19960909);
const columns = Array.from({ length: variables }, (_, index) => `x${index}`).join(',');
const files = {
  'ensemble.csv': [`experiment,member,${columns}`],
  'observations.csv': [`experiment,cycle,${columns}`],
  'truth.csv': [`experiment,cycle,${columns}`],
};

for (let experiment = 1; experiment <= experiments; experiment++) {
  let truth: State = Array.from({ length: variables }, () => 8 + 0.01 * normal(random));
  for (let step = 0; step < spinUpSteps; step++) truth = advance(truth);
  for (let member = 0; member < members; member++) {
    files['ensemble.csv'].push(line(experiment, member, disturbed(truth), 3));
  }
  for (let cycle = 1; cycle <= cycles; cycle++) {
    truth = advance(truth);
    files['truth.csv'].push(line(experiment, cycle, truth, 3));
    files['observations.csv'].push(line(experiment, cycle, disturbed(truth), 2));
  }
}
for (const [name, lines] of Object.entries(files)) {
  await writeFile(new URL(`../${name}`, import.meta.url), `${lines.join('\n')}\n`);
}

function line(experiment: number, index: number, values: State, digits: number): string {
  return `${experiment},${index},${values.map((value) => value.toFixed(digits)).join(',')}`;
}

function disturbed(state: State): State {
  return state.map((value) => value + normal(random));
}

/** Uniform in (0, 1): a 32-bit Weyl sequence through a mixing function, enough for errors of observations. */
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
