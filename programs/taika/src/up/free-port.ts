import { createServer } from 'node:net';
import { readState, writeState } from './state-file.ts';
import type { Story } from './story.ts';

/**
 * The port on this machine that `name` had at the last start, else the wanted one; another free one where that is
 * taken, and that is said. Any free one for 0. It is remembered in `stateFile`.
 */
export async function choosePort(
  name: string,
  wanted: number,
  stateFile: string,
  story: Story,
): Promise<number> {
  const state = await readState(stateFile);
  const first = state.ports?.[name] ?? wanted;
  const port = await freePort(first);
  if (first !== 0 && port !== first) story.step('', `Port ${first} is taken; ${port} is used.`);
  if (port !== state.ports?.[name])
    await writeState(stateFile, { ...state, ports: { ...state.ports, [name]: port } });
  return port;
}

async function freePort(wanted: number): Promise<number> {
  return (
    (await tryPort(wanted)) ??
    (await tryPort(0)) ??
    Promise.reject(new Error('No port is free on this machine.'))
  );
}

function tryPort(port: number): Promise<number | undefined> {
  return new Promise((done, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') done(undefined);
      else reject(error);
    });
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      const address = server.address();
      const found = typeof address === 'object' && address !== null ? address.port : undefined;
      server.close(() => done(found));
    });
  });
}
