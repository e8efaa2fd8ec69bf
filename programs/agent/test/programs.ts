import wabt from 'wabt';

const { parseWat } = await wabt();

/**
 * A program as the rewriter would leave it: it reads all of stdin, spins for as many thousand turns as its first byte says
 * (`0` none, `z` many), makes letters large, and writes them. `!` ends it with exit code 3, `?` traps, `~` never ends.
 */
export function largeLetters(): Uint8Array {
  return compile(`
    (func (export "_start") (local $at i32) (local $end i32) (local $byte i32) (local $turns i32)
      (i32.store (i32.const 0) (i32.const 1024)) (i32.store (i32.const 4) (i32.const 60000))
      (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 16)))
      (local.set $end (i32.load (i32.const 16)))
      (if (i32.eq (i32.load8_u (i32.const 1024)) (i32.const 33)) (then (call $exit (i32.const 3))))
      (if (i32.eq (i32.load8_u (i32.const 1024)) (i32.const 63)) (then (unreachable)))
      (if (i32.eq (i32.load8_u (i32.const 1024)) (i32.const 126)) (then (loop $ever (br $ever))))
      (local.set $turns (i32.mul (i32.sub (i32.load8_u (i32.const 1024)) (i32.const 48)) (i32.const 4000000)))
      (block $done (loop $spin
        (br_if $done (i32.le_s (local.get $turns) (i32.const 0)))
        (local.set $turns (i32.sub (local.get $turns) (i32.const 1)))
        (br $spin)))
      (block $out (loop $next
        (br_if $out (i32.ge_u (local.get $at) (local.get $end)))
        (local.set $byte (i32.load8_u (i32.add (i32.const 1024) (local.get $at))))
        (if (i32.and (i32.ge_u (local.get $byte) (i32.const 97)) (i32.le_u (local.get $byte) (i32.const 122)))
          (then (i32.store8 (i32.add (i32.const 1024) (local.get $at)) (i32.sub (local.get $byte) (i32.const 32)))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $next)))
      (i32.store (i32.const 4) (local.get $end))
      (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16))))`);
}

/** A program that writes 100,000 bytes, more than travel inline. */
export function longOutput(): Uint8Array {
  return compile(`
    (func (export "_start")
      (memory.fill (i32.const 1024) (i32.const 120) (i32.const 100000))
      (i32.store (i32.const 0) (i32.const 1024)) (i32.store (i32.const 4) (i32.const 100000))
      (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16))))`);
}

function compile(body: string): Uint8Array {
  const text = `(module
    (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (memory (export "memory") 2 4)
    (global $fuel (export "__taika_fuel") (mut i64) (i64.const 0))
    ${body})`;
  return new Uint8Array(parseWat('program.wat', text, { bulk_memory: true }).toBinary({}).buffer);
}
