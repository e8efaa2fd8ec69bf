/** What is refused, with the reason and the place; and every limit, at it and one past it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import wabt from 'wabt';
import { AdmissionError } from '../src/admission-error.ts';
import type { AdmissionLimits } from '../src/admission-limits.ts';
import { admitProgram } from '../src/admit.ts';
import { admitArtefact } from '../src/admit-artefact.ts';
import { allowedImportNames, allowedImportType } from '../src/allowed-imports.ts';
import { rewriteProgram } from '../src/rewrite.ts';
import { encodeModule, section, text, unsigned } from './generator/encode.ts';

const assembler = await wabt();
const features = {
  threads: true,
  exceptions: true,
  tail_call: true,
  reference_types: true,
  multi_memory: true,
  memory64: true,
  relaxed_simd: true,
  gc: true,
};

function assemble(text: string): Uint8Array {
  return Uint8Array.from(
    assembler.parseWat('test.wat', text, features).toBinary({ write_debug_names: true }).buffer,
  );
}

function refusal(bytes: Uint8Array, limits: Partial<AdmissionLimits> = {}): AdmissionError {
  try {
    admitProgram(bytes, limits);
  } catch (error) {
    assert.ok(error instanceof AdmissionError, String(error));
    return error;
  }
  throw new Error('The program was admitted.');
}

const command = (body: string) =>
  assemble(`(module (memory (export "memory") 1) ${body} (func (export "_start")))`);

const refused: readonly (readonly [title: string, bytes: () => Uint8Array, code: string])[] = [
  ['atomics', () => command('(func (drop (i32.atomic.load (i32.const 0))))'), 'unsupported'],
  [
    'a shared memory',
    () => assemble('(module (memory (export "memory") 1 2 shared) (func (export "_start")))'),
    'unsupported',
  ],
  [
    'a 64-bit memory',
    () => assemble('(module (memory (export "memory") i64 1) (func (export "_start")))'),
    'unsupported',
  ],
  ['two memories', () => command('(memory 1)'), 'unsupported'],
  ['exceptions', () => command('(tag) (func (throw 0))'), 'unsupported'],
  ['tail calls', () => command('(func $f (return_call $f))'), 'unsupported'],
  ['reference values', () => command('(func (param externref))'), 'unsupported'],
  ['instructions on tables', () => command('(table 1 funcref) (func (drop (table.size 0)))'), 'unsupported'],
  [
    'references of functions',
    () => command('(func $f) (elem declare func $f) (func (drop (ref.func $f)))'),
    'unsupported',
  ],
  ['a start function', () => command('(func $f) (start $f)'), 'unsupported'],
  [
    'another import',
    () =>
      assemble(
        '(module (import "env" "now" (func (result f64))) (memory (export "memory") 1) (func (export "_start")))',
      ),
    'forbidden-import',
  ],
  [
    'a WASI import of another type',
    () =>
      assemble(
        '(module (import "wasi_snapshot_preview1" "fd_close" (func (param i64) (result i32))) (memory (export "memory") 1) (func (export "_start")))',
      ),
    'forbidden-import',
  ],
  [
    'the same import twice',
    () => assemble(`(module ${imports(1).repeat(2)} (memory (export "memory") 1) (func (export "_start")))`),
    'forbidden-import',
  ],
  [
    'an imported memory',
    () => assemble('(module (import "env" "memory" (memory 1)) (func (export "_start")))'),
    'forbidden-import',
  ],
  ['a library', () => assemble('(module (memory (export "memory") 1))'), 'not-a-command'],
  ['no memory', () => assemble('(module (func (export "_start")))'), 'not-a-command'],
  ['a reserved export', () => command('(func (export "__taika_x"))'), 'reserved-name'],
  ['something else altogether', () => Uint8Array.of(0x7f, 0x45, 0x4c, 0x46), 'malformed'],
  ['an unknown section', () => Uint8Array.of(...command(''), 77, 0), 'malformed'],
  ['relaxed vectors', () => withCode([0x00, 0xfd, 0x80, 0x02, 0x0b]), 'unsupported'],
  ['a number with too many bits', () => withCode([0x41, 0x80, 0x80, 0x80, 0x80, 0x10, 0x1a]), 'malformed'],
  [
    'a value of a newer reference type',
    () => encodeModule({ types: [{ params: [0x71], results: [] }], functions: [], exports: [] }),
    'unsupported',
  ],
  ['a missing operand', () => withCode([0x6a, 0x1a]), 'invalid'],
];
for (const [title, bytes, code] of refused) {
  test(`a program with ${title} is refused as ${code}, with a remedy`, () => {
    const error = refusal(bytes());
    assert.equal(error.code, code);
    assert.match(error.remedy, /\.$/);
  });
}

test('a refusal names the function and the offset', () => {
  const error = refusal(
    command('(func $good) (func $shared_counter (drop (i32.atomic.load (i32.const 0))))'),
  );
  assert.equal(error.functionIndex, 1);
  assert.equal(error.functionName, 'shared_counter');
  assert.ok((error.offset ?? 0) > 8);
});

interface Sized {
  readonly code?: readonly number[];
  readonly locals?: readonly number[];
}

function withCode(code: readonly number[], sized: Sized = {}): Uint8Array {
  return encodeModule({
    types: [{ params: [], results: [] }],
    functions: [{ type: 0, locals: sized.locals ?? [], code }],
    memory: { min: 1 },
    exports: [
      { name: 'memory', kind: 2, index: 0 },
      { name: '_start', kind: 0, index: 0 },
    ],
  });
}

/** A program of a given size for each limit, with the limit lowered so that the program at it stays small. */
const limits: readonly (readonly [
  name: keyof AdmissionLimits,
  limit: number,
  program: (size: number) => Uint8Array,
])[] = [
  ['bodyBytesMax', 100, (size) => withCode(new Array<number>(size - 2).fill(0x01))],
  ['localsMax', 49_000, (size) => withCode([], { locals: new Array<number>(size).fill(0x7f) })],
  ['localsTotalMax', 60, (size) => withCode([], { locals: new Array<number>(size).fill(0x7e) })],
  [
    'nestingMax',
    10_000,
    (size) => withCode([...repeat([0x02, 0x40], size - 1), ...repeat([0x0b], size - 1)]),
  ],
  [
    'blockValuesMax',
    60,
    (size) => withCode([0x02, 0x40, 0x0b], { locals: new Array<number>(size).fill(0x7f) }),
  ],
  [
    'blockValuesMax',
    100,
    (size) =>
      withCode(
        // An if and its else with 30 locals each, and a loop that has operands below it, too.
        [
          ...[0x41, 0, 0x04, 0x40, 0x05, 0x0b],
          ...repeat([0x41, 0], size - 90),
          ...[0x03, 0x40, 0x0b],
          ...repeat([0x1a], size - 90),
        ],
        { locals: new Array<number>(30).fill(0x7c) },
      ),
  ],
  [
    'branchTableMax',
    65_000,
    (size) => withCode([0x41, 0, 0x0e, ...unsigned(size), ...repeat([0], size + 1)]),
  ],
  ['functionsMax', 20, (size) => command('(func)'.repeat(size - 1))],
  [
    'typesMax',
    10,
    (size) =>
      command(
        Array.from({ length: size - 1 }, (_, k) => `(type (func (param ${'i32 '.repeat(k + 1)})))`).join(''),
      ),
  ],
  ['globalsMax', 20, (size) => command('(global i32 (i32.const 0))'.repeat(size))],
  [
    'exportsMax',
    20,
    (size) => command(Array.from({ length: size - 2 }, (_, k) => `(func (export "${k}"))`).join('')),
  ],
  [
    'importsMax',
    20,
    (size) => assemble(`(module ${imports(size)} (memory (export "memory") 1) (func (export "_start")))`),
  ],
  ['paramsMax', 255, (size) => command(`(func (param ${'i32 '.repeat(size)}))`)],
  ['resultsMax', 16, (size) => command(`(func (result ${'i32 '.repeat(size)}) unreachable)`)],
  [
    'segmentsMax',
    10,
    (size) => command(`${'(data "x")'.repeat(size - 1)}(table 1 funcref) (elem (i32.const 0))`),
  ],
  ['dataBytesMax', 100, (size) => command(`(data "${'x'.repeat(size - 1)}") (data "y")`)],
  ['tableEntriesMax', 30, (size) => command(`(table ${size} funcref)`)],
  [
    'tableEntriesMax',
    30,
    (size) => command(`(func $f) (table 1 funcref) (elem (i32.const 0) ${'$f '.repeat(size)})`),
  ],
  [
    'memoryPagesMax',
    30,
    (size) => assemble(`(module (memory (export "memory") ${size}) (func (export "_start")))`),
  ],
  ['codeBytesMax', 200, (size) => withCode(new Array<number>(size - 5).fill(0x01))],
  ['moduleBytesMax', 300, (size) => padded(size)],
];
for (const [name, limit, program] of limits) {
  test(`${name}: ${limit} is admitted, ${limit + 1} is not`, () => {
    admitProgram(program(limit), { [name]: limit });
    const error = refusal(program(limit + 1), { [name]: limit });
    assert.equal(error.code, 'limit-exceeded');
    assert.match(error.reason, new RegExp(`${limit + 1}.*${limit}`));
  });
}

test('the body of a function may have a mebibyte by default', () => {
  admitProgram(withCode(new Array<number>(2 ** 20 - 2).fill(0x01)));
  assert.equal(refusal(withCode(new Array<number>(2 ** 20 - 1).fill(0x01))).code, 'limit-exceeded');
});

test('by default, thousands of locals and blocks in one function are admitted, and a bomb is not', () => {
  const blocks = (count: number, locals: number) =>
    withCode(repeat([0x03, 0x40, 0x0b], count), { locals: new Array<number>(locals).fill(0x7c) });
  admitProgram(blocks(4_000, 4_000));
  admitProgram(blocks(2 ** 14, 2 ** 10));
  for (const bomb of [blocks(2 ** 14 + 1, 2 ** 10), blocks(9_000, 49_000)]) {
    const error = refusal(bomb);
    assert.match(error.reason, /values at the starts of blocks/);
    assert.equal(error.functionIndex, 0);
  }
});

test('a rewritten function may have 7,600,000 bytes and not one more', () => {
  const rewritten = (branches: number, nops: number): number => {
    const code = [0x03, 0x40, ...repeat([0x20, 0, 0x0d, 0], branches), ...repeat([0x01], nops), 0x0b];
    const program = admitProgram(withCode(code, { locals: [0x7f] }));
    try {
      rewriteProgram(program, { artefact: 'fast', memoryPagesMax: 16, fuelPerUnitMax: 10n ** 9n });
      return 0;
    } catch (error) {
      assert.ok(error instanceof AdmissionError && error.code === 'limit-exceeded', String(error));
      assert.equal(error.functionIndex, 0);
      return Number(/[0-9]{7,}/.exec(error.reason.replaceAll(',', ''))?.[0]);
    }
  };
  const limit = 7_600_000;
  const most = 170_000;
  const length = rewritten(most, 0);
  const each = length - rewritten(most - 1, 0);
  const branches = most - Math.ceil((length - limit) / each);
  const nops = limit - (length - (most - branches) * each);
  assert.equal(rewritten(branches, nops), 0);
  assert.equal(rewritten(branches, nops + 1), limit + 1);
});

test('a program may start with as much memory as the job has, and a job have what an engine has', () => {
  const starting = (pages: number, memoryPagesMax: number) => () =>
    rewriteProgram(
      admitProgram(assemble(`(module (memory (export "memory") ${pages}) (func (export "_start")))`)),
      { artefact: 'fast', memoryPagesMax },
    );
  for (const [pages, most] of [
    [0, 0],
    [16, 16],
    [1, 65_536],
  ] as const)
    starting(pages, most)();
  for (const [pages, most] of [
    [1, 0],
    [17, 16],
    [1, 65_537],
    [0, -1],
    [1, 1.5],
  ] as const)
    assert.throws(
      starting(pages, most),
      (error: unknown) => error instanceof AdmissionError && error.code === 'limit-exceeded',
    );
});

/** Imports of so many different functions. */
function imports(count: number): string {
  const names = allowedImportNames.slice(0, count).map((name) => {
    const type = allowedImportType(name);
    const list = (types: readonly number[] = []) =>
      types.map((each) => (each === 0x7e ? 'i64' : 'i32')).join(' ');
    return `(import "wasi_snapshot_preview1" "${name}" (func (param ${list(type?.params)}) (result ${list(type?.results)})))`;
  });
  return names.join('');
}

function repeat(bytes: readonly number[], count: number): number[] {
  return Array.from({ length: count }, () => bytes).flat();
}

function padded(size: number): Uint8Array {
  const plain = withCode([]);
  const padding = size - plain.length - 3 - text('pad').length;
  return Uint8Array.of(...plain, ...section(0, [...text('pad'), ...new Array<number>(padding).fill(0)]));
}

test('what the rewriter makes of a program at its limits is admitted on a terminal, and nothing else is', () => {
  const options = { artefact: 'strict', memoryPagesMax: 16, fuelPerUnitMax: 10n ** 9n } as const;
  const nested = (blocks: number) => [...repeat([0x02, 0x40], blocks), ...repeat([0x0b], blocks)];
  const large = [
    withCode(nested(9_999), { locals: new Array<number>(1_600).fill(0x7f) }),
    withCode(nested(342), { locals: new Array<number>(49_000).fill(0x7f) }),
    withCode(new Array<number>(2 ** 20 - 2).fill(0x01)),
    // Loops, each of which grows by a charge and a cap: the most that code can grow.
    withCode(repeat([0x03, 0x40, 0x20, 0x00, 0x45, 0x0d, 0x00, 0x0b], 60_000), { locals: [0x7f] }),
  ];
  for (const program of large) {
    const { bytes } = rewriteProgram(admitProgram(program), options);
    admitArtefact(bytes);
    assert.equal(refusal(bytes).code, 'reserved-name');
  }
  assert.throws(() => admitArtefact(withCode([])), /it was not rewritten/);
  const counter = (type: string) => command(`(global (export "__taika_fuel") ${type})`);
  admitArtefact(counter('(mut i64) (i64.const 0)'));
  for (const type of ['i64 (i64.const 0)', '(mut i32) (i32.const 0)']) {
    assert.throws(() => admitArtefact(counter(type)), /it was not rewritten/);
  }
});
