import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

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
