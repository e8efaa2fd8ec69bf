import { createServer, type Socket } from 'node:net';
import { FrameError } from '@taika/license/frame-error';
import { encodeFrame, FrameReader } from '@taika/license/frames';
import { parseAppMessage } from '@taika/license/link-messages';
import { linkTimes } from '@taika/protocol/local-link';
import type { Clock } from '@taika/runtime/clock';
import type { Logger } from '@taika/runtime/logger';
import type { Random } from '@taika/runtime/random';
import { listenOnSocket } from '../node/listen-on-socket.ts';
import type { LicenseDesk } from './license-desk.ts';
import { createLinkSession, type LinkSession } from './link-session.ts';
import { createSeats } from './seats.ts';

export interface ServeLinkOptions {
  /** Path of the Unix socket or named pipe; its directory is made with mode 0700. */
  readonly path: string;
  readonly desk: LicenseDesk;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly agentVersion: string;
}

/** The agent's end of the local link, listening. */
export interface LinkServer extends AsyncDisposable {
  readonly path: string;
  /** Applications that are connected now. */
  applications(): { readonly name: string; readonly build: string; readonly isLeased: boolean }[];
}

/** An application speaks first, and at once. */
const helloMsMax = 5000;
/** One member does not run more applications at a time than this. */
const connectionsMax = 64;
/** Hellos that are remembered, to know a replayed one. */
const hellosKept = 4096;

/** Serves leases to the applications of this user. Throws when another agent listens there already. */
export async function serveLink(options: ServeLinkOptions): Promise<LinkServer> {
  const { path, desk, log } = options;
  const seats = createSeats();
  const sessions = new Map<Socket, LinkSession>();
  const isFreshHello = createReplayMemory(hellosKept);
  const server = createServer((socket) => {
    const session = serve(socket, { ...options, seats, isFreshHello });
    sessions.set(socket, session);
    socket.on('close', () => {
      session.end();
      sessions.delete(socket);
      log.debug({ app: session.app?.name }, 'An application left.');
    });
  });
  server.maxConnections = connectionsMax;
  await listenOnSocket(server, path);
  const unsubscribe = desk.onChange(() => {
    for (const session of sessions.values()) session.review();
  });
  return {
    path,
    applications: () => [...sessions.values()].flatMap((session) => session.app ?? []),
    async [Symbol.asyncDispose]() {
      unsubscribe();
      for (const [socket, session] of sessions) {
        session.end();
        socket.end(encodeFrame({ type: 'revoke', reason: 'stopping' }));
      }
      await new Promise((resolve) => {
        server.close(resolve);
        // An application that does not read its farewell must not hold the agent.
        setTimeout(() => {
          for (const socket of sessions.keys()) socket.destroy();
        }, 200).unref();
      });
    },
  };
}

interface Seated extends ServeLinkOptions {
  readonly seats: ReturnType<typeof createSeats>;
  readonly isFreshHello: (nonce: string) => boolean;
}

function serve(socket: Socket, options: Seated): LinkSession {
  const { log } = options;
  const session = createLinkSession({
    ...options,
    send: (message) => {
      if (socket.writable) socket.write(encodeFrame(message));
    },
    close: () => socket.end(),
  });
  const impatience = setTimeout(() => {
    if (session.app === undefined) socket.destroy();
  }, helloMsMax);
  impatience.unref();
  // Renewals come every 30 s: one that stays away three leases long is gone.
  socket.setTimeout(3 * linkTimes.leaseValidForMs, () => socket.destroy());
  socket.on('close', () => clearTimeout(impatience));
  socket.on('error', (error) => log.debug({ err: error }, 'The link to an application broke.'));
  listen(socket, session).catch((error) => {
    // Before its hello, who connects gets no answer at all, not even a refusal.
    if (session.app !== undefined && error instanceof FrameError && socket.writable) {
      socket.end(encodeFrame({ type: 'refusal', reason: 'bad_frame' }));
    } else socket.destroy();
    log.warn({ err: error, app: session.app?.name }, 'An application sent what is no message.');
  });
  return session;
}

async function listen(socket: Socket, session: LinkSession): Promise<void> {
  const frames = new FrameReader();
  for await (const chunk of socket) {
    for (const value of frames.push(chunk as Buffer)) await session.take(parseAppMessage(value));
  }
  frames.end();
}

function createReplayMemory(size: number): (nonce: string) => boolean {
  const seen = new Set<string>();
  return (nonce) => {
    if (seen.has(nonce)) return false;
    seen.add(nonce);
    const [oldest] = seen;
    if (seen.size > size && oldest !== undefined) seen.delete(oldest);
    return true;
  };
}
