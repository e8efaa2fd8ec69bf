import { Critical } from '@taika/protocol/dispatch/jobs';
import { mergeOf, splitOf } from '@taika/protocol/dispatch/split-and-merge';
import { limits } from '@taika/protocol/limits';
import { IntegerText } from '@taika/protocol/schema';
import { type Static, Type } from 'typebox';
import { durationPattern, sizePattern } from './quantity.ts';

const Args = Type.Optional(Type.Array(Type.String(), { description: 'a list of words' }));
const Program = Type.String({
  minLength: 1,
  description: 'the path of a .ts (AssemblyScript) or .wasm file',
});

/**
 * A job as the customer writes it, in YAML. Paths are relative to the job file. The order of fields is the
 * order in which docs/JOBS.md explains them.
 */
export const JobFile = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 200, description: 'a name of 1 to 200 characters' }),
    /** Shown to the members whose terminals compute the job. */
    description: Type.Optional(
      Type.String({ maxLength: 500, description: 'a sentence of at most 500 characters' }),
    ),
    /** AssemblyScript source (`.ts`) or a WebAssembly program (`.wasm`). */
    program: Program,
    /** A file, or `-` for standard input; none where the split is a range. */
    input: Type.Optional(
      Type.String({ minLength: 1, description: 'the path of a file, or - for standard input' }),
    ),
    /** Read by the program under `/job/NAME`. */
    files: Type.Optional(
      Type.Record(Type.String({ pattern: '^[A-Za-z0-9._-]{1,200}$' }), Type.String({ minLength: 1 }), {
        description: 'a map from the name under /job to the path of a file',
      }),
    ),
    split: splitOf(Program),
    merge: mergeOf(Program),
    args: Args,
    /** A program that reads what a round gave and gives the next round's input, or ends the job. */
    rounds: Type.Optional(
      Type.Object(
        {
          next: Type.String({ minLength: 1, description: 'the path of a .ts or .wasm file' }),
          args: Args,
          max: Type.Integer({
            minimum: 1,
            maximum: limits.roundsMax,
            description: `a whole number of rounds from 1 to ${limits.roundsMax}`,
          }),
        },
        { additionalProperties: false },
      ),
    ),
    env: Type.Optional(
      Type.Record(Type.String(), Type.String(), { description: 'a map from names to texts' }),
    ),
    /** Keys the program's random numbers: the same seed gives the same result. */
    seed: Type.Optional(Type.Union([Type.Integer(), IntegerText], { description: 'a whole number' })),
    /** How sure results must be; docs/TRUST.md says what each level promises. */
    trust: Type.Optional(
      Type.Union(
        [Type.Literal('economy'), Type.Literal('standard'), Type.Literal('high'), Type.Literal('strict')],
        { description: 'economy, standard, high or strict' },
      ),
    ),
    /** Results that the contractor always computes again, after another member where one may. */
    critical: Type.Optional(Critical),
    copies: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: limits.copiesMax,
        description: `a whole number from 1 to ${limits.copiesMax}`,
      }),
    ),
    /** `strict` gives the same bits of NaN on every machine, at some cost in speed. */
    artefact: Type.Optional(
      Type.Union([Type.Literal('fast'), Type.Literal('strict')], { description: 'fast or strict' }),
    ),
    limits: Type.Optional(
      Type.Object(
        {
          memory: Type.Optional(Type.String({ pattern: sizePattern, description: 'a size such as 256MiB' })),
          output: Type.Optional(Type.String({ pattern: sizePattern, description: 'a size such as 64MiB' })),
          time: Type.Optional(
            Type.String({ pattern: durationPattern, description: 'a duration such as 10m' }),
          ),
        },
        { additionalProperties: false, description: 'memory, output and time' },
      ),
    ),
    /** Tax included. The job pauses before it is passed. Default: the contractor's limit. */
    maxPrice: Type.Optional(
      Type.String({
        pattern: '^[0-9]{1,10}(\\.[0-9]{1,3})? ?[A-Z]{3}$',
        description: 'an amount such as 1200 JPY, tax included',
      }),
    ),
    /** A wish, after the job's submission. */
    deadline: Type.Optional(Type.String({ pattern: durationPattern, description: 'a duration such as 24h' })),
    /** The customer's word that strangers' terminals may read the input and the program. */
    privacy: Type.Literal('public', {
      description: 'public: you know that strangers’ terminals read the input and the program',
    }),
  },
  { additionalProperties: false },
);

const { program, split, merge, args, ...shared } = JobFile.properties;
const Stage = Type.Object({ program, split, merge, args }, { additionalProperties: false });

/** The same with several stages: each is fed by the one before it, the first by the job's input. */
export const StagedJobFile = Type.Object(
  {
    ...shared,
    stages: Type.Array(Stage, {
      minItems: 1,
      maxItems: limits.stagesMax,
      description: `a list of 1 to ${limits.stagesMax} stages, each with program, split and merge`,
    }),
  },
  { additionalProperties: false },
);

/** Either form: the first stage's fields are the job's, and the other stages come after it. */
export type JobFileText = Static<typeof JobFile> & { readonly laterStages?: readonly Static<typeof Stage>[] };

/** A file with `stages` in the common form. */
export function withoutStages({
  stages: [first, ...laterStages],
  ...file
}: Static<typeof StagedJobFile>): JobFileText {
  if (first === undefined) {
    throw new Error('A list of stages holds at least one.');
  }
  return { ...file, ...first, ...(laterStages.length === 0 ? {} : { laterStages }) };
}
