/** Programs with which something is wrong, for tests of what their customers are told. */
import wabt from 'wabt';

const { parseWat } = await wabt();

const writeImport =
  '(import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))';
const exitImport = '(import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))';
const message = 'line 1: 3 numbers expected, 2 found\\n';

export const brokenPrograms = {
  'not-wasm': new TextEncoder().encode('#!/bin/sh\necho hello\n'),
  'forbidden-import': compile(
    '(import "env" "connect" (func $connect)) (memory (export "memory") 1) (func (export "_start") (call $connect))',
  ),
  trapping: compile('(memory (export "memory") 1) (func (export "_start") (unreachable))'),
  /** Says why on standard error, and ends with exit code 3. */
  'exit-3': compile(`${writeImport} ${exitImport} (memory (export "memory") 1)
    (data (i32.const 64) "${message}")
    (func (export "_start")
      (i32.store (i32.const 0) (i32.const 64)) (i32.store (i32.const 4) (i32.const ${message.length - 1}))
      (drop (call $write (i32.const 2) (i32.const 0) (i32.const 1) (i32.const 16)))
      (call $exit (i32.const 3)))`),
  endless: compile('(memory (export "memory") 1) (func (export "_start") (loop $again (br $again)))'),
} as const;

function compile(body: string): Uint8Array {
  return new Uint8Array(parseWat('program.wat', `(module ${body})`, {}).toBinary({}).buffer);
}
