import { connect, type Socket } from 'node:net';
import type { AgentToApp, AppToAgent } from '@taika/protocol/local-link';
import { encodeFrame, FrameReader } from './frames.ts';
import { parseAgentMessage } from './link-messages.ts';
import { assertOwnDirectory } from './socket-path.ts';

/** A connection to an agent: messages out, messages in, in order. */
export interface AgentConnection {
  send(message: AppToAgent): void;
  /** Ends when the other side closes; throws a FrameError for bytes that are no message. */
  readonly messages: AsyncIterable<AgentToApp>;
  close(): void;
}

/** Opens a connection to a seen path. Throws a DistrustError for another user's socket, else what the system says. */
export async function connectToAgent(path: string, signal: AbortSignal): Promise<AgentConnection> {
  assertOwnDirectory(path);
  const socket = await opened(path, signal);
  const close = () => socket.destroy();
  signal.addEventListener('abort', close, { once: true });
  socket.once('close', () => signal.removeEventListener('abort', close));
  // The iteration below reports what went wrong; without a listener it would end the application as well.
  socket.on('error', () => {});
  return {
    send: (message) => {
      if (socket.writable) socket.write(encodeFrame(message));
    },
    messages: readMessages(socket),
    close,
  };
}

async function* readMessages(socket: Socket): AsyncGenerator<AgentToApp> {
  const frames = new FrameReader();
  try {
    for await (const chunk of socket) {
      for (const value of frames.push(chunk as Buffer)) yield parseAgentMessage(value);
    }
    frames.end();
  } finally {
    socket.destroy();
  }
}

function opened(path: string, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    const giveUp = () => socket.destroy(new Error('Stopped.'));
    signal.addEventListener('abort', giveUp, { once: true });
    const settled = () => {
      signal.removeEventListener('abort', giveUp);
      socket.removeAllListeners();
    };
    socket.once('connect', () => {
      settled();
      resolve(socket);
    });
    socket.once('error', (error) => {
      settled();
      socket.on('error', () => {});
      reject(error);
    });
  });
}
