import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

const shutdown = fileURLToPath(new URL('../src/shutdown.ts', import.meta.url));

/** Runs a program, sends it SIGTERM once it says that it is ready, and gives its exit code and what it said. */
async function run(dispose: string, environment: Record<string, string> = {}) {
  const program = `
    import { runUntilSignal } from ${JSON.stringify(shutdown)};
    await runUntilSignal(async () => {
      console.log('ready');
      return { async [Symbol.asyncDispose]() { ${dispose} } };
    });`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    if (said === '') {
      child.kill('SIGTERM');
      // npm passes a Ctrl-C on a second time; that must not count as a second wish.
      child.kill('SIGTERM');
    }
    said += chunk.toString();
  });
  const [code] = await once(child, 'close');
  return { code, said };
}

test('a signal disposes the program once and exits 0, also when it comes doubled', async () => {
  assert.deepEqual(await run(`console.log('disposed');`), { code: 0, said: 'ready\ndisposed\n' });
});

test('a disposal that fails exits 1', async () => {
  assert.equal((await run(`throw new Error('stuck');`)).code, 1);
});
