import { readdirSync, readFileSync } from 'node:fs';
import { openSandbox } from '@taika/runner/open-sandbox';
import { admitProgram } from '@taika/wasm/admit';
import { rewriteProgram } from '@taika/wasm/rewrite';
import { defaultUnitLimits } from '@taika/wasm/unit';
import { trivialProgram } from './trivial-program.ts';

/** How fast units that do next to nothing pass through a warm runner with one worker. */
export interface TrivialUnits {
  /** By the clock: what else the machine does counts against us. */
  readonly perSecond: number;
  /** By the processor time of the parent and all threads of the runner; null where the system does not tell. */
  readonly perProcessorSecond: number | null;
}

const unitsPerRound = 10_000;
const rounds = 6;

/** The best of several rounds, the first of which warms the engine up. */
export async function measureTrivialUnits(): Promise<TrivialUnits> {
  const { bytes } = rewriteProgram(admitProgram(trivialProgram), { artefact: 'fast', memoryPagesMax: 4096 });
  const job = {
    programHash: '00'.repeat(32),
    seed: 0n,
    round: 0,
    unitCount: unitsPerRound,
    args: [],
    env: {},
    files: new Map(),
  };
  await using sandbox = await openSandbox({ artefact: bytes, job, limits: defaultUnitLimits, parallel: 1 });
  let wallMs = Number.POSITIVE_INFINITY;
  let processorMs: number | undefined;
  for (let round = 0; round < rounds; round++) {
    const startedAt = performance.now();
    const before = processorTime();
    for await (const { outcome } of sandbox.run(units())) {
      if (outcome.kind !== 'completed') throw new Error(`A trivial unit was ${outcome.kind}.`);
    }
    wallMs = Math.min(wallMs, performance.now() - startedAt);
    const after = processorTime();
    if (before !== undefined && after !== undefined)
      processorMs = Math.min(processorMs ?? Number.POSITIVE_INFINITY, after - before);
  }
  return {
    perSecond: Math.round((1000 * unitsPerRound) / wallMs),
    perProcessorSecond: processorMs === undefined ? null : Math.round((1000 * unitsPerRound) / processorMs),
  };
}

function* units() {
  for (let index = 0; index < unitsPerRound; index++) yield { index, input: new Uint8Array(64) };
}

const ticksPerSecond = 100;

/** Milliseconds used so far by this process and all its descendants, from Linux's /proc. */
function processorTime(): number | undefined {
  if (process.platform !== 'linux') return undefined;
  const { user, system } = process.cpuUsage();
  const usedBy = new Map<number, { parent: number; ticks: number }>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      usedBy.set(Number(name), { parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) });
    } catch {
      // It has ended meanwhile.
    }
  }
  const isOurs = (id: number): boolean => {
    const parent = usedBy.get(id)?.parent;
    return parent !== undefined && (parent === process.pid || isOurs(parent));
  };
  let ticks = 0;
  for (const [id, used] of usedBy) if (isOurs(id)) ticks += used.ticks;
  return (user + system) / 1000 + (1000 * ticks) / ticksPerSecond;
}
