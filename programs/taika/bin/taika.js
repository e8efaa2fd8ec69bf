#!/usr/bin/env node
// The one file that an old Node must be able to read: it runs the program under the pinned Node 26.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));

if (Number(process.versions.node.split('.')[0]) >= 26) {
  await import(main);
} else {
  const node = pinnedNode();
  if (node === undefined) {
    console.error('taika: this needs Node 26, and the pinned one is not installed.');
    console.error('  What to do: run `npm ci` without --omit=optional, or use Node 26.');
    process.exit(1);
  }
  const child = spawn(node, [main, ...process.argv.slice(2)], { stdio: 'inherit' });
  // Ctrl-C reaches the child by itself; this process only waits for it.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(signal === null ? (code ?? 1) : 1));
}

/** The executable of the npm package that carries Node for this machine. */
function pinnedNode() {
  const { platform, arch } = process;
  const names = [`node-${platform === 'win32' ? 'win' : platform}-${arch}`, `node-bin-${platform}-${arch}`];
  const require = createRequire(import.meta.url);
  for (const name of names) {
    try {
      const file = require
        .resolve(`${name}/package.json`)
        .replace(/package\.json$/, platform === 'win32' ? 'bin/node.exe' : 'bin/node');
      if (existsSync(file)) return file;
    } catch {
      // This platform's package has the other name.
    }
  }
  return undefined;
}
