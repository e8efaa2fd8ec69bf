import { type Static, type TSchema, Type } from 'typebox';
import { Sha256Hex } from '../schema.ts';

/** How much is in a unit: as many as are said, or as make about so many seconds of the reference machine. One of both. */
const targetSeconds = Type.Optional(
  Type.Number({
    minimum: 0.001,
    maximum: 3_600,
    description: 'seconds of the reference machine for each unit, from 0.001 to 3600',
  }),
);
const recordFields = {
  records: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 100_000_000,
      description: 'a whole number of records in a unit',
    }),
  ),
  targetSeconds,
};
const partRecords = Type.Integer({
  minimum: 1,
  maximum: 1_000_000,
  description: 'a whole number of parts in a unit',
});
const closed = { additionalProperties: false };
const Header = Type.Optional(Type.Boolean({ description: 'true where the first record is a header' }));

/**
 * What an axis of a grid may be called: a name goes into a line of CSV as it is. A schema lets names through that are unlike it, so
 * whoever takes a job in asks.
 */
export const axisNamePattern = '^[A-Za-z_][A-Za-z0-9_.-]{0,99}$';

/** One axis of a grid: its values, or whole numbers from, from + step, … below `to`. */
const Axis = Type.Union(
  [
    Type.Array(Type.Union([Type.Number(), Type.String({ maxLength: 1_000 }), Type.Boolean()]), {
      minItems: 1,
      maxItems: 100_000,
    }),
    Type.Object(
      { from: Type.Integer(), to: Type.Integer(), step: Type.Optional(Type.Integer({ minimum: 1 })) },
      closed,
    ),
  ],
  { description: 'a list of numbers, texts or true and false, or { from: 0, to: 10, step: 2 }' },
);

/**
 * How the input becomes units, with programs named by `program`: a path in a job file, a digest on the wire. Units of one job
 * are disjoint and in the order of the input.
 */
export function splitOf<Program extends TSchema>(program: Program) {
  return Type.Union([
    Type.Object({ by: Type.Literal('lines'), header: Header, ...recordFields }, closed),
    Type.Object({ by: Type.Literal('csv'), header: Header, ...recordFields }, closed),
    Type.Object({ by: Type.Literal('ndjson'), ...recordFields }, closed),
    /** The elements of one JSON array; each unit is an array of its own. */
    Type.Object({ by: Type.Literal('json'), ...recordFields }, closed),
    Type.Object(
      {
        by: Type.Literal('bytes'),
        bytes: Type.Optional(Type.Integer({ minimum: 1, description: 'a whole number of bytes in a unit' })),
        targetSeconds,
      },
      closed,
    ),
    /** One unit: all of the input, also when it is empty. */
    Type.Object({ by: Type.Literal('whole') }, { additionalProperties: false }),
    /** One unit a file: of an archive (a ZIP without compression), which clients make of a directory or a glob. */
    Type.Object({ by: Type.Literal('files') }, closed),
    /** What the `parts` merge made of outputs, so many of them in a unit. */
    Type.Object({ by: Type.Literal('parts'), records: partRecords }, closed),
    /** No input: the numbers from, from + step, … below `to`, one a line. */
    Type.Object(
      {
        by: Type.Literal('range'),
        from: Type.Integer({ description: 'a whole number' }),
        to: Type.Integer({ description: 'a whole number, not part of the range' }),
        step: Type.Optional(Type.Integer({ minimum: 1, description: 'a whole number from 1' })),
        ...recordFields,
      },
      closed,
    ),
    /** No input: every combination of the axes' values, as CSV under a header with the axes' names. */
    Type.Object(
      {
        by: Type.Literal('grid'),
        axes: Type.Record(Type.String({ pattern: axisNamePattern }), Axis, {
          minProperties: 1,
          maxProperties: 16,
          description: 'a map from 1 to 16 names (letters, digits, _, . and -) to lists of values',
        }),
        ...recordFields,
      },
      closed,
    ),
    /** A program of the customer's says where units end (docs/JOBS.md). */
    Type.Object({ by: Type.Literal('program'), program }, closed),
  ]);
}
export const Split = splitOf(Sha256Hex);
export type SplitText = Static<typeof Split>;

/** How outputs become the result, always in the order of the input; programs are named as in `splitOf`. */
export function mergeOf<Program extends TSchema>(program: Program) {
  return Type.Union([
    Type.Object({ by: Type.Literal('concat') }, closed),
    /** As concat, and an output that does not end its last line is ended. */
    Type.Object({ by: Type.Literal('lines') }, closed),
    /** Every output begins with the same header; the result has it once. */
    Type.Object({ by: Type.Literal('csv') }, closed),
    Type.Object({ by: Type.Literal('ndjson') }, closed),
    /** Every output is a JSON array; the result is one array of all their elements. */
    Type.Object({ by: Type.Literal('json') }, closed),
    /** Every output is a file of an archive (ZIP, not compressed). */
    Type.Object(
      {
        by: Type.Literal('zip'),
        extension: Type.Optional(
          Type.String({
            pattern: '^\\.[A-Za-z0-9._-]{1,20}$',
            description: 'the ending of the files’ names, such as .png',
          }),
        ),
      },
      closed,
    ),
    /** Every output is the same table of numbers; the result has their exact sums. */
    Type.Object({ by: Type.Literal('sum') }, closed),
    /** Each output after a line `part BYTES`: what the `parts` split takes apart again. */
    Type.Object({ by: Type.Literal('parts') }, closed),
    /**
     * A program of the customer's, computed by terminals: it makes one output of `fanIn` at most, again and again, until one
     * is left.
     */
    Type.Object(
      {
        by: Type.Literal('program'),
        program,
        fanIn: Type.Optional(
          Type.Integer({
            minimum: 2,
            maximum: 1_000,
            description: 'a whole number of outputs merged at a time, from 2 to 1000',
          }),
        ),
      },
      closed,
    ),
  ]);
}
export const Merge = mergeOf(Sha256Hex);
export type MergeText = Static<typeof Merge>;
