import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openSandbox } from '../src/open-sandbox.ts';
import type { UnitRun } from '../src/sandbox.ts';
import { echo, echoOrSpin, job, program, sandboxOptions, texts, variablesOrSpin, wat } from './programs.ts';

async function collect(runs: AsyncIterable<UnitRun>): Promise<UnitRun[]> {
  const all = await Array.fromAsync(runs);
  return all.toSorted((a, b) => a.index - b.index);
}

function summary({ outcome }: UnitRun): string {
  if (outcome.kind === 'completed') return new TextDecoder().decode(outcome.output);
  return outcome.kind === 'trapped' ? outcome.trap : outcome.cause;
}

test('units go in and their outcomes come out, at every level', async () => {
  for (const levelMax of [0, 1, 2, 3] as const) {
    await using sandbox = await openSandbox(sandboxOptions(echo, {}, { levelMax, parallel: 2 }));
    assert(sandbox.level <= levelMax && (levelMax === 0 || sandbox.level >= 1));
    const ends = await collect(sandbox.run(texts('a', 'b', 'c')));
    assert.deepEqual(ends.map(summary), ['a', 'b', 'c']);
  }
});

test('a unit over its time is returned and its neighbours are computed', async () => {
  await using sandbox = await openSandbox(sandboxOptions(echoOrSpin, { durationMsMax: 200 }));
  const ends = await collect(sandbox.run(texts('a', 'b', '!', 'c', '!', 'd')));
  assert.deepEqual(ends.map(summary), ['a', 'b', 'time-limit', 'c', 'time-limit', 'd']);
});

test('a runner that dies returns what it held and the next one goes on', async () => {
  await using sandbox = await openSandbox(sandboxOptions(echoOrSpin));
  const { pid } = sandbox as unknown as { pid: number };
  const first = collect(sandbox.run(texts('!')));
  process.kill(pid, 'SIGKILL');
  assert.deepEqual((await first).map(summary), ['runner-lost']);
  assert.deepEqual((await collect(sandbox.run(texts('a')))).map(summary), ['a']);
});

test('aborting ends the running units within 100 ms and the sandbox stays usable', async () => {
  await using sandbox = await openSandbox(sandboxOptions(echoOrSpin, {}, { parallel: 2 }));
  const abort = new AbortController();
  const ends: UnitRun[] = [];
  let abortedAt = 0;
  for await (const ended of sandbox.run(texts('a', '!', '!', '!'), abort.signal)) {
    if (ends.length === 0) {
      abortedAt = performance.now();
      abort.abort();
    }
    ends.push(ended);
  }
  assert.deepEqual(ends.map(summary), ['a', 'cancelled', 'cancelled', 'cancelled']);
  assert(performance.now() - abortedAt < 100);
  assert.deepEqual((await collect(sandbox.run(texts('d')))).map(summary), ['d']);
});

test('units are taken from their source only as fast as they are computed', async () => {
  await using sandbox = await openSandbox(sandboxOptions(echo));
  let made = 0;
  async function* endless() {
    for (;;) yield { index: made++, input: new Uint8Array(8) };
  }
  let seen = 0;
  for await (const _ of sandbox.run(endless())) if (++seen === 2000) break;
  assert(made < 5000, `${made} units were made for 2000 outcomes.`);
});

test('a program that was not admitted and rewritten is refused before an engine sees it', async () => {
  const refused = async (artefact: Uint8Array, reason: RegExp) =>
    assert.rejects(openSandbox(sandboxOptions(artefact)), reason);
  await refused(Uint8Array.of(0, 1, 2, 3), /AdmissionError: This is not a WebAssembly module/);
  await refused(
    wat('(module (memory (export "memory") 1) (func (export "_start")))'),
    /it was not rewritten/,
  );
  const reaching = '(import "env" "escape" (func $escape))';
  await refused(program('(func (export "_start"))', '1', reaching), /AdmissionError: .*env/);
});

test('a sandbox is renewed for another round, and so is every worker and runner that comes later', async () => {
  await using sandbox = await openSandbox(sandboxOptions(variablesOrSpin, { durationMsMax: 300 }));
  const round = async (text = '') => {
    const [ended] = (await collect(sandbox.run(texts(text)))).map(summary);
    return /TAIKA_ROUND=(\d+)/.exec(ended ?? '')?.[1] ?? ended;
  };
  assert.equal(await round(), '0');
  sandbox.renew({ ...job, round: 7 });
  assert.equal(await round(), '7');
  // The time limit ends the worker; the one in its place was born with the new environment.
  assert.equal(await round('!'), 'time-limit');
  assert.equal(await round(), '7');
  sandbox.renew({ ...job, round: 8 });
  assert.equal(await round('!'), 'time-limit');
  assert.equal(await round(), '8');
  const lost = collect(sandbox.run(texts('!')));
  process.kill((sandbox as unknown as { pid: number }).pid, 'SIGKILL');
  assert.deepEqual((await lost).map(summary), ['runner-lost']);
  assert.equal(await round(), '8');
});

test('a sandbox is not renewed under a run, nor for another program', async () => {
  await using sandbox = await openSandbox(sandboxOptions(echo));
  assert.throws(() => sandbox.renew({ ...job, programHash: '11'.repeat(32) }), /one program/);
  for await (const _ of sandbox.run(texts('a', 'b'))) {
    assert.throws(() => sandbox.renew(job), /under way/);
  }
  sandbox.renew(job);
  assert.deepEqual((await collect(sandbox.run(texts('c')))).map(summary), ['c']);
});
