import { once } from 'node:events';
import { connect } from 'node:net';

/** One kept-alive HTTP/1.1 connection, one request after the other. */
export interface RawConnection extends Disposable {
  /** Sends JSON; gives the body of the answer. Rejects for any status but 200. */
  post(path: string, json: string): Promise<string>;
}

/** Opens it. Written on the socket itself: `node:http` costs the generator about as much as the server. */
export async function openConnection(url: string, session: string): Promise<RawConnection> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  await once(socket, 'connect');
  let received = '';
  let waiting: PromiseWithResolvers<string> | undefined;
  const fail = (error: Error) => waiting?.reject(error);
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string) => {
    received += chunk;
    const head = received.indexOf('\r\n\r\n');
    const length = head === -1 ? undefined : /content-length: (\d+)/i.exec(received.slice(0, head))?.[1];
    if (length === undefined || received.length < head + 4 + Number(length)) {
      return;
    }
    const body = received.slice(head + 4);
    const isOk = received.startsWith('HTTP/1.1 200');
    received = '';
    if (isOk) {
      waiting?.resolve(body);
    } else {
      fail(new Error(`The server refused: ${body}`));
    }
  });
  socket.on('error', fail);
  socket.on('close', () => fail(new Error('The server hung up.')));
  return {
    post(path, json) {
      waiting = Promise.withResolvers();
      socket.write(
        `POST ${path} HTTP/1.1\r\nhost: ${hostname}:${port}\r\nauthorization: Bearer ${session}\r\n` +
          `content-type: application/json\r\ncontent-length: ${json.length}\r\n\r\n${json}`,
        'latin1',
      );
      return waiting.promise;
    },
    [Symbol.dispose]: () => void socket.destroy(),
  };
}
