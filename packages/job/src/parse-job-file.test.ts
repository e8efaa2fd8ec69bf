import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JobFileError } from './job-file-error.ts';
import { parseJobFile } from './parse-job-file.ts';
import { parseDuration, parseSize } from './quantity.ts';

const good = `name: forecast
program: ./forecast.ts
input: members.csv
files: { grid.bin: ./grid.bin }
split: { by: lines, header: true, records: 4 }
merge: { by: csv }
seed: 7
limits: { memory: 256MiB, time: 10m }
privacy: public
`;

test('a complete job file is read as it is', () => {
  const job = parseJobFile(good, 'job.yaml');
  assert.deepEqual(job.split, { by: 'lines', header: true, records: 4 });
  assert.equal(job.limits?.memory, '256MiB');
  assert.equal(job.seed, 7);
});

const staged = `name: index
input: corpus.txt
stages:
  - { program: count.ts, split: { by: lines, records: 9 }, merge: { by: lines } }
  - { program: rank.ts, split: { by: bytes, bytes: 9 }, merge: { by: concat }, args: [top] }
rounds: { next: more.ts, max: 3 }
privacy: public
`;

test('the first stage is the job, and the others come after it', () => {
  const job = parseJobFile(staged, 'job.yaml');
  assert.equal(job.program, 'count.ts');
  assert.deepEqual(job.laterStages, [
    { program: 'rank.ts', split: { by: 'bytes', bytes: 9 }, merge: { by: 'concat' }, args: ['top'] },
  ]);
  assert.deepEqual(job.rounds, { next: 'more.ts', max: 3 });
});

const refusals: readonly [what: string, text: string, line: number, column: number, expected: RegExp][] = [
  ['an empty file', '', 1, 1, /a map with name/],
  ['broken YAML', 'name: [1, 2\nprogram: x', 2, 1, /valid YAML/],
  ['the same field twice', `${good}name: again\n`, 10, 1, /valid YAML/],
  ['an unknown field', good.replace('seed: 7', 'seeds: 7'), 7, 1, /seed/],
  [
    'an unknown form of split',
    good.replace('by: lines', 'by: words'),
    5,
    14,
    /lines, csv, ndjson, json, bytes, whole, files, parts, range, grid, program/,
  ],
  ['a field of another form', good.replace('records: 4', 'bytes: 4'), 5, 35, /by, header, records/],
  ['a missing field in a split', good.replace(', records: 4', ''), 5, 1, /records/],
  [
    'a unit of two sizes',
    good.replace('records: 4', 'records: 4, targetSeconds: 60'),
    5,
    47,
    /records: .* or targetSeconds/,
  ],
  [
    'seconds out of bounds',
    good.replace('records: 4', 'targetSeconds: 0'),
    5,
    50,
    /seconds of the reference machine .*from 0.001 to 3600/,
  ],
  [
    'a stage without a size',
    staged.replace('by: bytes, bytes: 9', 'by: bytes'),
    5,
    25,
    /bytes: .* targetSeconds/,
  ],
  [
    'a split program without its path',
    good.replace('{ by: lines, header: true, records: 4 }', '{ by: program }'),
    5,
    1,
    /program: the path/,
  ],
  [
    'a grid without axes',
    good.replace('{ by: lines, header: true, records: 4 }', '{ by: grid, axes: {}, records: 4 }'),
    5,
    26,
    /1 to 16 names/,
  ],
  [
    'an axis of another kind',
    good.replace('{ by: lines, header: true, records: 4 }', '{ by: grid, axes: { a: 1 }, records: 4 }'),
    5,
    31,
    /list of numbers/,
  ],
  ['an ending without a point', good.replace('by: csv', 'by: zip, extension: png'), 6, 30, /such as .png/],
  ['a missing field', good.replace('privacy: public\n', ''), 1, 1, /privacy: public/],
  [
    'an unknown field in a stage',
    staged.replace('merge: { by: concat }', 'marge: {}'),
    5,
    57,
    /program, split, merge, args/,
  ],
  ['a wrong form in a stage', staged.replace('by: bytes', 'by: byte'), 5, 38, /lines, csv/],
  ['a missing field in a stage', staged.replace('program: rank.ts, ', ''), 5, 5, /program: the path/],
  ['a program beside stages', `${staged}program: count.ts\n`, 8, 1, /stages/],
  ['a list without stages', 'name: x\nstages: []\nprivacy: public\n', 2, 9, /1 to 20 stages/],
  ['rounds without end', staged.replace(', max: 3', ''), 6, 1, /max: a whole number of rounds/],
  ['a wrong type', good.replace('records: 4', 'records: four'), 5, 44, /records in a unit/],
  ['a number out of bounds', good.replace('records: 4', 'records: 0'), 5, 44, /records in a unit/],
  ['a size without unit', good.replace('256MiB', '256'), 8, 19, /such as 256MiB/],
  ['private data', good.replace('privacy: public', 'privacy: secret'), 9, 10, /strangers/],
];

for (const [what, text, line, column, expected] of refusals) {
  test(`${what} is refused with its place and what was expected`, () => {
    assert.throws(
      () => parseJobFile(text, 'job.yaml'),
      (error: unknown) => {
        assert.ok(error instanceof JobFileError);
        assert.deepEqual([error.line, error.column], [line, column], error.message);
        assert.match(error.expected ?? error.message, expected, error.message);
        return true;
      },
    );
  });
}

test('sizes and durations are read as people write them', () => {
  assert.deepEqual(['256MiB', '1 GB', '7B', '256', '1.5GiB', 'MiB'].map(parseSize), [
    268435456,
    1e9,
    7,
    undefined,
    undefined,
    undefined,
  ]);
  assert.deepEqual(['10m', '250ms', '2h', '10', '-1s'].map(parseDuration), [
    600_000,
    250,
    7_200_000,
    undefined,
    undefined,
  ]);
});

test('references that multiply, or lead nowhere, are refused as any other mistake', () => {
  const lists = Array.from(
    { length: 12 },
    (_, at) => `a${at + 1}: &a${at + 1} [${`*a${at}, `.repeat(9)}*a${at}]`,
  );
  for (const text of [['a0: &a0 [1]', ...lists].join('\n'), 'name: *nobody\n'])
    assert.throws(() => parseJobFile(text, 'job.yaml'), { name: 'JobFileError' });
});
