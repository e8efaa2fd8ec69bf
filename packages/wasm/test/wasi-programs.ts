/** Programs that see as much of the host as they can: every call, traps, growth, NaN. Made from a seed where there are many. */
import wabt from 'wabt';
import { admitProgram } from '../src/admit.ts';
import { allowedImportNames, allowedImportType, exitImport } from '../src/allowed-imports.ts';
import { i32 } from '../src/opcodes.ts';
import { rewriteProgram } from '../src/rewrite.ts';
import { Random } from './generator/random.ts';

const { parseWat } = await wabt();

/** Where things lie in the memory of the programs: lists of buffers, names, subscriptions, room, errors, the last list. */
const places = { buffers: 64, names: 256, subscriptions: 512, room: 4096, errors: 61_440, whole: 61_400 };
const callsEach = 150;

/** Makes every call with arguments at random, and writes out its whole memory with all errors in it. */
export function randomWasiProgram(seed: number): Uint8Array {
  const random = new Random(seed);
  const names = allowedImportNames.filter((name) => name !== exitImport);
  const calls = Array.from({ length: callsEach }, (_, at) => {
    // Each of them once, then those that do something.
    const name = names[at] ?? random.pick(busy);
    const types = allowedImportType(name)?.params ?? [];
    const values = types.map((type, k) => argument(random, name, type, k));
    return `(i32.store (i32.const ${places.errors + 4 * at}) (call $${name} ${values.join(' ')}))`;
  });
  return rewritten(`
    (data (i32.const ${places.buffers}) "${words([4096, 5, 4200, 50, 60, 8, 70_000, 4, 4300, 0])}")
    (data (i32.const ${places.names}) "a.txt\\00b.txt./../job\\c3\\a9\\ff./a.txt")
    (data (i32.const ${places.subscriptions}) "${words([1, 0, 0, 0, 1, 0, 5000, 0, 0, 0, 0, 0, 2, 0, 1, 0, 0, 0])}")
    (func (export "_start") ${calls.join('\n')}
      (i32.store (i32.const ${places.whole}) (i32.const 0)) (i32.store (i32.const ${places.whole + 4}) (i32.const 65536))
      (drop (call $fd_write (i32.const 1) (i32.const ${places.whole}) (i32.const 1) (i32.const 0)))
      ${random.chance(30) ? `(call $proc_exit (i32.const ${random.below(3)}))` : ''})`);
}

const busy = [
  'args_get',
  'clock_time_get',
  'environ_get',
  'fd_close',
  'fd_filestat_get',
  'fd_pread',
  'fd_read',
  'fd_readdir',
  'fd_renumber',
  'fd_seek',
  'fd_tell',
  'fd_write',
  'path_filestat_get',
  'path_open',
  'poll_oneoff',
  'random_get',
];

/** Likely to do something: descriptors, places, lengths; and now and then nonsense. */
function argument(random: Random, name: string, type: number, position: number): string {
  if (type !== i32) return `(i64.const ${random.pick(['0', '1', '2', '-1', '5', '4294967296', '64'])})`;
  // Standard output stays open: all that is seen goes there.
  if (position < 2 && (name === 'fd_close' || name === 'fd_renumber'))
    return `(i32.const ${random.pick([0, 4, 5, 6, 7])})`;
  const likely =
    position === 0 ? [0, 1, 2, 3, 3, 4, 5] : [0, 1, 2, 5, 7, ...Object.values(places), 4200, 4300];
  const value = random.chance(8) ? random.pick([-1, -8, 65_530, 65_536, 100_000]) : random.pick(likely);
  return `(i32.const ${value})`;
}

const everyImport = allowedImportNames
  .map((name) => {
    const type = allowedImportType(name);
    const list = (types: readonly number[] = []) =>
      types.map((each) => (each === i32 ? 'i32' : 'i64')).join(' ');
    return `(import "wasi_snapshot_preview1" "${name}" (func $${name} (param ${list(type?.params)}) (result ${list(type?.results)})))`;
  })
  .join('');

function words(values: readonly number[]): string {
  return [...new Uint8Array(Uint32Array.from(values).buffer)]
    .map((byte) => `\\${byte.toString(16).padStart(2, '0')}`)
    .join('');
}

const zero = '(f64.load (i32.const 4000))';
const lanes = '(v128.load (i32.const 4000))';
const show = '(drop (call $fd_write (i32.const 1) (i32.const 61400) (i32.const 1) (i32.const 0)))';

/** By hand: what could differ between engines, and each way to end. */
const written: readonly string[] = [
  // NaN from every kind of arithmetic, stored, reinterpreted, in vectors, in the sign of another number.
  `(f64.store (i32.const 0) (f64.div ${zero} ${zero})) (f64.store (i32.const 8) (f64.sqrt (f64.const -1)))
   (f64.store (i32.const 16) (f64.sub (f64.const inf) (f64.const inf))) (f64.store (i32.const 24) (f64.min (f64.const nan:0x4) ${zero}))
   (f32.store (i32.const 32) (f32.demote_f64 (f64.const nan:0x4000000000001))) (f64.store (i32.const 40) (f64.promote_f32 (f32.const nan:0x200001)))
   (i64.store (i32.const 48) (i64.reinterpret_f64 (f64.nearest (f64.const nan:0x1)))) (f64.store (i32.const 56) (f64.copysign (f64.const 1) (f64.mul (f64.const inf) ${zero})))
   (v128.store (i32.const 64) (f32x4.div ${lanes} ${lanes})) (v128.store (i32.const 80) (f64x2.max (f64x2.sqrt (v128.const f64x2 -1 -2)) ${lanes}))
   (v128.store (i32.const 96) (f32x4.pmin (f32x4.sub (v128.const f32x4 inf inf inf inf) (v128.const f32x4 inf 1 inf 2)) ${lanes}))
   (f64.store (i32.const 112) (f64.load (i32.const 4008))) (f64.store (i32.const 120) (f64.const nan:0x4)) (f32.store (i32.const 128) (f32.const -nan:0x1)) ${show}`,
  // Memory that grows as far as it may, and is refused the rest.
  `(i32.store (i32.const 0) (memory.grow (i32.const 5))) (i32.store (i32.const 4) (memory.grow (i32.const 11))) (i32.store (i32.const 8) (memory.grow (i32.const 10)))
   (i32.store (i32.const 12) (memory.grow (i32.const -1))) (i32.store (i32.const 16) (memory.size)) ${show}`,
  // Sleeping takes no time and moves the clock.
  `(i64.store (i32.const 536) (i64.const 3600000000000)) (drop (call $clock_time_get (i32.const 0) (i64.const 0) (i32.const 0)))
   (drop (call $poll_oneoff (i32.const 512) (i32.const 4096) (i32.const 1) (i32.const 8))) (drop (call $clock_time_get (i32.const 1) (i64.const 0) (i32.const 16))) ${show}`,
  'unreachable',
  '(drop (i32.load (i32.const -4)))',
  '(call_indirect (type $nothing) (i32.const 9))',
  '(call_indirect (type $nothing) (i32.const 1))',
  '(call_indirect (param i32) (i32.const 1) (i32.const 0))',
  '(drop (i32.div_s (i32.const 1) (i32.load (i32.const 4000))))',
  '(drop (i64.rem_u (i64.const 1) (i64.load (i32.const 4000))))',
  '(drop (i32.div_s (i32.const 0x80000000) (i32.sub (i32.load (i32.const 4000)) (i32.const 1))))',
  `(drop (i32.trunc_f64_s (f64.div ${zero} ${zero})))`,
  '(memory.fill (i32.const 0) (i32.const 1) (i32.const 70000))',
  '(memory.copy (i32.const 65000) (i32.const 1) (i32.const 1000))',
  `(loop $l ${show} (br $l))`,
  '(call $deep)',
  '(call $proc_exit (i32.const -1))',
];

export function writtenPrograms(): Uint8Array[] {
  return written.map((body) =>
    rewritten(`(type $nothing (func)) (table 4 funcref) (elem (i32.const 0) $idle)
      (data (i32.const 4008) "\\01\\00\\00\\00\\00\\00\\f4\\7f") (data (i32.const 61404) "\\00\\02")
      (func $idle) (func $deep (call $deep) (call $idle))
      (func (export "_start") ${body})`),
  );
}

function rewritten(fields: string): Uint8Array {
  const text = `(module ${everyImport} (memory (export "memory") 1) ${fields})`;
  const program = admitProgram(Uint8Array.from(parseWat('test.wat', text).toBinary({}).buffer));
  return rewriteProgram(program, { artefact: 'strict', memoryPagesMax: 16 }).bytes;
}
