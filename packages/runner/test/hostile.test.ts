import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { AdmissionError } from '@taika/wasm/admission-error';
import { admitProgram } from '@taika/wasm/admit';
import { rewriteProgram } from '@taika/wasm/rewrite';
import { build } from 'esbuild';
import { openSandboxFrom } from '../src/open-sandbox.ts';
import { processTreeMs } from '../src/process-tree-time.ts';
import { ownRunnerEntry } from '../src/runner-command.ts';
import type { UnitRun } from '../src/sandbox.ts';
import { StarvedTime } from '../src/starved-time.ts';
import { refusedPrograms } from './forbidden-programs.ts';
import { badPointerPrograms, type HostileProgram, hostilePrograms } from './hostile-programs.ts';
import { sandboxOptions } from './programs.ts';

const limits = { durationMsMax: 250, outputBytesMax: 2 ** 20, logBytesMax: 4096, memoryPagesMax: 1024 };
/** What is allowed over the limit. Time in which a busy machine served others is nobody's. */
const overtimeMsMax = 1000;
const atOnce = 2;

function rewritten({ bytes }: HostileProgram): Uint8Array {
  return rewriteProgram(admitProgram(bytes), { artefact: 'fast', memoryPagesMax: limits.memoryPagesMax })
    .bytes;
}

function summary({ outcome }: UnitRun): string {
  if (outcome.kind === 'completed') return outcome.kind;
  return outcome.kind === 'trapped' ? outcome.trap : outcome.cause;
}

const folder = mkdtempSync(join(tmpdir(), 'taika-hostile-'));
const bundle = join(folder, 'runner.mjs');

/** One file, as the agent ships it: it starts faster than the sources, and shows that a bundle can be a runner. */
await build({
  entryPoints: [ownRunnerEntry().file],
  outfile: bundle,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node26',
});

const levels = new Set<number>();

async function contain(program: HostileProgram): Promise<void> {
  await using sandbox = await openSandboxFrom(
    { file: bundle, readable: [bundle] },
    sandboxOptions(rewritten(program), limits),
  );
  levels.add(sandbox.level);
  assert(process.platform !== 'linux' || runners().length > 0);
  using starved = measureStarved(sandbox as unknown as { pid: number | undefined });
  const startedAt = performance.now();
  for await (const ended of sandbox.run([{ index: 0, input: new Uint8Array(0) }])) {
    const tookMs = performance.now() - startedAt - starved.ms();
    assert(program.ends.includes(summary(ended)), `${program.name} ended as ${summary(ended)}.`);
    assert(tookMs < limits.durationMsMax + overtimeMsMax, `${program.name} took ${Math.round(tookMs)} ms.`);
  }
}

const programs = [...hostilePrograms(), ...badPointerPrograms()];
assert(programs.length >= 100);
/** How long the machine let a runner wait, which has one thread at work. */
function measureStarved(sandbox: { readonly pid: number | undefined }): Disposable & { ms(): number } {
  const starved = new StarvedTime();
  const note = () => {
    const used = sandbox.pid === undefined ? undefined : processTreeMs(sandbox.pid);
    if (used !== undefined) starved.note(performance.now(), used, 1);
  };
  note();
  const timer = setInterval(note, 50);
  return { ms: () => starved.ms, [Symbol.dispose]: () => clearInterval(timer) };
}

let next = 0;

test(`${programs.length} hostile programs are contained within a second of their limit`, async (context) => {
  const lane = async () => {
    for (let program = programs[next++]; program !== undefined; program = programs[next++]) {
      await contain(program);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  context.diagnostic(`They were held at level ${[...levels].join(' and ')}.`);
});

for (const { name, bytes } of refusedPrograms()) {
  test(`admission refuses ${name}`, () => {
    assert.throws(() => admitProgram(bytes), AdmissionError);
  });
}

after(async () => {
  const deadline = performance.now() + patienceMs;
  while (runners().length > 0 && performance.now() < deadline) await pause(20);
  assert.deepEqual(runners(), [], 'A runner outlived its sandbox.');
  rmSync(folder, { recursive: true });
});

const patienceMs = 5000;

/** Processes of any depth that run our bundle: at level 3 the runner is not our own child. */
function runners(): string[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name) && runsBundle(name));
}

function runsBundle(pid: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(bundle);
  } catch {
    return false;
  }
}
