import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export type Character = 'integer' | 'float' | 'simd' | 'recursion';

export interface BenchProgram {
  readonly name: string;
  readonly character: Character;
  readonly bytes: Uint8Array;
}

export const fixtureFolder = fileURLToPath(new URL('../../packages/wasm/fixtures', import.meta.url));

const floats = ['matmul', 'nbody', 'mandelbrot', 'fft', 'heat', 'rays'];

export function readPrograms(): BenchProgram[] {
  const names = readdirSync(fixtureFolder).filter((name) => name.endsWith('.wasm'));
  return names.toSorted().map((file) => {
    const name = file.slice(0, -'.wasm'.length);
    return { name, character: characterOf(name), bytes: readFileSync(join(fixtureFolder, file)) };
  });
}

function characterOf(name: string): Character {
  if (name === 'fib') return 'recursion';
  if (name.startsWith('simd_')) return 'simd';
  return floats.includes(name) ? 'float' : 'integer';
}
