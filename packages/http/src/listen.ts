import type { FastifyInstance } from 'fastify';

/** Where to listen. */
export interface ListenOptions {
  /** Default: 127.0.0.1, which only this machine reaches. */
  readonly host?: string;
  readonly port: number;
  /** Whether another free port may be taken when this one is in use: right for a default, wrong for what an operator chose. Default: false. */
  readonly otherPortAllowed?: boolean;
  /** Told in a sentence when another port was taken. */
  readonly say?: (sentence: string) => void;
}

/** Where a server listens. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
  /** `http://127.0.0.1:7410`. */
  readonly url: string;
}

/** Begins to listen. Throws an Error whose message says what to do when the port is taken or not allowed. */
export async function listen(app: FastifyInstance, options: ListenOptions): Promise<ListenAddress> {
  const { host = '127.0.0.1', port, otherPortAllowed = false, say = () => {} } = options;
  try {
    await app.listen({ host, port });
  } catch (error) {
    if (!otherPortAllowed || codeOf(error) !== 'EADDRINUSE') {
      throw new Error(explain(host, port, error), { cause: error });
    }
    await app.listen({ host, port: 0 });
    say(`Port ${port} is taken, so another one is used: ${addressOf(app, host).url}.`);
  }
  return addressOf(app, host);
}

function addressOf(app: FastifyInstance, host: string): ListenAddress {
  const address = app.server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  return { host, port, url: `http://${host.includes(':') ? `[${host}]` : host}:${port}` };
}

function explain(host: string, port: number, error: unknown): string {
  switch (codeOf(error)) {
    case 'EADDRINUSE':
      return `Port ${port} on ${host} is taken. Stop what uses it, or choose another with --port.`;
    case 'EACCES':
      return `Port ${port} may not be used by this account. Choose one above 1023 with --port.`;
    case 'EADDRNOTAVAIL':
      return `${host} is no address of this machine. Choose another with --host.`;
    default:
      return `The server cannot listen on ${host}:${port}.`;
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
