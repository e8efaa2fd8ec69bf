import { chmodSync, lstatSync, mkdirSync, rmSync } from 'node:fs';
import { connect, type Server } from 'node:net';
import { dirname } from 'node:path';
import { assertOwnDirectory } from '@taika/license/socket-path';

/** Another living program listens at the path. */
export class SocketTakenError extends Error {
  override readonly name = 'SocketTakenError';
  readonly code = 'already-running';
  readonly remedy = 'See `taika agent status`.';
}

/** What the kernel allows for a socket's path, with its end mark; 104 on macOS. */
const socketPathBytesMax = 103;

/**
 * Listens on a Unix socket (or named pipe) that only this user can reach: its directory is 0700 and theirs. A socket that
 * a dead program left is replaced; a living one throws a SocketTakenError.
 */
export async function listenOnSocket(server: Server, path: string): Promise<void> {
  if (process.platform !== 'win32') {
    if (Buffer.byteLength(path) > socketPathBytesMax) {
      throw new Error(`The socket's path is longer than ${socketPathBytesMax} bytes: ${path}`);
    }
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    assertOwnDirectory(path);
    chmodSync(dirname(path), 0o700);
    if (await isAlive(path)) throw new SocketTakenError(`Another agent is running: it listens at ${path}.`);
    if (lstatSync(path, { throwIfNoEntry: false })?.isSocket()) rmSync(path);
  }
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ path }, () => {
      server.off('error', reject);
      resolve();
    });
  });
  if (process.platform !== 'win32') chmodSync(path, 0o600);
}

function isAlive(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
