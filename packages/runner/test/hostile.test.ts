import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { AdmissionError } from '@taika/wasm/admission-error';
import { admitProgram } from '@taika/wasm/admit';
import { rewriteProgram } from '@taika/wasm/rewrite';
import { runUnit } from '@taika/wasm/run-unit';
import { defaultUnitLimits } from '@taika/wasm/unit';
import { build } from 'esbuild';
import { openSandboxFrom } from '../src/open-sandbox.ts';
import { ownRunnerEntry } from '../src/runner-command.ts';
import type { UnitRun } from '../src/sandbox.ts';
import { refusedPrograms } from './forbidden-programs.ts';
import { badPointerPrograms, type HostileProgram, hostilePrograms } from './hostile-programs.ts';
import { job, sandboxOptions } from './programs.ts';

const limits = { durationMsMax: 250, outputBytesMax: 2 ** 20, logBytesMax: 4096, memoryPagesMax: 1024 };
/** What the issue allows over the limit; a machine whose processors are all taken may need the rest. */
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
after(() => rmSync(folder, { recursive: true }));

/** One file, as the agent ships it: it starts faster than the sources, and shows that a bundle can be a runner. */
await build({
  entryPoints: [ownRunnerEntry().file],
  outfile: bundle,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node26',
});

async function contain(program: HostileProgram): Promise<void> {
  await using sandbox = await openSandboxFrom(
    { file: bundle, readable: [bundle] },
    sandboxOptions(rewritten(program), limits),
  );
  const startedAt = performance.now();
  for await (const ended of sandbox.run([{ index: 0, input: new Uint8Array(0) }])) {
    const tookMs = performance.now() - startedAt;
    assert(program.ends.includes(summary(ended)), `${program.name} ended as ${summary(ended)}.`);
    assert(tookMs < limits.durationMsMax + overtimeMsMax, `${program.name} took ${Math.round(tookMs)} ms.`);
  }
}

const programs = hostilePrograms();
const runnersBefore = runners();
let next = 0;

test(`${programs.length} hostile programs are contained within a second of their limit`, async () => {
  const lane = async () => {
    for (let program = programs[next++]; program !== undefined; program = programs[next++]) {
      await contain(program);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
});

for (const program of badPointerPrograms()) {
  test(`${program.name} is answered with an error number`, () => {
    const module = new WebAssembly.Module(Uint8Array.from(rewritten(program)));
    const outcome = runUnit(module, { index: 0, input: new Uint8Array(0) }, job, defaultUnitLimits);
    assert(program.ends.includes(outcome.kind), outcome.kind);
  });
}

for (const { name, bytes } of refusedPrograms()) {
  test(`admission refuses ${name}`, () => {
    assert.throws(() => admitProgram(bytes), AdmissionError);
  });
}

after(() => {
  assert.deepEqual(
    runners().filter((pid) => !runnersBefore.includes(pid)),
    [],
    'A runner outlived its sandbox.',
  );
});

/** Runner processes that this process started. */
function runners(): string[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name) && isOwnRunner(name));
}

function isOwnRunner(pid: string): boolean {
  try {
    const isRunner = readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('taika-runner');
    return (
      isRunner &&
      readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[1] === String(process.pid)
    );
  } catch {
    return false;
  }
}
