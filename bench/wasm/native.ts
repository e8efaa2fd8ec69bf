import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fixtureFolder } from './programs.ts';

const rounds = 9;

export interface NativeTimes {
  /** The compiler, as it names itself; null where there is none. */
  readonly compiler: string | null;
  /** Milliseconds of processor time of each program that has a source in C. */
  readonly times: ReadonlyMap<string, number>;
}

/** The same sources as native programs (-O2), by clang where it is installed and by the system's compiler otherwise. */
export function measureNative(names: readonly string[]): NativeTimes {
  const times = new Map<string, number>();
  const compiler = ['clang', 'cc'].find((name) => spawnSync(name, ['--version']).status === 0);
  if (compiler === undefined) return { compiler: null, times };
  const folder = mkdtempSync(join(tmpdir(), 'taika-native-'));
  try {
    for (const name of names) {
      const source = join(fixtureFolder, 'source', `${name}.c`);
      if (!existsSync(source)) continue;
      const program = join(folder, name);
      execFileSync(compiler, ['-O2', '-w', '-o', program, source, '-lm']);
      times.set(name, leastMs(program));
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  return { compiler, times };
}

/** Processor time, as wasm is measured: `times` of bash tells in milliseconds (other shells: in ticks) what its children have used. */
function leastMs(program: string): number {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    const told = execFileSync('bash', ['-c', '"$1" > /dev/null; times', 'bash', program], {
      encoding: 'utf8',
    });
    least = Math.min(least, childrenMs(told));
  }
  return least;
}

/** The second line of `times`: user and system time of the children, as `0m0.050s 0m0.010s`. */
function childrenMs(told: string): number {
  const parts = [...(told.trim().split('\n').at(-1) ?? '').matchAll(/(\d+)m([\d.]+)s/g)];
  if (parts.length !== 2) throw new Error(`The shell's times are not understood: ${told}`);
  return parts.reduce(
    (sum, [, minutes, seconds]) => sum + 60_000 * Number(minutes) + 1000 * Number(seconds),
    0,
  );
}
