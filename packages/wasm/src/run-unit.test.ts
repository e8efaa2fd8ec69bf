import assert from 'node:assert/strict';
import { test } from 'node:test';
import wabt from 'wabt';
import { wasiCallFuel } from './cost-table.ts';
import { runUnit } from './run-unit.ts';
import { defaultUnitLimits, type JobEnvironment } from './unit.ts';

const { parseWat } = await wabt();

const job: JobEnvironment = {
  programHash: '00'.repeat(32),
  seed: 0n,
  round: 0,
  unitCount: 1,
  args: [],
  env: {},
  files: new Map(),
};

/** A module with the exports that the rewriter would add, so that these tests do not need it. */
function run(body: string, input = '', limits = defaultUnitLimits) {
  const text = `(module
    (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (memory (export "memory") 1 4)
    (table 2 funcref)
    (global $fuel (export "__taika_fuel") (mut i64) (i64.const 0))
    ${body})`;
  const module = new WebAssembly.Module(parseWat('test.wat', text).toBinary({}).buffer as BufferSource);
  return runUnit(module, { index: 0, input: new TextEncoder().encode(input) }, job, limits);
}

const echo = `(func (export "_start")
  (i32.store (i32.const 0) (i32.const 1024)) (i32.store (i32.const 4) (i32.const 4096))
  (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 16)))
  (i32.store (i32.const 4) (i32.load (i32.const 16)))
  (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16))))`;

test('a program that returns from _start is completed with its output', () => {
  const outcome = run(echo, 'hello');
  assert(outcome.kind === 'completed');
  assert.equal(new TextDecoder().decode(outcome.output), 'hello');
  assert.equal(outcome.exitCode, 0);
  assert.equal(outcome.memoryPages, 1);
});

test('host calls cost a fixed amount and their bytes', () => {
  const outcome = run(echo, 'hello');
  assert(outcome.kind === 'completed');
  assert.equal(outcome.fuel, wasiCallFuel('fd_read', 5, 1) + wasiCallFuel('fd_write', 5, 1));
});

test('each buffer of a list costs, and so does each byte of a path', () => {
  assert.equal(wasiCallFuel('fd_write', 16, 1024) - wasiCallFuel('fd_write', 16), 8n * 1024n);
  assert.equal(wasiCallFuel('path_open', 4096) - wasiCallFuel('path_open', 0), 4096n);
  const outcome = run(`(func (export "_start")
    (drop (call $write (i32.const 1) (i32.const 64) (i32.const 100) (i32.const 16))))`);
  assert(outcome.kind === 'completed');
  assert.equal(outcome.fuel, wasiCallFuel('fd_write', 0, 100));
});

test('a non-zero exit code is a result without output', () => {
  const outcome = run('(func (export "_start") (call $exit (i32.const 3)))');
  assert.deepEqual(outcome, {
    kind: 'completed',
    exitCode: 3,
    output: new Uint8Array(0),
    stderr: new Uint8Array(0),
    fuel: wasiCallFuel('proc_exit', 0),
    memoryPages: 1,
  });
});

test('output of exactly the bound is allowed and one byte more is a trap', () => {
  const atLimit = run(echo, 'hello', { ...defaultUnitLimits, outputBytesMax: 5 });
  assert.equal(atLimit.kind, 'completed');
  const over = run(echo, 'hello!', { ...defaultUnitLimits, outputBytesMax: 5 });
  assert(over.kind === 'trapped');
  assert.equal(over.trap, 'output-limit');
});

const traps: [string, string][] = [
  ['unreachable', '(unreachable)'],
  ['memory-out-of-bounds', '(drop (i32.load (i32.const -1)))'],
  ['memory-out-of-bounds', '(memory.fill (i32.const -1) (i32.const 0) (i32.const 9))'],
  ['table-out-of-bounds', '(call_indirect (type $nothing) (i32.const 9))'],
  ['indirect-call', '(call_indirect (type $nothing) (i32.const 1))'],
  ['indirect-call', '(call_indirect (param i32) (i32.const 1) (i32.const 0))'],
  ['division-by-zero', '(drop (i32.div_s (i32.const 1) (global.get $zero)))'],
  ['division-by-zero', '(drop (i64.rem_u (i64.const 1) (i64.extend_i32_u (global.get $zero))))'],
  ['integer-overflow', '(drop (i32.div_s (i32.const 0x80000000) (global.get $minus)))'],
  ['invalid-conversion', '(drop (i32.trunc_f64_s (global.get $nan)))'],
];

for (const [trap, code] of traps) {
  test(`${code} is the trap ${trap}`, () => {
    const outcome = run(`(type $nothing (func)) (elem (i32.const 0) $main)
      (global $zero (mut i32) (i32.const 0)) (global $minus (mut i32) (i32.const -1))
      (global $nan (mut f64) (f64.const nan))
      (func $main (export "_start") ${code})`);
    assert(outcome.kind === 'trapped', outcome.kind);
    assert.equal(outcome.trap, trap);
  });
}

test('a data segment outside the memory is a trap', () => {
  const outcome = run('(data (i32.const 65536) "x") (func (export "_start"))');
  assert(outcome.kind === 'trapped');
  assert.equal(outcome.trap, 'memory-out-of-bounds');
});

test('an element segment outside the table is a trap', () => {
  const outcome = run('(func $main (export "_start")) (elem (i32.const 2) $main)');
  assert(outcome.kind === 'trapped');
  assert.equal(outcome.trap, 'table-out-of-bounds');
});

test('an exhausted stack is returned and never a result', () => {
  const outcome = run('(func $f (export "_start") (call $f))');
  assert.deepEqual(outcome, { kind: 'returned', cause: 'stack-exhausted' });
});

test('a memory that the machine could not grow is returned and never a result', () => {
  const outcome = run('(func (export "_start") (global.set $fuel (i64.const -1)) (unreachable))');
  assert.deepEqual(outcome, { kind: 'returned', cause: 'host-memory' });
});

test('a program that was stopped above its cap is the trap fuel-limit', () => {
  const stopped = '(func (export "_start") (global.set $fuel (i64.const 1001)) (unreachable))';
  const trapOf = (fuelMax: bigint) => {
    const outcome = run(stopped, '', { ...defaultUnitLimits, fuelMax });
    return outcome.kind === 'trapped' && outcome.trap;
  };
  assert.equal(trapOf(1000n), 'fuel-limit');
  assert.equal(trapOf(1001n), 'unreachable');
});

test('a program that ends above its cap without having been stopped is the trap fuel-limit, too', () => {
  const ends = ['', '(call $exit (i32.const 0))', '(call $exit (i32.const 3))'];
  for (const end of ends) {
    const program = `(func (export "_start") (global.set $fuel (i64.const 1001)) ${end})`;
    const over = run(program, '', { ...defaultUnitLimits, fuelMax: 1000n });
    assert(over.kind === 'trapped', end);
    assert.equal(over.trap, 'fuel-limit');
    assert.equal(run(program, '', { ...defaultUnitLimits, fuelMax: 1001n }).kind, 'completed');
  }
});

test('more fuel than a machine works off in the time of a unit is the trap fuel-limit', () => {
  const spend = (fuel: bigint, more = '') =>
    run(`(func (export "_start") (global.set $fuel (i64.const ${fuel})) ${more})`, '', {
      ...defaultUnitLimits,
      durationMsMax: 1000,
    });
  const most = spend(10n ** 11n);
  assert(most.kind === 'completed');
  assert.equal(most.fuel, 10n ** 11n);
  for (const over of [spend(10n ** 11n + 1n), spend(2n ** 62n + 1n, 'unreachable'), spend(-2n)]) {
    assert(over.kind === 'trapped');
    assert.equal(over.trap, 'fuel-limit');
  }
});

test('a module without a fuel counter is our own mistake', () => {
  const text = '(module (memory (export "memory") 1) (func (export "_start")))';
  const module = new WebAssembly.Module(parseWat('plain.wat', text).toBinary({}).buffer as BufferSource);
  assert.throws(
    () => runUnit(module, { index: 0, input: new Uint8Array(0) }, job, defaultUnitLimits),
    (error: Error) => /not rewritten/.test(String(error.cause)),
  );
});
