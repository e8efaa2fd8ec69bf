import wabt from 'wabt';

const { parseWat } = await wabt();

/** Everything that wabt can write and we do not take. */
const features = {
  threads: true,
  exceptions: true,
  multi_memory: true,
  memory64: true,
  gc: true,
  relaxed_simd: true,
  tail_call: true,
  function_references: true,
  reference_types: true,
} as Parameters<typeof parseWat>[2];

const start = '(func (export "_start"))';
const memory = '(memory (export "memory") 1)';

const modules: Readonly<Record<string, string>> = {
  'a shared memory': `(memory (export "memory") 1 2 shared) ${start}`,
  'an atomic load': `(memory (export "memory") 1 2 shared) (func (export "_start") (drop (i32.atomic.load (i32.const 0))))`,
  'an atomic fence': `${memory} (func (export "_start") (atomic.fence))`,
  'an exception tag': `${memory} ${start} (tag (param i32))`,
  'a throw': `${memory} (tag $t) (func (export "_start") (throw $t))`,
  'a 64-bit memory': `(memory (export "memory") i64 1) ${start}`,
  'two memories': `${memory} (memory 1) ${start}`,
  'an imported memory': `(import "env" "memory" (memory 1)) (export "memory" (memory 0)) ${start}`,
  'an imported table': `(import "env" "table" (table 1 funcref)) ${memory} ${start}`,
  'an imported global': `(import "env" "g" (global i32)) ${memory} ${start}`,
  'an imported mutable global': `(import "env" "g" (global (mut i64))) ${memory} ${start}`,
  'an unknown module': `(import "env" "sleep" (func (param i32))) ${memory} ${start}`,
  'an unknown function': `(import "wasi_snapshot_preview1" "fd_steal" (func)) ${memory} ${start}`,
  'a host call of another type': `(import "wasi_snapshot_preview1" "fd_read" (func (param f64))) ${memory} ${start}`,
  'a start section': `${memory} (func $f) (start $f) ${start}`,
  'a command without _start': `${memory} (func (export "main"))`,
  'a _start that takes something': `${memory} (func (export "_start") (param i32))`,
  'a command without memory': start,
  'a memory under another name': `(memory (export "ram") 1) ${start}`,
  'a forged fuel counter': `${memory} ${start} (global (export "__taika_fuel") (mut i64) (i64.const 0))`,
  'another reserved name': `${memory} ${start} (func (export "__taika_x"))`,
  'a memory of four gibibytes': `(memory (export "memory") 65536) ${start}`,
  'a table of ten million': `${memory} (table 10000000 funcref) ${start}`,
  'too many locals': `${memory} ${start} (func (local ${'i64 '.repeat(49_900)}))`,
  'loops over more locals than an engine can hold': `${memory} (func (export "_start") (local ${'i64 '.repeat(49_000)})
    ${'loop end '.repeat(9_000)})`,
  'table.grow': `${memory} (table 1 funcref) (func (export "_start") (drop (table.grow 0 (ref.null func) (i32.const 9))))`,
  'table.set': `${memory} (table 1 funcref) (func (export "_start") (table.set 0 (i32.const 0) (ref.null func)))`,
};

export interface RefusedProgram {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export function refusedPrograms(): RefusedProgram[] {
  const written = Object.entries(modules).map(([name, fields]) => {
    const module = parseWat('refused.wat', `(module ${fields})`, features);
    return { name, bytes: module.toBinary({}).buffer };
  });
  const good = parseWat('good.wat', `(module ${memory} ${start})`).toBinary({}).buffer;
  const cuts = [0, 4, 7, 9, good.length - 1].map((length) => ({
    name: `a module cut at ${length} bytes`,
    bytes: good.slice(0, length),
  }));
  return [
    ...written,
    ...cuts,
    { name: 'bytes that are no module', bytes: new TextEncoder().encode('#!/bin/sh\nrm -rf /\n') },
    { name: 'a module of another version', bytes: Uint8Array.of(0, 0x61, 0x73, 0x6d, 2, 0, 0, 0) },
    { name: 'a component', bytes: Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0) },
    { name: 'an unknown section', bytes: Uint8Array.of(...good, 99, 0) },
  ];
}
