import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { openLicense } from '@taika/license/open-license';
import { openFolder } from './document-folder.ts';
import { startEditorServer } from './editor-server.ts';
import { builtAt, vendorKey, vendorKeyVariable } from './vendor-key.ts';

const usage = `taika-editor FILE|DIR [--port N] [--no-open]

A Markdown editor. It is licensed while the license agent of this machine computes; without a license
documents can still be opened, saved and exported.`;

await main(process.argv.slice(2));

async function main(words: readonly string[]): Promise<void> {
  if (words.includes('--help') || words.includes('-h')) return void console.log(usage);
  const portAt = words.indexOf('--port');
  const port = portAt < 0 ? 0 : Number(words[portAt + 1]);
  const [path = '.', ...more] = words.filter(
    (word, at) => !word.startsWith('--') && (portAt < 0 || at !== portAt + 1),
  );
  const unknown = words.find((word) => word.startsWith('--') && !['--port', '--no-open'].includes(word));
  if (more.length > 0 || unknown !== undefined || !Number.isInteger(port) || port < 0 || port > 65_535) {
    console.error(usage);
    process.exitCode = 2;
    return;
  }
  const key = vendorKey();
  if (key === undefined)
    console.error(`No vendor’s key: this editor stays restricted. From source, set ${vendorKeyVariable}.`);
  const folder = await openFolder(path);
  // A key that nobody holds: nothing is ever signed by it.
  const current = key ?? { kty: 'OKP', crv: 'Ed25519', x: 'A'.repeat(43) };
  const license = openLicense({
    app: 'editor',
    build: '0.1.0',
    ...(builtAt === undefined ? {} : { builtAt }),
    vendorKeys: { current },
  });
  const server = await startEditorServer({
    folder,
    license,
    port,
    token: randomBytes(24).toString('base64url'),
  });
  console.log(`Editing ${folder.directory}`);
  console.log(`Open ${server.url}`);
  if (!words.includes('--no-open')) openBrowser(server.url);
  const stop = async () => {
    await server[Symbol.asyncDispose]();
    await license[Symbol.asyncDispose]();
    process.exit(0);
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  // Started by another program that is gone now.
  process.once('disconnect', stop);
}

/** Where there is a desktop; elsewhere the address was printed. */
function openBrowser(url: string): void {
  const hasDesktop = process.platform !== 'linux' || process.env.DISPLAY || process.env.WAYLAND_DISPLAY;
  if (!hasDesktop) return;
  const [command = '', ...words] = { darwin: ['open'], win32: ['cmd', '/c', 'start', ''] }[
    process.platform as string
  ] ?? ['xdg-open'];
  const child = spawn(command, [...words, url], { stdio: 'ignore', detached: true });
  child.on('error', () => {});
  child.unref();
}
