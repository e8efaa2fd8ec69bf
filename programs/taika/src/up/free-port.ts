import { createServer } from 'node:net';
import type { Story } from './story.ts';

/** The wanted port on this machine, or another free one where it is taken, and that is said. Any free one for 0. */
export async function choosePort(wanted: number, story: Story): Promise<number> {
  const port = await freePort(wanted);
  if (wanted !== 0 && port !== wanted) story.step('', `Port ${wanted} is taken; ${port} is used.`);
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
