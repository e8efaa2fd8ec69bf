import type { JobEnvironment, UnitLimits } from '@taika/wasm/unit';
import { defaultUnitLimits } from '@taika/wasm/unit';
import wabt from 'wabt';
import type { SandboxOptions } from '../src/sandbox.ts';

const { parseWat } = await wabt();

/** Bytes of a text module. It is run as it is: tests that need metering rewrite it themselves. */
export function wat(text: string): Uint8Array {
  const module = parseWat('test.wat', text, { simd: true, bulk_memory: true });
  const { buffer } = module.toBinary({});
  module.destroy();
  return buffer;
}

/** A program around `body` that already looks rewritten; `$read`, `$write` and `$exit` are imported. */
export function program(body: string, memory = '1 64', imports = ''): Uint8Array {
  return wat(`(module ${imports}
    (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (memory (export "memory") ${memory})
    (global $fuel (export "__taika_fuel") (mut i64) (i64.const 0))
    ${body})`);
}

/** Copies up to 4 KiB from stdin to stdout. */
export const echo = program(`(func (export "_start")
  (i32.store (i32.const 0) (i32.const 1024)) (i32.store (i32.const 4) (i32.const 4096))
  (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 16)))
  (i32.store (i32.const 4) (i32.load (i32.const 16)))
  (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16))))`);

/** Echoes, but loops for ever on a unit whose first byte is "!". */
export const echoOrSpin = program(`(func (export "_start")
  (i32.store (i32.const 0) (i32.const 1024)) (i32.store (i32.const 4) (i32.const 4096))
  (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 16)))
  (if (i32.eq (i32.load8_u (i32.const 1024)) (i32.const 33)) (then (loop $for_ever (br $for_ever))))
  (i32.store (i32.const 4) (i32.load (i32.const 16)))
  (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16))))`);

/** Prints its variables, each ended by a zero; loops for ever on a unit whose first byte is "!". */
export const variablesOrSpin = wat(`(module
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_sizes_get" (func $sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_get" (func $get (param i32 i32) (result i32)))
  (memory (export "memory") 1 64)
  (global $fuel (export "__taika_fuel") (mut i64) (i64.const 0))
  (func (export "_start")
    (i32.store (i32.const 0) (i32.const 1024)) (i32.store (i32.const 4) (i32.const 1))
    (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 16)))
    (if (i32.eq (i32.load8_u (i32.const 1024)) (i32.const 33)) (then (loop $for_ever (br $for_ever))))
    (drop (call $sizes (i32.const 16) (i32.const 4)))
    (drop (call $get (i32.const 32) (i32.const 1024)))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16)))))`);

export const job: JobEnvironment = {
  programHash: '00'.repeat(32),
  seed: 0n,
  round: 0,
  unitCount: 1,
  args: [],
  env: {},
  files: new Map(),
};

export function sandboxOptions(
  artefact: Uint8Array,
  limits: Partial<UnitLimits> = {},
  options: Partial<SandboxOptions> = {},
): SandboxOptions {
  return {
    artefact,
    job,
    limits: { ...defaultUnitLimits, ...limits },
    parallel: 1,
    // Behind all other programs a test would stand still while another one computes.
    priority: 'ordinary',
    ...options,
  };
}

/** Units with the given texts, numbered from 0. */
export function texts(...inputs: string[]) {
  return inputs.map((input, index) => ({ index, input: new TextEncoder().encode(input) }));
}
