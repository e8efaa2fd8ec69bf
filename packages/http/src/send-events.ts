import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';

/** One server-sent event. */
export interface ServerEvent {
  /** A reader that lost its connection says this id (`Last-Event-ID`) when it comes back. */
  readonly id?: string;
  readonly event?: string;
  /** Sent as JSON; a bigint as text. */
  readonly data: unknown;
}

/**
 * Answers with a stream of server-sent events until `events` ends or `signal` aborts. Return what it gives from the route's handler.
 * A comment is sent whenever 15 s pass without an event, so that nobody between takes the connection for dead.
 */
export function sendEvents(
  reply: FastifyReply,
  events: AsyncIterable<ServerEvent>,
  signal: AbortSignal,
): FastifyReply {
  const stream = Readable.from(encode(events, signal), { objectMode: false, highWaterMark: 16 * 1024 });
  return reply
    .type('text/event-stream; charset=utf-8')
    .header('cache-control', 'no-store')
    .header('x-accel-buffering', 'no')
    .send(stream);
}

const silenceMsMax = 15_000;

async function* encode(events: AsyncIterable<ServerEvent>, signal: AbortSignal): AsyncGenerator<string> {
  const iterator = events[Symbol.asyncIterator]();
  try {
    // Sent at once, so that the caller sees its stream begin before anything has happened.
    yield ': hello\n\n';
    let next = iterator.next();
    for (;;) {
      const found = await firstOf(next, signal);
      if (found === 'silence') {
        yield ': alive\n\n';
      } else if (found === 'aborted' || found.done === true) {
        return;
      } else {
        yield encodeEvent(found.value);
        next = iterator.next();
      }
    }
  } finally {
    // Not awaited: a generator that still waits inside would hold the connection until its next event.
    iterator.return?.()?.catch(() => {});
  }
}

async function firstOf<T>(next: Promise<T>, signal: AbortSignal): Promise<T | 'silence' | 'aborted'> {
  if (signal.aborted) {
    return 'aborted';
  }
  const { promise, resolve } = Promise.withResolvers<'silence' | 'aborted'>();
  const timer = setTimeout(() => resolve('silence'), silenceMsMax);
  const onAbort = () => resolve('aborted');
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([next, promise]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}

function encodeEvent({ id, event, data }: ServerEvent): string {
  const json = JSON.stringify(data, (_name, value) => (typeof value === 'bigint' ? value.toString() : value));
  return `${id === undefined ? '' : `id: ${id}\n`}${event === undefined ? '' : `event: ${event}\n`}data: ${json}\n\n`;
}
