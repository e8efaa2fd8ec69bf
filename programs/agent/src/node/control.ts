import { connect, createServer } from 'node:net';
import { encodeFrame, FrameReader } from '@taika/license/frames';
import { assertOwnDirectory, readSocketsFile } from '@taika/license/socket-path';
import { AgentError } from '../core/agent-error.ts';
import { listenOnSocket } from './listen-on-socket.ts';

/** What a command asks of the running agent. */
export interface ControlRequest {
  readonly verb: 'status' | 'pause' | 'resume' | 'finish' | 'stop' | 'withdraw' | 'forget' | 'reload';
  readonly untilMs?: number;
  readonly next?: 'paused' | 'stopped';
}

export type ControlReply =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly code: string; readonly sentence: string; readonly remedy: string };

/** Serves the member's commands; only this user reaches the socket. */
export async function serveControl(
  path: string,
  handle: (request: ControlRequest) => Promise<unknown>,
): Promise<AsyncDisposable> {
  const server = createServer(async (socket) => {
    socket.on('error', () => {});
    const frames = new FrameReader();
    try {
      for await (const chunk of socket) {
        for (const request of frames.push(chunk as Buffer)) {
          socket.write(encodeFrame(await answer(request as unknown as ControlRequest, handle)));
        }
      }
    } catch {
      socket.destroy();
    }
  });
  await listenOnSocket(server, path);
  return {
    async [Symbol.asyncDispose]() {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        setTimeout(resolve, 300).unref();
      });
    },
  };
}

/** Asks the agent of this home; undefined when it does not run. Throws an AgentError for what it refuses. */
export async function askAgent(
  home: string,
  request: ControlRequest,
): Promise<{ readonly result: unknown } | undefined> {
  const sockets = readSocketsFile(home);
  if (sockets === undefined) return undefined;
  assertOwnDirectory(sockets.control);
  const reply = await ask(sockets.control, request);
  if (reply === undefined || reply.ok) return reply;
  throw new AgentError(reply.code, reply.sentence, reply.remedy);
}

async function answer(
  request: ControlRequest,
  handle: (request: ControlRequest) => Promise<unknown>,
): Promise<ControlReply> {
  try {
    return { ok: true, result: (await handle(request)) ?? null };
  } catch (error) {
    const { code, remedy } =
      error instanceof AgentError ? error : { code: 'failed', remedy: 'See the agent’s log.' };
    return { ok: false, code, sentence: error instanceof Error ? error.message : String(error), remedy };
  }
}

function ask(path: string, request: ControlRequest): Promise<ControlReply | undefined> {
  return new Promise((resolve, reject) => {
    const frames = new FrameReader();
    const socket = connect(path, () => socket.write(encodeFrame(request)));
    socket.on('data', (chunk) => {
      const [reply] = frames.push(chunk as Buffer);
      if (reply === undefined) return;
      socket.end();
      resolve(reply as unknown as ControlReply);
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED') resolve(undefined);
      else reject(error);
    });
    // The agent stopped before it answered: that is an answer to `stop`.
    socket.on('close', () => resolve(undefined));
  });
}
