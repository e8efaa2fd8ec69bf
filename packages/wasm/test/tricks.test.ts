/** What a customer could try in order to work for less fuel. Each program is counted by the reference, too. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import wabt from 'wabt';
import { AdmissionError } from '../src/admission-error.ts';
import { admitProgram } from '../src/admit.ts';
import { startFuel } from '../src/cost-table.ts';
import { findMayExit } from '../src/metering/may-exit.ts';
import { planMetering } from '../src/metering/plan-metering.ts';
import { fuelExport } from '../src/reserved.ts';
import { rewriteProgram } from '../src/rewrite.ts';
import { runUnit } from '../src/run-unit.ts';
import { defaultUnitLimits } from '../src/unit.ts';
import { pagesMax, rewrite, runHere, runInReference } from './differential.ts';

const assembler = await wabt();

function assemble(body: string, imports = ''): Uint8Array {
  const text = `(module (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32))) ${imports}
    (memory (export "memory") 1 3) (data $d "some bytes") ${body})`;
  const parsed = assembler.parseWat('test.wat', text);
  return Uint8Array.from(parsed.toBinary({}).buffer);
}

/** What `assemble` gives every program: a page, ten bytes. */
const madeFuel = BigInt(startFuel({ pages: 1, dataBytes: 10, tableEntries: 0 }));

/** Runs the program metered and in the reference; returns the fuel on which they agree, without the instance's. */
function agreedFuel(body: string): bigint {
  const bytes = assemble(body);
  const expected = runInReference(bytes);
  assert.ok(expected !== undefined);
  for (const artefact of ['fast', 'strict'] as const) {
    const { end, memory, fuel } = runHere(rewrite(bytes, artefact));
    assert.deepEqual({ end, memory, fuel }, expected);
  }
  return BigInt(expected.fuel) - madeFuel;
}

test('work inside a recursion that ends by proc_exit is counted', () => {
  const fuel = agreedFuel(`
    (func $work (param $depth i32) (local $i i32)
      (loop $again (br_if $again (i32.lt_s (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 100))))
      (if (i32.eqz (local.get $depth)) (then (call $exit (i32.const 3))))
      (call $work (i32.sub (local.get $depth) (i32.const 1)))
      (drop (i32.div_u (i32.const 1) (i32.const 1))))
    (func (export "_start") (call $work (i32.const 50)))`);
  assert.ok(fuel > 51n * 100n * 4n);
  // Nothing behind the exit is charged: not one of the 51 divisions.
  assert.ok(fuel < 51n * 100n * 4n + 51n * 25n);
});

test('an exit through the table is counted as well', () => {
  agreedFuel(`(type $t (func (param i32))) (table 1 funcref) (elem (i32.const 0) $leave)
    (func $leave (param i32) (call $exit (local.get 0)))
    (func $deep (param i32)
      (if (local.get 0) (then (call $deep (i32.sub (local.get 0) (i32.const 1)))) (else (call_indirect (type $t) (i32.const 7) (i32.const 0))))
      (i32.store (i32.const 0) (i32.const 1)))
    (func (export "_start") (call $deep (i32.const 20)))`);
});

test('a second import of proc_exit is refused', () => {
  const second = '(import "wasi_snapshot_preview1" "proc_exit" (func $exit2 (param i32)))';
  assert.throws(
    () => admitProgram(assemble('(func (export "_start"))', second)),
    (error: unknown) => error instanceof AdmissionError && error.code === 'forbidden-import',
  );
});

for (const [way, leave] of [
  ['directly', '(call $other (i32.const 0))'],
  ['through the table', '(call_indirect (type $t) (i32.const 0) (i32.const 0))'],
] as const) {
  test(`a second import of proc_exit, called ${way}, would be an exit like the first`, () => {
    const program = admitProgram(
      assemble(
        `(type $t (func (param i32) (result i32))) (table 1 funcref) (elem (i32.const 0) $other)
        (func $deep (param i32)
          (if (i32.eqz (local.get 0)) (then (drop ${leave})))
          (call $deep (i32.sub (local.get 0) (i32.const 1))))
        (func (export "_start") (call $deep (i32.const 500)))`,
        '(import "wasi_snapshot_preview1" "fd_close" (func $other (param i32) (result i32)))',
      ),
    );
    const imports = program.imports.map((item) => ({ ...item, name: 'proc_exit' }));
    assert.deepEqual([...findMayExit(program).functions], [1, 0, 0, 0]);
    assert.deepEqual([...findMayExit({ ...program, imports }).functions], [1, 1, 1, 1]);
  });
}

test('a counted loop pays for every iteration, with any step, any comparison, and around every end', () => {
  const comparisons = ['ne', 'eq', 'lt_s', 'lt_u', 'gt_s', 'gt_u', 'le_s', 'le_u', 'ge_s', 'ge_u'];
  const loops = [
    [2147483640, 8, -2147483640],
    [5, -1, 0],
    [-7, 1, 0],
    [1, 1, 1000],
    [0x7ffffff0, 16, -2147483648],
    [0, -2147483648, 0],
    [10, 3, 100],
    [-2147483640, -7, 2147483600],
    [2147483600, 24, -2147483500],
    [-20, -1431655765, 9],
    [7, 0x55555556, -3],
    [0, 0x30000000, 0x20000000],
  ] as const;
  let hoisted = 0;
  for (const [start, step, bound] of loops) {
    for (const comparison of comparisons) {
      const bytes = assemble(`(func (export "_start") (local $i i32) (local.set $i (i32.const ${start}))
        (loop $l (i32.store (i32.const 8) (i32.add (i32.load (i32.const 8)) (i32.const 1)))
          (br_if $l (i32.${comparison} (local.tee $i (i32.add (local.get $i) (i32.const ${step}))) (i32.const ${bound})))))`);
      hoisted += planMetering(admitProgram(bytes), false).countedLoops.segments.length;
      const expected = runInReference(bytes);
      // Some take longer than the reference likes.
      if (expected !== undefined) assert.equal(runHere(rewrite(bytes, 'fast')).fuel, expected.fuel);
    }
  }
  assert.equal(hoisted, loops.length * comparisons.length);
});

test('every way to write the end of a counted loop is recognised, and counted', () => {
  const sum = '(i32.add (local.get $i) (i32.const 3))';
  for (const end of [
    `(br_if $l (local.tee $i (i32.sub (local.get $i) (i32.const -3))))`,
    `(br_if $l (i32.eqz (local.tee $i ${sum})))`,
    `(br_if $l (i32.lt_s (local.tee $i ${sum}) (local.get $n)))`,
    `(br_if $l (i32.gt_s (local.get $n) (local.tee $i ${sum})))`,
    `(local.set $i (local.tee $j ${sum})) (br_if $l (i32.ne (local.get $j) (local.get $n)))`,
    `(local.set $i ${sum}) (br_if $l (i32.le_s (local.get $i) (i32.const -2)))`,
  ]) {
    const body = `(func (export "_start") (local $i i32) (local $j i32) (local $n i32)
      (local.set $i (i32.const -300)) (loop $l (i32.store (i32.const 8) (local.get $i)) ${end}))`;
    assert.equal(planMetering(admitProgram(assemble(body)), false).countedLoops.segments.length, 1, end);
    agreedFuel(body);
  }
});

test('the end of a loop that tests anything but its counter is not trusted', () => {
  const sum = '(i32.add (local.get $i) (i32.const 2147483648))';
  for (const end of [
    // The counter has two values and says nothing; another local ends the loop.
    `(local.set $i (local.tee $j ${sum})) (local.set $n (i32.sub (local.get $n) (i32.const 1)))
     (br_if $l (i32.ne (local.get $j) (local.get $n)))`,
    `(local.set $n (i32.sub (local.get $n) (i32.const 1))) (local.set $i ${sum}) (br_if $l (i32.ne (local.get $n) (i32.const 0)))`,
    `(drop (local.tee $i ${sum})) (local.set $n (i32.sub (local.get $n) (i32.const 1))) (br_if $l (local.get $n))`,
    `(br_if $l (i32.lt_s (local.tee $i (i32.add (local.get $j) (i32.const 1))) (local.tee $j (i32.add (local.get $j) (i32.const 1)))))`,
    `(br_if $l (i32.lt_s (local.tee $i ${sum}) (i32.load (i32.const 8))))`,
  ]) {
    const body = `(func (export "_start") (local $i i32) (local $j i32) (local $n i32)
      (local.set $n (i32.const 100)) (loop $l (i32.store (i32.const 8) (i32.const -100)) ${end}))`;
    assert.equal(planMetering(admitProgram(assemble(body)), false).countedLoops.segments.length, 0, end);
    agreedFuel(body);
  }
});

test('a counter that is moved inside the loop is not trusted', () => {
  const fuel =
    agreedFuel(`(func (export "_start") (local $i i32) (local $n i32) (local.set $n (i32.const 100))
    (loop $l
      (if (i32.and (local.get $n) (i32.const 1)) (then (local.set $i (i32.sub (local.get $i) (i32.const 1)))))
      (local.set $n (i32.sub (local.get $n) (i32.const 1)))
      (if (i32.eqz (local.get $n)) (then (local.set $i (i32.const 8))))
      (br_if $l (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 9)))))`);
  assert.ok(fuel > 0n);
});

test('a bound that is moved inside the loop is not trusted', () => {
  agreedFuel(`(func (export "_start") (local $i i32) (local $n i32) (local.set $n (i32.const 3))
    (loop $l
      (if (i32.lt_s (local.get $i) (i32.const 50)) (then (local.set $n (i32.add (local.get $i) (i32.const 5)))))
      (br_if $l (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n)))))`);
});

test('a counted loop left by the back door is not hoisted', () => {
  agreedFuel(`(func (export "_start") (local $i i32) (block $out
    (loop $l (br_if $out (i32.eq (local.get $i) (i32.const 5)))
      (br_if $l (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 1000))))))`);
});

test('many locals cost fuel at every call', () => {
  const locals = 'i64 '.repeat(8000);
  const fuel = agreedFuel(
    `(func $idle (local ${locals})) (func (export "_start") (call $idle) (call $idle))`,
  );
  assert.equal(fuel, 2n * (8n + 1000n));
});

test('parameters cost fuel at every call, vectors twice', () => {
  const pass = (type: string, count: number) =>
    agreedFuel(`(func $f (param ${`${type} `.repeat(count)})) (func (export "_start") (local $v ${type})
      (call $f ${'(local.get $v)'.repeat(count)}))`);
  assert.equal(pass('i32', 80), 8n + 10n);
  assert.equal(pass('v128', 80), 8n + 20n);
});

test('making the instance costs fuel: data, pages, table and its elements', () => {
  const fuel = agreedFuel(`(data (i32.const 0) "${'x'.repeat(800)}") (table 80 funcref)
    (elem (i32.const 0) ${'$f '.repeat(40)}) (func $f (export "_start"))`);
  assert.equal(fuel, BigInt((810 >>> 3) - (10 >>> 3) + (120 >>> 3)));
});

test('bulk memory pays for its length, wherever the length comes from', () => {
  const fuel = agreedFuel(`(func $fill (param i32) (memory.fill (i32.const 0) (i32.const 1) (local.get 0)))
    (func (export "_start") (local $i i32)
      (loop $l (call $fill (i32.const 8000)) (memory.copy (i32.const 0) (i32.const 64) (i32.const 160))
        (memory.init $d (i32.const 0) (i32.const 0) (i32.const 9))
        (br_if $l (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 4)))))`);
  assert.ok(fuel > 4n * (1000n + 20n + 1n));
});

test('growing memory pays for pages it gets, and asking is never free', () => {
  const fuel = agreedFuel(`(func (export "_start")
    (i32.store (i32.const 0) (memory.grow (i32.const 1))) (i32.store (i32.const 4) (memory.grow (i32.const 70000)))
    (i32.store (i32.const 8) (memory.grow (i32.const -1))) (i32.store (i32.const 12) (memory.grow (i32.const 1))))`);
  assert.equal(fuel, 4n * 201n + 2n * 512n);
});

test('entries paid by the caller are paid in recursion, too', () => {
  agreedFuel(`
    (func $even (param i32) (result i32) (if (result i32) (local.get 0) (then (call $odd (i32.sub (local.get 0) (i32.const 1)))) (else (i32.const 1))))
    (func $odd (param i32) (result i32) (if (result i32) (local.get 0) (then (call $even (i32.sub (local.get 0) (i32.const 1)))) (else (i32.const 0))))
    (func $leaf (param i32) (result i32) (i32.mul (local.get 0) (i32.const 3)))
    (func $twice (param i32) (result i32) (i32.add (call $leaf (local.get 0)) (call $leaf (i32.const 4))))
    (func (export "_start") (i32.store (i32.const 0) (i32.add (call $even (i32.const 30)) (call $twice (i32.const 2)))))`);
});

test('entries are paid once however a function is reached: indirectly, directly, by name, or not at all', () => {
  for (const [exported, imported] of [
    ['', ''],
    ['(export "three" (func $three))', ''],
    ['', '$exit '],
  ]) {
    agreedFuel(`(type $t (func (param i32))) (table 6 funcref) (global $sum (mut i32) (i32.const 0))
      ${exported} (elem (i32.const 0) $one $three $deep $other ${imported})
      (func $one (param i32) (global.set $sum (local.get 0)))
      (func $three (param i32) (global.set $sum (i32.mul (i32.mul (local.get 0) (i32.const 3)) (i32.const 5))))
      (func $deep (param i32)
        (i32.store (local.get 0) (i32.div_u (i32.const 9) (i32.const 3)))
        (call_indirect (type $t) (i32.const 8) (i32.const 1))
        (if (local.get 0) (then (call $deep (i32.sub (local.get 0) (i32.const 1)))))
        (call $one (i32.const 1)))
      (func $other (param i64) (result i64) (i64.mul (local.get 0) (i64.const 3)))
      (func $chain (param i32) (call_indirect (type $t) (local.get 0) (i32.const 0)) (call $three (i32.const 2)))
      (func $self (param i32) (call_indirect (type $t) (i32.const 3) (i32.const 0))
        (if (local.get 0) (then (call $self (i32.sub (local.get 0) (i32.const 1))))))
      (func (export "_start") (local $i i32)
        (loop $l (call_indirect (type $t) (i32.const 3) (local.get $i))
          (br_if $l (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 3))))
        (call $chain (i32.const 5)) (call $self (i32.const 4)) (call $three (i32.const 1))
        (i64.store (i32.const 0) (call_indirect (param i64) (result i64) (i64.const 5) (i32.const 3))))`);
  }
});

test('code after jumps, in every kind of block, is charged when it runs and only then', () => {
  agreedFuel(`(func $f (param i32) (result i32)
      (block $a (result i32)
        (block $b (block $c (br_table $b $c $b (local.get 0))) (return (i32.const 9)))
        (drop (br_if $a (i32.const 4) (i32.eq (local.get 0) (i32.const 2))))
        (block $d (br $d) (drop (i32.div_s (i32.const 3) (i32.const 2))))
        (i32.const 1)))
    (func (export "_start")
      (drop (call $f (i32.const 0))) (drop (call $f (i32.const 1)))
      (drop (call $f (i32.const 2))) (drop (call $f (i32.const 7))))`);
});

test('a program cannot bring its own counter, a start function, or a second round of rewriting', () => {
  const refused = (bytes: Uint8Array, code: string) =>
    assert.throws(
      () => admitProgram(bytes),
      (error: unknown) => error instanceof AdmissionError && error.code === code,
    );
  refused(
    assemble('(global (export "__taika_fuel") (mut i64) (i64.const 0)) (func (export "_start"))'),
    'reserved-name',
  );
  refused(assemble('(func $f) (start $f) (func (export "_start"))'), 'unsupported');
  refused(rewrite(assemble('(func (export "_start"))'), 'fast'), 'reserved-name');
  refused(
    assemble('(func (export "_start"))', '(import "env" "fuel" (global (mut i64)))'),
    'forbidden-import',
  );
});

test('a function of 2^13 fuel is not watched, one of more stops before the counter turns over', () => {
  // Work that engines drop: a turn of a loop over it takes a cycle. The counter begins close to where it is stopped.
  const endOf = (roots: number, more: string, begin: bigint, last: string) => {
    const body = `local.get $x ${'f64.sqrt '.repeat(roots)} drop ${more} ${last}`;
    const program = `(func $f (local $x f64) (local $i i32) ${body}) (func (export "_start") (call $f))`;
    const { bytes } = rewriteProgram(admitProgram(assemble(program)), {
      artefact: 'fast',
      memoryPagesMax: 4,
    });
    const imports = { wasi_snapshot_preview1: { proc_exit: () => 0 } };
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes as BufferSource), imports);
    (exports[fuelExport] as WebAssembly.Global).value = begin;
    try {
      (exports._start as () => void)();
      return 'returned';
    } catch {
      return 'stopped';
    }
  };
  const one = ' i32.const 1 i32.eqz drop';
  const roots = 1363;
  const rest = 2 ** 13 - 6 * roots - 8;
  const end = 2n ** 62n;
  const begin = end - 100n;
  // One call pays for the entry of the function: 8 for the call, and its callee's whole.
  assert.equal(endOf(roots, one.repeat(rest), begin, ''), 'returned');
  assert.equal(endOf(roots, one.repeat(rest + 1), begin, ''), 'stopped');
  assert.equal(endOf(roots, one.repeat(rest + 1), end - 2n ** 14n, ''), 'returned');
  // An endless loop is met in the loop, whatever is heavy: its body, or what is around it.
  const endless = `loop $l ${one} local.get $x ${'f64.sqrt '.repeat(20)} drop br $l end`;
  assert.equal(endOf(2 * roots, '', begin, endless), 'stopped');
});

test('a counted loop of 2^30 fuel a turn counts as it runs, so that its sum cannot turn the counter over', () => {
  // Each function calls the one before twice: so many runs of a leaf of 8,176 fuel are paid by who calls the last.
  const doublings = 17;
  const chain = Array.from(
    { length: doublings },
    (_, k) => `(func $f${k + 1} (call $f${k}) (call $f${k}))`,
  ).join('');
  const one = ' i32.const 1 i32.eqz drop';
  const leaf = `(func $f0 i32.const 9 ${'i32.const 7 i32.div_u '.repeat(272)} drop ${one.repeat(16)})`;
  for (const [more, hoisted] of [
    [3, 2 ** 30 - 1],
    [4, 0],
  ] as const) {
    const bytes = assemble(`${leaf} ${chain} (func (export "_start") (local $i i32)
      (loop $l (call $f${doublings}) ${one.repeat(more)}
        (br_if $l (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 2)))))`);
    const plan = planMetering(admitProgram(bytes), false);
    assert.deepEqual([plan.loopWeights.length, plan.loopWeights.at(0)], [1, hoisted]);
    const { end, fuel } = runHere(rewrite(bytes, 'fast'));
    assert.equal(end, 'returned');
    assert.equal(BigInt(fuel ?? 0) - madeFuel, 2n * BigInt(2 ** 30 - 4 + more));
  }
});

test('a cap stops an endless loop, and only programs that pass it', () => {
  const bytes = assemble(
    '(func (export "_start") (local $i i32) (loop $l (local.set $i (i32.add (local.get $i) (i32.const 1))) (br_if $l (i32.lt_s (local.get $i) (i32.const 1000)))))',
  );
  const fuel = BigInt(runInReference(bytes)?.fuel ?? 0);
  const capped = (fuelPerUnitMax: bigint, program = bytes) =>
    runHere(
      rewriteProgram(admitProgram(program), { artefact: 'fast', memoryPagesMax: pagesMax, fuelPerUnitMax })
        .bytes,
    ).end;
  assert.equal(capped(fuel), 'returned');
  assert.equal(capped(fuel - 1n), 'trap');
  assert.equal(capped(10_000_000n, assemble('(func (export "_start") (loop $l (br $l)))')), 'trap');
});

test('a cap counts host calls and grown pages, and loops as they run', () => {
  const random = '(import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))';
  const trapOf = (body: string, fuelMax: bigint) => {
    const { bytes } = rewriteProgram(admitProgram(assemble(body, random)), {
      artefact: 'fast',
      memoryPagesMax: pagesMax,
      fuelPerUnitMax: fuelMax,
    });
    const outcome = runUnit(
      new WebAssembly.Module(bytes as BufferSource),
      { index: 0, input: new Uint8Array(0) },
      { programHash: '00'.repeat(32), seed: 0n, round: 0, unitCount: 1, args: [], env: {}, files: new Map() },
      { ...defaultUnitLimits, fuelMax },
    );
    assert.deepEqual(Object.keys(outcome).includes('output'), outcome.kind === 'completed');
    return outcome.kind === 'trapped' ? outcome.trap : outcome.kind === 'completed' && outcome.fuel;
  };
  const draw = '(func (export "_start") (drop (call $random (i32.const 0) (i32.const 60000))))';
  assert.equal(trapOf(draw, madeFuel + 1000n), 'fuel-limit');
  assert.equal(trapOf(draw, madeFuel + 60_208n), madeFuel + 60_208n);
  assert.equal(trapOf(draw, madeFuel + 60_207n), 'fuel-limit');
  const grow = '(func (export "_start") (drop (memory.grow (i32.const 1))))';
  assert.equal(trapOf(grow, madeFuel + 300n), 'fuel-limit');
  assert.equal(trapOf(grow, madeFuel + 712n), madeFuel + 712n);
  const count = `(func (export "_start") (local $i i32) (loop $l
    (br_if $l (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 0)))))`;
  assert.equal(trapOf(count, 10_000_000n), 'fuel-limit');
  assert.equal(trapOf('(func (export "_start") unreachable)', 10_000n), 'unreachable');
});
