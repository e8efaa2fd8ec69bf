import { lstatSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DistrustError } from './license-error.ts';

/** File in an agent's home that says where its sockets are: paths of sockets must be short, those of homes need not. */
export const socketsFileName = 'sockets.json';

export interface SocketsFile {
  readonly link: string;
  readonly control: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Where the agent's socket is: TAIKA_AGENT_SOCKET, else what the agent whose home is TAIKA_AGENT_HOME recorded, else
 * the place of the user's own agent.
 */
export function agentSocketPath(environment: Environment = process.env): string {
  const { TAIKA_AGENT_SOCKET: socket, TAIKA_AGENT_HOME: home } = environment;
  if (socket !== undefined && socket !== '') return socket;
  if (home !== undefined && home !== '') {
    const recorded = readSocketsFile(home);
    if (recorded !== undefined) return recorded.link;
  }
  return join(userSocketDirectory(environment), 'agent.sock');
}

/** The directory, of mode 0700, in which the user's own agent listens. */
export function userSocketDirectory(environment: Environment = process.env): string {
  if (process.platform === 'win32') return `\\\\.\\pipe\\taika-${environment.USERNAME ?? 'user'}`;
  const { XDG_RUNTIME_DIR: runtime } = environment;
  if (runtime !== undefined && runtime !== '') return join(runtime, 'taika');
  return join(tmpdir(), `taika-${process.getuid?.() ?? 'user'}`);
}

/** Where the agent of this home listens; undefined when it never ran. */
export function readSocketsFile(home: string): SocketsFile | undefined {
  try {
    const { link, control } = JSON.parse(
      readFileSync(join(home, socketsFileName), 'utf8'),
    ) as Partial<SocketsFile>;
    return typeof link === 'string' && typeof control === 'string' ? { link, control } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Throws a DistrustError when the socket's directory belongs to somebody else or others may write to it: then whoever
 * answers could be anybody. Node does not tell the user at the other end of a socket, so the directory is what counts.
 */
export function assertOwnDirectory(socketPath: string): void {
  const uid = process.getuid?.();
  if (uid === undefined) return;
  const directory = lstatSync(dirname(socketPath), { throwIfNoEntry: false });
  if (directory === undefined) return;
  if (!directory.isDirectory() || directory.uid !== uid || (directory.mode & 0o022) !== 0) {
    throw new DistrustError('foreign_socket', 'The socket’s directory is not this user’s alone.');
  }
}
