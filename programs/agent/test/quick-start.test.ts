import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createLinkStand } from './link-stand.ts';

test('the quick start of @taika/license runs as it is printed, licensed and not', async () => {
  const readme = readFileSync(join(import.meta.dirname, '../../../packages/license/README.md'), 'utf8');
  const printed = /```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
  assert.ok(printed.split('\n').filter((line) => line.trim() !== '').length <= 10, 'ten lines at most');
  await using stand = await createLinkStand();
  stand.answer = stand.granted(await stand.grant());
  const code = printed.replace('YOUR-VENDOR-KEY', stand.vendor.publicKey.x);
  const refused = await run(code, stand.path);
  assert.match(refused, /The license agent is not running[\s\S]*LicenseError/);
  await stand.serve();
  assert.match(await run(code, stand.path), /active: Licensed[\s\S]*The paid action runs\./);
});

function run(code: string, socket: string): Promise<string> {
  const environment = {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    XDG_STATE_HOME: join(socket, '..', '..'),
    TAIKA_AGENT_SOCKET: socket,
  };
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', code], {
    cwd: join(import.meta.dirname, '..'),
    env: environment,
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      said += chunk;
    });
  }
  return new Promise((resolve) => child.on('close', () => resolve(said)));
}
