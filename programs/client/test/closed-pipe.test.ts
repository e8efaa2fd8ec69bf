/** Readers that stop early, as `head` does: more is written than a pipe holds, so the write meets the closed end. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../taika/src/main.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'taika-pipe-'));
after(() => rmSync(folder, { recursive: true }));

writeFileSync(
  join(folder, 'long.ts'),
  'import { write } from "taika";\nfor (let i = 0; i < 40000; i++) write("a line of forty characters, or nearly so");\n',
);
writeFileSync(
  join(folder, 'job.yaml'),
  [
    'name: long',
    'program: long.ts',
    'privacy: public',
    'split: { by: range, from: 0, to: 8, step: 1, records: 1 }',
    'merge: { by: concat }',
  ].join('\n'),
);

for (const words of [
  ['program', 'run', 'long.ts'],
  ['local', 'job.yaml', '-o', '-'],
]) {
  test(`taika ${words.join(' ')} | head ends quietly`, {
    skip: process.platform === 'win32',
    timeout: 60_000,
  }, async () => {
    const child = spawn(process.execPath, [main, ...words], {
      cwd: folder,
      env: { ...process.env, TAIKA_HOME: folder },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const told = text(child.stderr);
    child.stdout.once('data', () => child.stdout.destroy());
    const [code] = await once(child, 'exit');
    assert.doesNotMatch(await told, /EPIPE|^\s+at |What to do/m);
    assert.equal(code, 141);
  });
}
