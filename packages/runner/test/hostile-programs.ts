import { allowedImportNames, allowedImportType } from '@taika/wasm/allowed-imports';
import { wat } from './programs.ts';

/** A program that means harm, and every way in which it may end. */
export interface HostileProgram {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly ends: readonly string[];
}

const imports = `
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "clock_time_get" (func $clock (param i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
  (import "wasi_snapshot_preview1" "path_open"
    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))`;

/** A command with `$start` as its whole work; `more` adds fields of the module. */
function hostile(name: string, ends: string | readonly string[], start: string, more = ''): HostileProgram {
  const text = `(module ${imports} (memory (export "memory") 16) (type $nothing (func))
    (table 4 funcref) (elem (i32.const 0) $idle $again)
    (func $idle) (func $again (call_indirect (type $nothing) (i32.const 1)))
    ${more} (func $start (export "_start") (local $i i32) (local $x i64) (local $f f64) ${start}))`;
  return { name, bytes: wat(text), ends: [ends].flat() };
}

const loops: Readonly<Record<string, string>> = {
  'a bare loop': '(loop $l (br $l))',
  'a loop on a true condition': '(loop $l (br_if $l (i32.const 1)))',
  'a loop in a loop': '(loop $a (loop $b (br_if $b (i32.eqz (local.get $i))) (br $a)))',
  'a counted loop that steps over its end':
    '(local.set $i (i32.const 1)) (loop $l (br_if $l (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 2))) (i32.const 0))))',
  'a loop of stores': '(loop $l (i32.store (i32.const 64) (local.get $i)) (br $l))',
  'a loop of calls': '(loop $l (call $idle) (br $l))',
  'a loop of indirect calls': '(loop $l (call_indirect (type $nothing) (i32.const 0)) (br $l))',
  'a loop through br_table': '(loop $l (br_table $l $l (local.get $i)))',
  'a loop of divisions': '(loop $l (local.set $x (i64.div_u (i64.const 7) (i64.const 3))) (br $l))',
  'a loop of floats': '(loop $l (local.set $f (f64.sqrt (f64.add (local.get $f) (f64.const 2)))) (br $l))',
  'a loop of vectors':
    '(loop $l (v128.store (i32.const 0) (i32x4.mul (v128.load (i32.const 0)) (v128.load (i32.const 16)))) (br $l))',
  'a loop of large fills': '(loop $l (memory.fill (i32.const 0) (local.get $i) (i32.const 1048576)) (br $l))',
  'a loop of large copies': '(loop $l (memory.copy (i32.const 0) (i32.const 8) (i32.const 1000000)) (br $l))',
  'a loop of empty growths': '(loop $l (drop (memory.grow (i32.const 0))) (br $l))',
  'a loop of failing growths': '(loop $l (drop (memory.grow (i32.const 65535))) (br $l))',
  'a loop that waits for the clock':
    '(loop $l (drop (call $clock (i32.const 0) (i64.const 0) (i32.const 64))) (br $l))',
  'a loop of yields': '(loop $l (drop (call $yield)) (br $l))',
  'a loop of reads at the end':
    '(loop $l (drop (call $read (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 128))) (br $l))',
  'a loop of empty writes':
    '(loop $l (drop (call $write (i32.const 1) (i32.const 64) (i32.const 1) (i32.const 128))) (br $l))',
  'a loop of random numbers': '(loop $l (drop (call $random (i32.const 0) (i32.const 1000000))) (br $l))',
  'a loop of sleeps':
    '(i64.store (i32.const 88) (i64.const -1)) (loop $l (drop (call $poll (i32.const 64) (i32.const 512) (i32.const 1) (i32.const 256))) (br $l))',
  'a loop of bad calls':
    '(loop $l (drop (call $write (i32.const 1) (i32.const -8) (i32.const 9) (i32.const -1))) (br $l))',
  'a loop of opened directories':
    '(i32.store8 (i32.const 64) (i32.const 46)) (loop $l (drop (call $open (i32.const 3) (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 0) (i64.const 0) (i64.const 0) (i32.const 0) (i32.const 128))) (br $l))',
  'a counted loop of four billion turns':
    '(loop $l (br_if $l (local.tee $i (i32.add (local.get $i) (i32.const 1)))) (br $l))',
  'a loop of square roots that nobody uses': `(loop $l (drop ${'(f64.sqrt '.repeat(200)}(local.get $f)${')'.repeat(200)}) (br $l))`,
  'a loop of polls for a thousand things':
    '(loop $l (drop (call $poll (i32.const 64) (i32.const 65536) (i32.const 1024) (i32.const 60))) (br $l))',
  'a loop of writes from a thousand buffers':
    '(loop $l (drop (call $write (i32.const 2) (i32.const 1024) (i32.const 1024) (i32.const 128))) (br $l))',
  'a loop of reads of nothing into a thousand buffers':
    '(loop $l (drop (call $read (i32.const 0) (i32.const 1024) (i32.const 1024) (i32.const 128))) (br $l))',
  'a flood of log lines':
    '(i32.store (i32.const 68) (i32.const 1000000)) (loop $l (drop (call $write (i32.const 2) (i32.const 64) (i32.const 1) (i32.const 128))) (br $l))',
};

function flood(length: number, vectors: number): string {
  return `(loop $fill
      (i32.store (i32.add (i32.const 4096) (i32.mul (local.get $i) (i32.const 8))) (i32.const 65536))
      (i32.store (i32.add (i32.const 4100) (i32.mul (local.get $i) (i32.const 8))) (i32.const ${length}))
      (br_if $fill (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const ${vectors}))))
    (loop $l (drop (call $write (i32.const 1) (i32.const 4096) (i32.const ${vectors}) (i32.const 128))) (br $l))`;
}

const recursions: Readonly<Record<string, readonly [start: string, more: string]>> = {
  'a function that calls itself': ['(call $f)', '(func $f (call $f))'],
  'two functions that call each other': ['(call $f)', '(func $f (call $g)) (func $g (call $f) (call $idle))'],
  'a function that calls itself through the table': ['(call $again)', ''],
  'recursion with many values on the stack': [
    '(drop (call $f (i64.const 1)))',
    `(func $f (param i64) (result i64) (local ${'i64 '.repeat(200)}) (i64.add (call $f (i64.add (local.get 0) (i64.const 1))) (local.get 0)))`,
  ],
  'recursion with floats': [
    '(drop (call $f (f64.const 1)))',
    '(func $f (param f64) (result f64) (f64.mul (call $f (local.get 0)) (f64.const 3)))',
  ],
  'recursion that branches': ['(call $f)', '(func $f (call $f) (call $f))'],
};

const traps: Readonly<Record<string, string>> = {
  unreachable: '(unreachable)',
  'memory-out-of-bounds': '(drop (i64.load (i32.const -4)))',
  'table-out-of-bounds': '(call_indirect (type $nothing) (i32.const 99))',
  'division-by-zero': '(drop (i32.rem_s (i32.const 1) (local.get $i)))',
  'integer-overflow':
    '(drop (i64.div_s (i64.const 0x8000000000000000) (i64.sub (local.get $x) (i64.const 1))))',
  'invalid-conversion': '(drop (i32.trunc_f64_u (f64.sub (local.get $f) (f64.const 9))))',
  'indirect-call': '(call_indirect (type $nothing) (i32.const 3))',
};

/** Programs for the sandbox: admitted, and harmful only while they run. */
export function hostilePrograms(): HostileProgram[] {
  return [
    ...Object.entries(loops).map(([name, start]) => hostile(name, 'time-limit', start)),
    ...[
      [1, 1],
      [1, 1000],
      [4096, 16],
      [983040, 1],
      [983040, 1000],
    ].map(([length, vectors]) =>
      hostile(
        `a flood of ${vectors} times ${length} bytes`,
        ['output-limit', 'time-limit'],
        flood(length ?? 0, vectors ?? 0),
      ),
    ),
    ...Object.entries(recursions).map(([name, [start, more]]) =>
      hostile(name, ['stack-exhausted', 'time-limit'], start, more),
    ),
    ...Object.entries(traps).map(([trap, start]) => hostile(`the trap ${trap}`, trap, start)),
    ...memoryBombs(),
    ...compileBombs(),
  ];
}

function memoryBombs(): HostileProgram[] {
  const ends = ['completed', 'host-memory', 'time-limit', 'memory-out-of-bounds'];
  const touch = '(i32.store (i32.mul (i32.sub (memory.size) (i32.const 1)) (i32.const 65536)) (i32.const 1))';
  return [
    hostile(
      'memory page by page',
      ends,
      `(loop $l ${touch} (br_if $l (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))`,
    ),
    hostile('memory in one step', ends, `(drop (memory.grow (i32.const 1000))) ${touch}`),
    hostile('memory past every bound', ends, `(drop (memory.grow (i32.const 65000))) ${touch}`),
    hostile(
      'memory filled to the brim',
      ends,
      '(drop (memory.grow (i32.const 1000))) (memory.fill (i32.const 0) (i32.const 7) (i32.mul (memory.size) (i32.const 65536)))',
    ),
  ];
}

/** Code that takes an optimising compiler long; whether in time or not, the runner must not be lost for good. */
function compileBombs(): HostileProgram[] {
  const ends = ['completed', 'time-limit', 'runner-lost', 'stack-exhausted'];
  const add =
    '(local.set $x (i64.add (i64.mul (local.get $x) (local.get $x)) (i64.extend_i32_u (local.get $i))))';
  const branches =
    '(if (i64.eqz (local.get $x)) (then (local.set $i (i32.add (local.get $i) (i32.const 3)))) (else (local.set $x (i64.const 5))))';
  const many = Array.from(
    { length: 4000 },
    (_, i) => `(func (result i32) (i32.mul (i32.const ${i}) (i32.const 7)))`,
  ).join('');
  return [
    hostile('one huge function', ends, add.repeat(15_000)),
    hostile('one function of many branches', ends, branches.repeat(8000)),
    hostile('blocks in blocks', ends, `${'(block '.repeat(100)}${add}${')'.repeat(100)}`),
    hostile('loops in loops', ends, `${'(loop '.repeat(100)}${add}${')'.repeat(100)}`),
    hostile('a wide br_table', ends, `(block $b (br_table ${'$b '.repeat(20_000)} (local.get $i)))`),
    hostile('thousands of functions', ends, '', many),
    hostile('thousands of locals', ends, add, `(func $wide (local ${'i64 '.repeat(40_000)}))`),
  ];
}

/** Every host call with pointers and lengths that are all ones. */
export function badPointerPrograms(): HostileProgram[] {
  return allowedImportNames.map((name) => {
    const type = allowedImportType(name);
    const params = (type?.params ?? []).map(typeName);
    const results = (type?.results ?? []).map(typeName);
    const text = `(module
      (import "wasi_snapshot_preview1" "${name}"
        (func $call ${params.map((type) => `(param ${type})`).join(' ')} ${results.map((type) => `(result ${type})`).join(' ')}))
      (memory (export "memory") 1)
      (func (export "_start")
        (call $call ${params.map((type) => `(${type}.const -1)`).join(' ')}) ${results.length > 0 ? 'drop' : ''}))`;
    return { name: `${name} with bad pointers`, bytes: wat(text), ends: ['completed'] };
  });
}

/** 0x7f and 0x7e are the binary format's i32 and i64. */
function typeName(type: number): 'i32' | 'i64' {
  return type === 0x7f ? 'i32' : 'i64';
}
