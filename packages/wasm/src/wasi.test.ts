import assert from 'node:assert/strict';
import { test } from 'node:test';
import { File, OpenFile, PreopenDirectory, WASI } from '@bjorn3/browser_wasi_shim';
import { allowedImportNames } from './allowed-imports.ts';
import { defaultUnitLimits, type JobEnvironment } from './unit.ts';
import { createUnitWorld } from './wasi.ts';

const success = 0;
const utf8 = new TextEncoder();
const input = utf8.encode('twelve bytes');
const files = new Map([
  ['b.txt', utf8.encode('second')],
  ['a.txt', utf8.encode('the first file')],
]);
const job: JobEnvironment = {
  programHash: '00'.repeat(32),
  seed: 0n,
  round: 4,
  unitCount: 9,
  args: ['--deep', 'x y'],
  env: { ZONE: 'z', ALPHA: 'a' },
  files,
};

type Calls = Record<string, (...args: (number | bigint)[]) => number>;

interface Surface {
  readonly calls: Calls;
  readonly memory: WebAssembly.Memory;
}

function own(): Surface & { log(): string; fuel(): bigint } {
  const world = createUnitWorld({ index: 3, input }, job, { ...defaultUnitLimits, logBytesMax: 8 });
  const memory = new WebAssembly.Memory({ initial: 1 });
  world.memory.attach(memory);
  const calls = world.imports.wasi_snapshot_preview1 as Calls;
  return { calls, memory, log: () => new TextDecoder().decode(world.log.bytes()), fuel: world.hostFuel };
}

/** The same world on another implementation. */
function oracle(): Surface {
  const environment = ['ALPHA=a', 'TAIKA_ROUND=4', 'TAIKA_UNIT_COUNT=9', 'TAIKA_UNIT_INDEX=3', 'ZONE=z'];
  const contents = new Map([...files].sort().map(([name, bytes]) => [name, new File(bytes)]));
  const wasi = new WASI(
    ['program', ...job.args],
    environment,
    [
      new OpenFile(new File(input)),
      new OpenFile(new File([])),
      new OpenFile(new File([])),
      new PreopenDirectory('/job', contents),
    ],
    { debug: false },
  );
  const memory = new WebAssembly.Memory({ initial: 1 });
  wasi.inst = { exports: { memory, _start: () => {} } } as never;
  return { calls: wasi.wasiImport as unknown as Calls, memory };
}

/** Calls a program makes to read its arguments, its unit and the job's files, one after the other. */
const script: readonly (readonly [string, ...(number | bigint)[]])[] = [
  ['args_sizes_get', 0, 4],
  ['args_get', 16, 64],
  ['environ_sizes_get', 128, 132],
  ['environ_get', 144, 256],
  ['fd_prestat_get', 3, 512],
  ['fd_prestat_dir_name', 3, 520, 4],
  ['fd_read', 0, 1000, 2, 1016],
  ['fd_tell', 0, 1024],
  ['fd_seek', 0, -3n, 1, 1032],
  ['fd_read', 0, 1000, 1, 1016],
  ['fd_read', 0, 1000, 1, 1016],
  ['fd_seek', 0, 0n, 2, 1032],
  ['fd_seek', 0, 4n, 0, 1032],
  ['fd_pread', 0, 1000, 1, 2n, 1016],
  ['path_open', 3, 0, 1200, 5, 0, 2n, 0n, 0, 1210],
  ['fd_read', 4, 1000, 2, 1016],
  ['fd_tell', 4, 1024],
  ['fd_close', 4],
];

function prepare({ memory }: Surface): void {
  const view = new DataView(memory.buffer);
  for (const [at, value] of [
    [1000, 2000],
    [1004, 5],
    [1008, 2100],
    [1012, 50],
  ] as const) {
    view.setUint32(at, value, true);
  }
  new Uint8Array(memory.buffer).set(utf8.encode('a.txt'), 1200);
}

test('reading arguments, the unit and files agrees with another implementation, byte for byte', () => {
  const [ours, theirs] = [own(), oracle()];
  for (const surface of [ours, theirs]) prepare(surface);
  for (const [name, ...args] of script) {
    const [ourAnswer, theirAnswer] = [ours, theirs].map(({ calls }) => calls[name]!(...args));
    assert.equal(ourAnswer, theirAnswer, name);
    assert.deepEqual(new Uint8Array(ours.memory.buffer), new Uint8Array(theirs.memory.buffer), name);
  }
});

test('every import on the allow-list has an answer', () => {
  assert.deepEqual(Object.keys(own().calls).toSorted(), [...allowedImportNames].toSorted());
});

test('the clock is virtual: it starts alike, moves with each reading, and jumps over a sleep', () => {
  const { calls, memory } = own();
  const view = new DataView(memory.buffer);
  const read = (clock: number) => {
    assert.equal(calls.clock_time_get!(clock, 0n, 0), success);
    return view.getBigUint64(0, true);
  };
  const first = read(0);
  assert.equal(first, 1_577_836_800_000_001_000n);
  assert.equal(read(1), first + 1000n);
  view.setUint32(64 + 16, 1, true);
  view.setBigUint64(64 + 24, 60_000_000_000n, true);
  assert.equal(calls.poll_oneoff!(64, 512, 1, 32), success);
  assert.equal(view.getUint32(32, true), 1);
  assert.equal(read(0), first + 60_000_003_000n);
  assert.notEqual(calls.clock_time_get!(4, 0n, 0), success);
});

test('a directory lists its files by name, resuming at any cookie', () => {
  const { calls, memory } = own();
  const view = new DataView(memory.buffer);
  calls.fd_readdir!(3, 100, 1000, 0n, 0);
  assert.equal(view.getUint32(0, true), 2 * 24 + 10);
  assert.equal(new TextDecoder().decode(new Uint8Array(memory.buffer, 124, 5)), 'a.txt');
  calls.fd_readdir!(3, 100, 1000, 1n, 0);
  assert.equal(new TextDecoder().decode(new Uint8Array(memory.buffer, 124, 5)), 'b.txt');
  calls.fd_readdir!(3, 100, 1000, 2n, 0);
  assert.equal(view.getUint32(0, true), 0);
});

test('nothing outside /job is found, and nothing in it can be changed', () => {
  const { calls, memory } = own();
  const open = (path: string, openFlags = 0, rights = 2n) => {
    const bytes = utf8.encode(path);
    new Uint8Array(memory.buffer).set(bytes, 64);
    return calls.path_open!(3, 0, 64, bytes.length, openFlags, rights, 0n, 0, 0);
  };
  assert.equal(open('./x/../a.txt'), success);
  for (const path of ['../etc/passwd', '/etc/passwd', 'a.txt/../../x', 'missing']) {
    assert.notEqual(open(path), success, path);
  }
  assert.notEqual(open('a.txt', 8), success);
  assert.notEqual(open('new', 1), success);
  assert.notEqual(open('a.txt', 0, 66n), success);
  assert.notEqual(calls.path_unlink_file!(3, 64, 5), success);
  assert.notEqual(calls.sock_send!(3, 0, 0, 0, 0), success);
});

test('open descriptors are bounded and their numbers used again', () => {
  const { calls, memory } = own();
  new Uint8Array(memory.buffer).set(utf8.encode('a.txt'), 64);
  const open = () => calls.path_open!(3, 0, 64, 5, 0, 2n, 0n, 0, 0);
  for (let count = 4; count < 256; count++) assert.equal(open(), success);
  assert.notEqual(open(), success);
  assert.equal(calls.fd_close!(9), success);
  assert.equal(open(), success);
  assert.equal(new DataView(memory.buffer).getUint32(0, true), 9);
});

test('the log is cut at its bound without the program noticing', () => {
  const { calls, memory, log } = own();
  const view = new DataView(memory.buffer);
  new Uint8Array(memory.buffer).set(utf8.encode('0123456789'), 64);
  view.setUint32(0, 64, true);
  view.setUint32(4, 10, true);
  assert.equal(calls.fd_write!(2, 0, 1, 16), success);
  assert.equal(view.getUint32(16, true), 10);
  assert.equal(log(), '01234567');
});

test('pointers outside the memory are answered and cost what any call costs', () => {
  const { calls, fuel } = own();
  assert.equal(calls.fd_read!(0, 65_536, 1, 0), 21);
  assert.equal(calls.fd_read!(0, -8, 1, 0), 21);
  assert.equal(calls.random_get!(65_530, 10), 21);
  assert(fuel() > 0n);
});
