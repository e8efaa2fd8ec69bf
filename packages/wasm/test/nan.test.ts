/** Determinism: hand-written cases of NaN. What is stored is read back from the program's memory. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import wabt from 'wabt';
import { admitProgram } from '../src/admit.ts';
import { type Form, rewriteForms, rewriteProgram } from '../src/rewrite.ts';

const assembler = await wabt();

function run(
  body: string,
  artefact: Form = 'strict',
): { words: readonly string[]; sinks: number; fuel: bigint } {
  const parsed = assembler.parseWat('test.wat', `(module (memory (export "memory") 1) ${body})`);
  const rewritten = rewriteProgram(admitProgram(Uint8Array.from(parsed.toBinary({}).buffer)), {
    artefact,
    memoryPagesMax: 4,
  });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(rewritten.bytes as BufferSource));
  (exports._start as () => void)();
  const fuel = (exports[rewritten.fuelExport] as WebAssembly.Global).value as bigint;
  const words = new Uint32Array((exports.memory as WebAssembly.Memory).buffer, 0, 8);
  return { words: [...words].map((word) => word.toString(16)), sinks: rewritten.nanSinks, fuel };
}

/** What the forms that judge write: as f64 its lower and upper half, and as f32. */
const hardware = {
  positive: ['0', '7ff80000', '7fc00000'],
  negative: ['0', 'fff80000', 'ffc00000'],
} as const;

const zero = '(f64.load (i32.const 64))';
const nan = `(f64.div ${zero} ${zero})`;
const ones = 'ffffffff';

test('a NaN that arithmetic has made is stored as all ones, but for a sign that neg has set', () => {
  const { words } = run(`(func (export "_start")
    (f64.store (i32.const 0) ${nan}) (f64.store (i32.const 8) (f64.neg ${nan}))
    (f32.store (i32.const 16) (f32.demote_f64 ${nan})) (i64.store (i32.const 24) (i64.reinterpret_f64 ${nan})))`);
  assert.deepEqual(words, [ones, ones, ones, '7fffffff', ones, '0', ones, ones]);
});

test('copysign takes the same sign from a NaN everywhere', () => {
  const { words } = run(
    `(func (export "_start") (f64.store (i32.const 0) (f64.copysign (f64.const 1) ${nan})))`,
  );
  assert.deepEqual(words.slice(0, 2), ['0', 'bff00000']);
});

const half = `(f32.demote_f64 ${nan})`;
const vector = '(f64x2.div (v128.load (i32.const 64)) (v128.load (i32.const 64)))';
const quarters = '(f32x4.div (v128.load (i32.const 64)) (v128.load (i32.const 64)))';
/** Values whose sign the specification says though they are NaN, as i32 of which bit 31 is that sign. */
const signs: readonly (readonly [value: string, negative: boolean])[] = [
  [`(i32.wrap_i64 (i64.shr_u (i64.reinterpret_f64 (f64.abs ${nan})) (i64.const 32)))`, false],
  [`(i32.wrap_i64 (i64.shr_u (i64.reinterpret_f64 (f64.neg (f64.abs ${nan}))) (i64.const 32)))`, true],
  [`(i32.reinterpret_f32 (f32.abs ${half}))`, false],
  [`(i32.reinterpret_f32 (f32.neg (f32.abs ${half})))`, true],
  [`(i32.reinterpret_f32 (f32.copysign ${half} (f32.const 1)))`, false],
  [`(i32.reinterpret_f32 (f32.copysign ${half} (f32.const -1)))`, true],
  [`(i32.reinterpret_f32 (f32.copysign (f32.const 1) (f32.abs ${half})))`, false],
  [`(i32x4.extract_lane 3 (f32x4.abs ${quarters}))`, false],
  [`(i32x4.extract_lane 3 (f32x4.neg (f32x4.abs ${quarters})))`, true],
  [`(i32.wrap_i64 (i64.shr_u (i64x2.extract_lane 1 (f64x2.abs ${vector})) (i64.const 32)))`, false],
  [
    `(i32.wrap_i64 (i64.shr_u (i64x2.extract_lane 1 (f64x2.neg (f64x2.abs ${vector}))) (i64.const 32)))`,
    true,
  ],
  [`(i32.reinterpret_f32 (f32x4.extract_lane 3 (f32x4.abs ${quarters})))`, false],
];
for (const [value, negative] of signs) {
  test(`a sign that the specification says is kept: ${value}`, () => {
    const body = `(func $pass (param i32) (result i32) (local.get 0))
      (func (export "_start") (i32.store (i32.const 0) (call $pass ${value})))`;
    for (const artefact of ['fast', 'strict'] as const) {
      const word = Number.parseInt(run(body, artefact).words[0] as string, 16);
      assert.equal(word >= 2 ** 31, negative, artefact);
      assert.equal((word & 0x7f800000) !== 0, true, artefact);
    }
  });
}

test('a program that branches on the sign of |NaN| takes the same way, and fuel, in both artefacts', () => {
  const body = `(func (export "_start") (local $i i32)
    (f64.store (i32.const 0) (f64.abs ${nan}))
    (if (i64.lt_s (i64.load (i32.const 0)) (i64.const 0)) (then (local.set $i (i32.const 1000))
      (loop $l (br_if $l (local.tee $i (i32.sub (local.get $i) (i32.const 1))))))))`;
  assert.equal(run(body, 'strict').fuel, run(body, 'fast').fuel);
});

test('abs and neg whose sign nobody sees are no sinks', () => {
  const body = `(func (export "_start")
    (i32.store (i32.const 0) (f64.lt (f64.abs (f64.neg ${nan})) (f64.const 1))))`;
  assert.equal(run(body).sinks, 0);
});

test('a boxed value keeps its payload through loads, locals, calls, select and blocks', () => {
  const { words, sinks } = run(`(data (i32.const 64) "\\01\\02\\03\\04\\05\\06\\f4\\7f")
    (func $pass (param f64) (result f64) (local f64)
      (local.set 1 (local.get 0)) (block (result f64) (local.get 1)))
    (func (export "_start")
      (f64.store (i32.const 0) (call $pass (f64.load (i32.const 64))))
      (f64.store (i32.const 8) (select (f64.load (i32.const 64)) (f64.const 1) (i32.const 1)))
      (f64.store (i32.const 16) (f64.reinterpret_i64 (i64.const 0x7ff4060504030201))))`);
  assert.deepEqual(words.slice(0, 6), ['4030201', '7ff40605', '4030201', '7ff40605', '4030201', '7ff40605']);
  assert.equal(sinks, 0);
});

test('where boxed and computed values meet, only the computed ones are changed', () => {
  const { words } = run(`(data (i32.const 72) "\\01\\02\\03\\04\\05\\06\\f4\\7f")
    (func $either (param i32) (result f64)
      (if (result f64) (local.get 0) (then (f64.load (i32.const 72))) (else ${nan})))
    (func (export "_start")
      (f64.store (i32.const 0) (call $either (i32.const 0))) (f64.store (i32.const 8) (call $either (i32.const 1))))`);
  assert.deepEqual(words.slice(0, 4), [ones, ones, '4030201', '7ff40605']);
});

test('one v128 local for integers and then for floats: the integers are not touched', () => {
  const { words, sinks } = run(`(func (export "_start") (local $v v128)
    (local.set $v (i32x4.add (v128.const i32x4 0x7fc00000 1 0x7fffffff 2) (v128.const i32x4 1 1 0 0)))
    (v128.store (i32.const 0) (local.get $v))
    (local.set $v (f64x2.div (v128.load (i32.const 64)) (v128.load (i32.const 64))))
    (v128.store (i32.const 16) (local.get $v)))`);
  assert.deepEqual(words, ['7fc00001', '2', '7fffffff', '2', ones, ones, ones, ones]);
  assert.equal(sinks, 1);
});

const sum = '(f32x4.add (v128.load (i32.const 64)) (v128.load (i32.const 64)))';
const oddConstant = '(f64x2.splat (f64.const 0x1.000007fc12345p+0))';
const joined = (number: string) => `(local $v v128)
  (if (i32.load (i32.const 500)) (then (local.set $v ${sum})) (else (local.set $v ${number})))
  (v128.store (i32.const 0) (local.get $v))`;
const numbers: readonly (readonly [title: string, body: string, words: readonly string[]])[] = [
  [
    'converted from integers',
    joined('(f64x2.convert_low_i32x4_u (v128.const i32x4 0x800003FD 0x800003FD 0 0))'),
    ['7fa00000', '41e00000', '7fa00000', '41e00000'],
  ],
  ['splatted from a constant', joined(oddConstant), ['7fc12345', '3ff00000', '7fc12345', '3ff00000']],
  [
    'in a vector constant',
    joined('(v128.const f64x2 0x1.000007fc12345p+0 0x1p1019)'),
    ['7fc12345', '3ff00000', '0', '7fa00000'],
  ],
  [
    'passed to a function',
    joined('(call $splat (f64.const 0x1.000007fc12345p+0))'),
    ['7fc12345', '3ff00000', '7fc12345', '3ff00000'],
  ],
  [
    'converted and then shuffled into a vector',
    `(v128.store (i32.const 0) (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23
      (f64x2.splat (f64.convert_i64_s (i64.const 0x1000007fc12345))) ${sum}))`,
    ['7fc12345', '43300000', '0', '0'],
  ],
  [
    'of which a half is taken as f32',
    `(f32.store (i32.const 0) (select (f32x4.extract_lane 0 ${oddConstant})
      (f32.add (f32.load (i32.const 64)) (f32.const 1)) (i32.const 1)))`,
    ['7fc12345', '0', '0', '0'],
  ],
  [
    'of which halves change places',
    `(local $v v128) (local.set $v (f64x2.add ${oddConstant} (v128.load (i32.const 64))))
    (v128.store (i32.const 0) (select
      (i8x16.shuffle 4 5 6 7 0 1 2 3 12 13 14 15 8 9 10 11 (local.get $v) (local.get $v))
      (f64x2.add (v128.load (i32.const 64)) (v128.load (i32.const 64))) (i32.const 1)))`,
    ['3ff00000', '7fc12345', '3ff00000', '7fc12345'],
  ],
];
for (const [title, body, expected] of numbers) {
  test(`numbers of f64 are not taken for NaN of f32: ${title}`, () => {
    const program = `(func $splat (param f64) (result v128) (f64x2.splat (local.get 0)))
      (func (export "_start") ${body})`;
    assert.deepEqual(run(program, 'fast').words.slice(0, 4), expected);
    for (const form of ['strict', 'positive', 'negative', 'mixed'] as const) {
      assert.deepEqual(run(program, form).words.slice(0, 4), expected, form);
    }
  });
}

test('a program without a place where NaN shows is the same in both artefacts', () => {
  const body = `(func (export "_start") (if (f64.lt ${nan} (f64.const 1)) (then (i32.store (i32.const 0) (i32.const 1)))))`;
  assert.equal(run(body, 'fast').sinks, 0);
});

for (const form of ['positive', 'negative'] as const) {
  test(`the form ${form} writes that NaN, of scalars and of vectors`, () => {
    const [low, high, single] = hardware[form];
    const scalars = run(
      `(func (export "_start") (f64.store (i32.const 0) ${nan}) (f32.store (i32.const 8) ${half})
        (f64.store (i32.const 16) (f64.add ${zero} (f64.const 1))))`,
      form,
    );
    assert.deepEqual(scalars.words.slice(0, 6), [low, high, single, '0', '0', '3ff00000']);
    const vectors = run(
      `(func (export "_start") (v128.store (i32.const 0) ${vector})
        (v128.store (i32.const 16) (f32x4.replace_lane 1 ${quarters} (f32.const 1))))`,
      form,
    );
    assert.deepEqual(vectors.words, [low, high, low, high, single, '3f800000', single, single]);
  });
}

test('the mixed form writes both in turn, so that comparing the bits of two NaN shows', () => {
  const body = `(func (export "_start")
    (f64.store (i32.const 0) ${nan}) (f64.store (i32.const 8) ${nan})
    (i32.store (i32.const 16) (i64.eq (i64.load (i32.const 0)) (i64.load (i32.const 8)))))`;
  const isEqual = (form: Form) => run(body, form).words[4];
  assert.deepEqual(
    [isEqual('strict'), isEqual('positive'), isEqual('negative'), isEqual('mixed')],
    ['1', '1', '1', '0'],
  );
});

/** As printf does: the sign of a NaN, by a select, so that the fuel is the same. */
const signOfNan = `(func (export "_start") (local $x f64)
  (local.set $x ${nan})
  (i32.store (i32.const 0) (select (i32.const 45) (i32.const 43)
    (i64.lt_s (i64.reinterpret_f64 (local.get $x)) (i64.const 0)))))`;

test('a program that prints the sign of 0/0 prints another in two forms, whatever the hardware, at equal fuel', () => {
  const ends = (['strict', 'positive', 'negative'] as const).map((form) => run(signOfNan, form));
  assert.deepEqual(
    ends.map(({ words }) => words[0]),
    ['2d', '2b', '2d'],
  );
  assert.equal(new Set(ends.map(({ fuel }) => fuel)).size, 1);
});

test('all forms are made where the bits of a NaN could be seen, and one where not', () => {
  const formsOf = (body: string) => {
    const parsed = assembler.parseWat('test.wat', `(module (memory (export "memory") 1) ${body})`);
    const program = admitProgram(Uint8Array.from(parsed.toBinary({}).buffer));
    return rewriteForms(program, { memoryPagesMax: 4 }).map(({ artefact, bytes }) => {
      assert.deepEqual(bytes, rewriteProgram(program, { artefact, memoryPagesMax: 4 }).bytes);
      return artefact;
    });
  };
  assert.deepEqual(formsOf(signOfNan), ['fast', 'strict', 'positive', 'negative', 'mixed']);
  assert.deepEqual(formsOf('(func (export "_start") (i32.store (i32.const 0) (i32.const 1)))'), ['fast']);
});
