import { Agent, request } from 'node:http';
import { buffer } from 'node:stream/consumers';

/**
 * A `fetch` whose requests come from an address of its own, so that terminals in one process are on different networks.
 * Linux answers on all of 127.0.0.0/8; elsewhere everybody comes from 127.0.0.1.
 */
export function fetchFrom(localAddress: string): typeof fetch & Disposable {
  const agent = new Agent({ keepAlive: true, maxSockets: 2 });
  const own = process.platform === 'linux' ? { localAddress } : {};
  const send = async (input: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const { method = 'GET', headers, body, signal } = init;
    const sent =
      body === undefined || body === null ? undefined : Buffer.from(await new Response(body).arrayBuffer());
    const { promise, resolve, reject } = Promise.withResolvers<Response>();
    const outgoing = request(String(input), {
      method,
      agent,
      ...own,
      headers: Object.fromEntries(new Headers(headers)),
      ...(signal === undefined || signal === null ? {} : { signal }),
    });
    outgoing.once('error', (cause) => reject(new TypeError('fetch failed', { cause })));
    outgoing.once('response', (incoming) => {
      const { statusCode: status = 500 } = incoming;
      const told = new Headers();
      for (const [name, value] of Object.entries(incoming.headers)) told.set(name, String(value));
      buffer(incoming).then((bytes) => {
        const hasBody = status !== 204 && status !== 304;
        resolve(new Response(hasBody ? new Uint8Array(bytes) : null, { status, headers: told }));
      }, reject);
    });
    outgoing.end(sent);
    return promise;
  };
  return Object.assign(send, { [Symbol.dispose]: () => agent.destroy() });
}
