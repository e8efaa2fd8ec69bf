import { chmod, mkdir, readdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Layout } from './layout.ts';

/**
 * Makes the folder of `taika up`: keys, members' files and customers' data are in it, so it is closed to other accounts.
 * One that was there already, with something else in it, keeps its own mode. As root PostgreSQL runs under another
 * account, which must pass through; then only what lies inside is closed.
 */
export async function prepareHome(layout: Layout, isRoot = process.getuid?.() === 0): Promise<void> {
  await mkdir(layout.home, { recursive: true });
  const names = await readdir(layout.home);
  const isOurs = names.length === 0 || names.includes('up.json') || names.includes('postgres');
  if (isOurs) await chmod(layout.home, isRoot ? 0o711 : 0o700);
  const members = dirname(dirname(layout.member('anybody').agent));
  for (const folder of [layout.dispatch, layout.vendor, layout.logs, layout.jobs, members]) {
    await mkdir(folder, { recursive: true });
    await chmod(folder, 0o700);
  }
}
