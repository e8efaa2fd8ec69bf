import { Merge, Split } from '@taika/protocol/dispatch/jobs';
import { limits } from '@taika/protocol/limits';
import { IntegerText } from '@taika/protocol/schema';
import { type Static, Type } from 'typebox';
import { durationPattern, sizePattern } from './quantity.ts';

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
    program: Type.String({ minLength: 1, description: 'the path of a .ts (AssemblyScript) or .wasm file' }),
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
    split: Split,
    merge: Merge,
    args: Type.Optional(Type.Array(Type.String(), { description: 'a list of words' })),
    env: Type.Optional(
      Type.Record(Type.String(), Type.String(), { description: 'a map from names to texts' }),
    ),
    /** Keys the program's random numbers: the same seed gives the same result. */
    seed: Type.Optional(Type.Union([Type.Integer(), IntegerText], { description: 'a whole number' })),
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
    /** The customer's word that strangers' terminals may read the input and the program. */
    privacy: Type.Literal('public', {
      description: 'public: you know that strangers’ terminals read the input and the program',
    }),
  },
  { additionalProperties: false },
);

export type JobFileText = Static<typeof JobFile>;
