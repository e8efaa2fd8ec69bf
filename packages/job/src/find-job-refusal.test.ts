import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JobSpecText } from '@taika/protocol/dispatch/jobs';
import { limits } from '@taika/protocol/limits';
import { findJobRefusal } from './find-job-refusal.ts';
import { JobFileError } from './job-file-error.ts';
import { parseJobFile } from './parse-job-file.ts';

const digest = 'a'.repeat(64);
const good: JobSpecText = {
  name: 'a job',
  program: digest,
  input: { sha256: digest, bytes: 10 },
  split: { by: 'lines', records: 1 },
  merge: { by: 'lines' },
  privacy: 'public',
};
const { input: _, ...withoutInput } = good;
const range = { by: 'range', from: 0, to: 10, records: 1 } as const;
const stage = { program: digest, split: { by: 'lines', records: 1 }, merge: { by: 'lines' } } as const;

const refusals: readonly [spec: JobSpecText, path: string, sentence: string][] = [
  [
    { ...good, split: range },
    'input',
    'input: a split by range makes its own units, so there can be no input.',
  ],
  [withoutInput, 'input', 'input: a split by lines needs an input.'],
  [
    { ...good, input: { sha256: digest, bytes: limits.blobBytesMax + 1 } },
    'input',
    'input: it has 68719476737 bytes, and at most 68719476736 are taken.',
  ],
  [{ ...good, trust: 'high', copies: 2 }, 'copies', 'copies: a job has a trust level or copies, not both.'],
  [
    { ...good, critical: { contains: 'FOUND' }, limits: { outputBytes: 65_536 } },
    'critical',
    'critical: results that must be certain need a trust level: add trust, such as standard.',
  ],
  [
    { ...good, trust: 'economy', critical: { extreme: 'largest' } },
    'critical',
    'critical: outputs are looked into up to 64 KiB: set limits.output to 64KiB or less.',
  ],
  [{ ...good, name: 'a\u001b[2J' }, 'name', 'name: it holds no control characters, and no line ends.'],
  [
    { ...good, description: 'bell\u0007' },
    'description',
    'description: it holds no control characters but line ends.',
  ],
  [
    { ...good, split: { by: 'lines' } },
    'split',
    'split: nothing says how much is in a unit: say one of records: a whole number of records in a unit, or targetSeconds: seconds of the reference machine.',
  ],
  [
    { ...withoutInput, split: { by: 'grid', axes: { 'x,y': [1], b: [2] }, records: 1 } },
    'split.axes',
    'split.axes: "x,y" is no name of an axis: a name has 1 to 100 letters of ASCII, digits, _, . and -, and begins with a letter or _.',
  ],
  [
    {
      ...good,
      laterStages: [{ ...stage, split: { by: 'grid', axes: { 'a\n1': [1] }, records: 1 } }],
    },
    'laterStages.0.split.axes',
    'stages.1.split.axes: "a\\u000a1" is no name of an axis: a name has 1 to 100 letters of ASCII, digits, _, . and -, and begins with a letter or _.',
  ],
  [
    { ...good, split: { by: 'bytes', bytes: 1, targetSeconds: 1 } },
    'split.targetSeconds',
    'split.targetSeconds: how much is in a unit is said twice: say one of bytes: a whole number of bytes in a unit, or targetSeconds: seconds of the reference machine.',
  ],
  [
    { ...withoutInput, split: { ...range, to: 2 ** 53 } },
    'split.to',
    'split.to: a number is between -(2^53 - 1) and 2^53 - 1.',
  ],
  [
    { ...good, input: { sha256: digest, bytes: limits.jobUnitsMax + 1 }, split: { by: 'bytes', bytes: 1 } },
    'split.bytes',
    'split.bytes: the input makes more than 50000000 units: raise it.',
  ],
  [
    {
      ...good,
      input: { sha256: digest, bytes: limits.jobUnitsMax + 1 },
      split: { by: 'bytes', bytes: 1 },
      laterStages: [stage],
    },
    'split.bytes',
    'stages.0.split.bytes: the input makes more than 50000000 units: raise it.',
  ],
  [
    { ...withoutInput, split: { ...range, to: 0 } },
    'split',
    'split: The range is empty. Set `to` above `from`.',
  ],
  [
    { ...withoutInput, split: { by: 'grid', axes: { a: [] }, records: 1 } },
    'split',
    'split: The grid is empty. Set `to` above `from`.',
  ],
  [
    { ...withoutInput, split: { ...range, to: 1e9, records: 250_000 } },
    'split',
    'split: A unit of a range holds at most 200000 records, and split.records is 250000. Lower split.records, or let the program walk a part of the way by itself.',
  ],
  [
    { ...withoutInput, split: { ...range, to: 2_000_000 }, merge: { by: 'zip' } },
    'split',
    'split: The input makes more than 1000000 units. Put more into each unit: raise split.records, split.bytes or split.targetSeconds.',
  ],
  [
    { ...withoutInput, split: range, rounds: { next: digest, max: 2 } },
    'rounds',
    'rounds: the input of a round is what the round before gave, and a range reads no input.',
  ],
  [
    { ...good, rounds: { next: digest, max: 2 }, files: [{ name: 'state', sha256: digest, bytes: 1 }] },
    'files.state',
    'files.state: in a job with rounds this name is that of what rounds.next kept.',
  ],
  [
    { ...good, laterStages: [{ ...stage, split: range }] },
    'laterStages.0.split',
    'stages.1.split: a stage reads what the stage before it gave, and a range reads no input.',
  ],
  [
    { ...good, laterStages: [stage, { ...stage, split: { by: 'files' } }] },
    'laterStages.1.split',
    'stages.2.split: a split by files cannot read what the stage before it merges by lines.',
  ],
  [
    { ...good, split: { by: 'csv' }, laterStages: [stage] },
    'split',
    'stages.0.split: nothing says how much is in a unit: say one of records: a whole number of records in a unit, or targetSeconds: seconds of the reference machine.',
  ],
  [
    { ...good, files: [{ name: '../x', sha256: digest, bytes: 1 }] },
    'files.../x',
    'files.../x: a name is a relative path without "." and ".." parts.',
  ],
  [
    { ...good, files: ['x', 'x'].map((name) => ({ name, sha256: digest, bytes: 1 })) },
    'files.x',
    'files.x: the name is used twice.',
  ],
  [
    {
      ...good,
      files: Array.from({ length: limits.jobFilesMax + 1 }, (_, at) => ({
        name: `f${at}`,
        sha256: digest,
        bytes: 1,
      })),
    },
    'files',
    'files: a job has at most 1000 files: pack them into fewer.',
  ],
  [
    { ...good, env: { TAIKA_ROUND: '1' } },
    'env.TAIKA_ROUND',
    'env.TAIKA_ROUND: a name has letters, digits and _, and does not begin with TAIKA_.',
  ],
  [{ ...good, env: { A: 'x\0' } }, 'env.A', 'env.A: a value holds no NUL character.'],
  [{ ...good, name: '\ud800' }, 'name', 'name: a text is Unicode, and this holds half a character.'],
  [{ ...good, env: { A: '\udc00' } }, 'env', 'env: a text is Unicode, and this holds half a character.'],
  [{ ...good, args: ['\0'] }, 'args', 'args: a text holds no NUL character.'],
  [
    { ...good, args: Array.from({ length: limits.jobArgsMax + 1 }, () => 'x') },
    'args',
    'args: a program has at most 100 arguments.',
  ],
  [
    { ...good, laterStages: [{ ...stage, args: ['x'.repeat(limits.jobTextMax + 1)] }] },
    'laterStages.0.args',
    'stages.1.args: it holds at most 65536 characters in all.',
  ],
  ...[0, 4097].map((memoryMiB): [JobSpecText, string, string] => [
    { ...good, limits: { memoryMiB } },
    'limits.memoryMiB',
    'limits.memory: the memory of a unit is from 1 MiB to 4 GiB.',
  ]),
  ...[0, 2 ** 28 + 1].map((outputBytes): [JobSpecText, string, string] => [
    { ...good, limits: { outputBytes } },
    'limits.outputBytes',
    'limits.output: the output of a unit is from 1 B to 256 MiB.',
  ]),
  ...[99, 86_400_001].map((timeMs): [JobSpecText, string, string] => [
    { ...good, limits: { timeMs } },
    'limits.timeMs',
    'limits.time: the time of a unit is from 100 ms to 24 h.',
  ]),
  ...[String(2n ** 64n), String(-(2n ** 63n) - 1n), 'x'].map((seed): [JobSpecText, string, string] => [
    { ...good, seed },
    'seed',
    'seed: a seed is a whole number of 64 bits, from -(2^63) to 2^64 - 1.',
  ]),
  ...[999, 366 * 86_400_000 + 1].map((deadlineMs): [JobSpecText, string, string] => [
    { ...good, deadlineMs },
    'deadlineMs',
    'deadline: a deadline is from 1 s to 8784 h (366 days) after the submission.',
  ]),
  ...['0', '999', '1000000000001'].map((amountMilli): [JobSpecText, string, string] => [
    { ...good, maxPrice: { currency: 'JPY', amountMilli } },
    'maxPrice',
    'maxPrice: it is at least one coin, and at most a billion of them.',
  ]),
];

for (const [spec, path, sentence] of refusals) {
  test(`refused: ${sentence}`, () => {
    const found = findJobRefusal(spec);
    assert.deepEqual([found?.path.join('.'), found?.sentence], [path, sentence]);
  });
}

test('what may be is not refused: the largest and the smallest of everything', () => {
  for (const spec of [
    good,
    { ...good, limits: { memoryMiB: 1, outputBytes: 1, timeMs: 100 } },
    { ...good, limits: { memoryMiB: 4096, outputBytes: 2 ** 28, timeMs: 86_400_000 } },
    { ...good, seed: '18446744073709551615', maxPrice: { currency: 'JPY', amountMilli: '1000' } },
    { ...good, seed: '-9223372036854775808', maxPrice: { currency: 'EUR', amountMilli: '1000000000000' } },
    { ...good, description: 'two\nlines\n', laterStages: [{ ...stage, split: { by: 'whole' as const } }] },
    { ...good, merge: { by: 'zip' as const }, laterStages: [{ ...stage, split: { by: 'files' as const } }] },
    {
      ...good,
      merge: { by: 'concat' as const },
      laterStages: [{ ...stage, split: { by: 'parts' as const, records: 2 } }],
    },
  ]) {
    assert.equal(findJobRefusal(spec), undefined);
  }
});

const file = `name: a job
program: ./program.ts
input: input.txt
split: { by: lines, records: 1 }
merge: { by: lines }
limits: { memory: 256MiB }
privacy: public
`;
const stagedFile = `name: a job
input: input.txt
stages:
  - { program: a.ts, split: { by: lines, records: 1 }, merge: { by: lines } }
  - { program: b.ts, split: { by: files }, merge: { by: lines } }
privacy: public
`;

test('a job file is refused with the same sentence, at its line and column', () => {
  const cases: readonly [text: string, sentence: string][] = [
    [
      file.replace('256MiB', '8GiB'),
      'job.yaml:6:11: limits.memory: the memory of a unit is from 1 MiB to 4 GiB.',
    ],
    [
      `${file}seed: 18446744073709551616\n`,
      'job.yaml:8:1: seed: a seed is a whole number of 64 bits, from -(2^63) to 2^64 - 1.',
    ],
    [
      `${file}deadline: 0h\n`,
      'job.yaml:8:1: deadline: a deadline is from 1 s to 8784 h (366 days) after the submission.',
    ],
    [
      `${file}maxPrice: 0 JPY\n`,
      'job.yaml:8:1: maxPrice: it is at least one coin, and at most a billion of them.',
    ],
    [
      `${file}env: { TAIKA_X: y }\n`,
      'job.yaml:8:8: env.TAIKA_X: a name has letters, digits and _, and does not begin with TAIKA_.',
    ],
    [
      `${file}files: { .. : x }\n`,
      'job.yaml:8:10: files...: a name is a relative path without "." and ".." parts.',
    ],
    [
      file.replace('by: lines, records', 'by: grid, axes: { b: [1], "x,y": [2] }, records'),
      'job.yaml:4:20: split.axes: "x,y" is no name of an axis: a name has 1 to 100 letters of ASCII, digits, _, . and -, and begins with a letter or _.',
    ],
    [
      stagedFile,
      'job.yaml:5:22: stages.1.split: a split by files cannot read what the stage before it merges by lines.',
    ],
  ];
  for (const [text, message] of cases) {
    assert.throws(
      () => parseJobFile(text, 'job.yaml'),
      (error: unknown) => {
        assert.ok(error instanceof JobFileError);
        assert.equal(error.message, message);
        return true;
      },
    );
  }
});

test('a seed keeps all its digits, however it is written', () => {
  const seeds = [
    '18446744073709551615',
    '"18446744073709551615"',
    '0xffffffffffffffff',
    '-9223372036854775808',
  ];
  assert.deepEqual(
    seeds.map((seed) => String(parseJobFile(`${file}seed: ${seed}\n`, 'job.yaml').seed)),
    ['18446744073709551615', '18446744073709551615', '18446744073709551615', '-9223372036854775808'],
  );
  for (const seed of ['1e30', '.inf', '1.5', '99999999999999999999'])
    assert.throws(() => parseJobFile(`${file}seed: ${seed}\n`, 'job.yaml'), /job\.yaml:8:.*(whole number)/);
});

test('standard input is a dash as docs/JOBS.md writes it, and in quotes', () => {
  for (const dash of ['-', '"-"', '- # piped in', "'-'"]) {
    assert.equal(parseJobFile(file.replace('input.txt', dash), 'job.yaml').input, '-');
  }
  assert.throws(() => parseJobFile(file.replace('input.txt', '- a'), 'job.yaml'), /valid YAML/);
});
