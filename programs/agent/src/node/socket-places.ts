import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  readSocketsFile,
  type SocketsFile,
  socketsFileName,
  userSocketDirectory,
} from '@taika/license/socket-path';
import { replaceFile } from './file-store.ts';

/**
 * Chooses where an agent listens and writes it into its home. The user's own agent listens where applications look; one
 * with a home of its own gets a short directory for itself, since a socket's path may not be as long as a home's.
 */
export async function chooseSockets(
  { home, isOwn }: { readonly home: string; readonly isOwn: boolean },
  environment: NodeJS.ProcessEnv = process.env,
): Promise<SocketsFile> {
  const sockets = placesFor(home, isOwn, environment);
  await replaceFile(join(home, socketsFileName), `${JSON.stringify(sockets)}\n`);
  return sockets;
}

function placesFor(home: string, isOwn: boolean, environment: NodeJS.ProcessEnv): SocketsFile {
  if (process.platform === 'win32') {
    const base = `${userSocketDirectory(environment)}-${isOwn ? 'own' : Buffer.from(home).toString('hex').slice(-40)}`;
    return { link: `${base}-agent`, control: `${base}-control` };
  }
  const named = environment.TAIKA_AGENT_SOCKET;
  if (named !== undefined && named !== '')
    return { link: named, control: join(dirname(named), 'control.sock') };
  if (isOwn) {
    const directory = userSocketDirectory(environment);
    return { link: join(directory, 'agent.sock'), control: join(directory, 'control.sock') };
  }
  const before = readSocketsFile(home);
  if (before !== undefined) return before;
  const directory = mkdtempSync(join(tmpdir(), 'taika-'));
  return { link: join(directory, 'agent.sock'), control: join(directory, 'control.sock') };
}
