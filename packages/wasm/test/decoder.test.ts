import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const firstSeed = Number(process.env.SEED ?? 1);

test(`3,000 damaged modules are refused or read as the engine reads them, in 64 MiB (SEED=${firstSeed})`, () => {
  const mutate = fileURLToPath(new URL('./mutate.ts', import.meta.url));
  const script = `
    import { checkDamaged } from ${JSON.stringify(mutate)};
    const codes = {};
    const before = process.memoryUsage();
    let most = 0;
    for (let seed = ${firstSeed}; seed < ${firstSeed} + 3000; seed++) {
      const started = performance.now();
      const code = checkDamaged(seed);
      codes[code] = (codes[code] ?? 0) + 1;
      if (performance.now() - started > 2000) throw new Error('SEED=' + seed + ' took too long');
      const now = process.memoryUsage();
      most = Math.max(most, now.heapUsed + now.external - before.heapUsed - before.external);
    }
    console.log(JSON.stringify({ codes, most }));`;
  const flags = ['--max-old-space-size=64', '--input-type=module-typescript', '--eval', script];
  const child = spawnSync(process.execPath, flags, { encoding: 'utf8', timeout: 60_000 });
  assert.equal(child.status, 0, child.stderr);
  const { codes, most } = JSON.parse(child.stdout) as { codes: Record<string, number>; most: number };
  assert.ok(most < 64 * 1024 * 1024, `${most} bytes`);
  assert.ok(
    (codes.admitted ?? 0) > 50 && (codes.malformed ?? 0) > 200 && (codes.invalid ?? 0) > 200,
    JSON.stringify(codes),
  );
});
