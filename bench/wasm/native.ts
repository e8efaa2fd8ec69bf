import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fixtureFolder } from './programs.ts';

const rounds = 5;

/** Milliseconds of the same sources as native programs (clang -O2), or nothing where clang is missing. */
export function measureNative(names: readonly string[]): Map<string, number> {
  const times = new Map<string, number>();
  if (spawnSync('clang', ['--version']).status !== 0) return times;
  const folder = mkdtempSync(join(tmpdir(), 'taika-native-'));
  try {
    for (const name of names) {
      const source = join(fixtureFolder, 'source', `${name}.c`);
      if (!existsSync(source)) continue;
      const program = join(folder, name);
      execFileSync('clang', ['-O2', '-w', '-o', program, source, '-lm']);
      times.set(name, leastMs(program));
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  return times;
}

function leastMs(program: string): number {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    const startedAt = performance.now();
    execFileSync(program);
    least = Math.min(least, performance.now() - startedAt);
  }
  return least;
}
