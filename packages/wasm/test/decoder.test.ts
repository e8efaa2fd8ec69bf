import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { damagedModule } from './mutate.ts';

const firstSeed = Number(process.env.SEED ?? 1);

test(`3,000 damaged modules are refused or read as the engine reads them, and the process grows by less than 256 MiB (SEED=${firstSeed})`, () => {
  const mutate = fileURLToPath(new URL('./mutate.ts', import.meta.url));
  const script = `
    import { checkDamaged } from ${JSON.stringify(mutate)};
    const codes = {};
    const before = process.resourceUsage().maxRSS;
    for (let seed = ${firstSeed}; seed < ${firstSeed} + 3000; seed++) {
      const started = performance.now();
      const code = checkDamaged(seed);
      codes[code] = (codes[code] ?? 0) + 1;
      if (performance.now() - started > 2000) throw new Error('SEED=' + seed + ' took too long');
    }
    console.log(JSON.stringify({ codes, grownKiB: process.resourceUsage().maxRSS - before }));`;
  const flags = ['--max-old-space-size=64', '--input-type=module-typescript', '--eval', script];
  const child = spawnSync(process.execPath, flags, { encoding: 'utf8', timeout: 60_000 });
  assert.equal(child.status, 0, child.stderr);
  const { codes, grownKiB } = JSON.parse(child.stdout) as { codes: Record<string, number>; grownKiB: number };
  assert.ok(grownKiB < 256 * 1024, `${grownKiB} KiB`);
  assert.ok(
    (codes.admitted ?? 0) > 50 && (codes.malformed ?? 0) > 200 && (codes.invalid ?? 0) > 200,
    JSON.stringify(codes),
  );
});

test(`admission of 3,000 damaged modules takes less than 64 MiB by itself, at its peak (SEED=${firstSeed})`, () => {
  const admit = fileURLToPath(new URL('../src/admit.ts', import.meta.url));
  // The modules come from outside, and no engine reads them: what grows is the decoder and the validator.
  const modules = Array.from({ length: 3000 }, (_, at) => damagedModule(firstSeed + at));
  const script = `
    import { readFileSync } from 'node:fs';
    import { admitProgram } from ${JSON.stringify(admit)};
    const input = readFileSync(0);
    const before = process.memoryUsage().rss;
    let refused = 0;
    for (let at = 0; at < input.length; ) {
      const start = at + 4;
      at = start + input.readUInt32LE(at);
      try {
        admitProgram(input.subarray(start, at));
      } catch {
        refused++;
      }
    }
    console.log(JSON.stringify({ refused, grownKiB: process.resourceUsage().maxRSS - before / 1024 }));`;
  const child = spawnSync(process.execPath, ['--input-type=module-typescript', '--eval', script], {
    input: Buffer.concat(modules.flatMap((bytes) => [lengthOf(bytes), bytes])),
    encoding: 'utf8',
    timeout: 60_000,
  });
  assert.equal(child.status, 0, child.stderr);
  const { refused, grownKiB } = JSON.parse(child.stdout) as { refused: number; grownKiB: number };
  assert.ok(grownKiB < 64 * 1024, `${grownKiB} KiB`);
  assert.ok(refused > 1500 && refused < 3000, `${refused} were refused.`);
});

function lengthOf(bytes: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return length;
}
