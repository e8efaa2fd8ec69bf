import { randomUUID } from 'node:crypto';
import { sha256Sync } from '@taika/crypto/node-digest';
import type { Logger } from '@taika/runtime/logger';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import { ApiError } from './api-error.ts';
import { addBodyParsers } from './body.ts';
import { contentDigestHeader, formatContentDigest } from './content-digest.ts';
import { addMetrics } from './metrics.ts';
import { describeApi } from './openapi.ts';
import { problemOf, toApiError } from './problem.ts';

/** How a server is made. */
export interface HttpServerOptions {
  /** The program, as metrics name it. */
  readonly name: string;
  readonly log: Logger;
  /** Bytes of a JSON body at most; streams are not bounded by it. */
  readonly bodyBytesMax: number;
  readonly openapi: { readonly title: string; readonly version: string };
  /** Rejects, with a reason, while the server cannot serve (its database is away). */
  readonly readiness: () => Promise<void>;
}

/**
 * Makes a server with no routes but `/healthz`, `/readyz`, `/metrics` and `/openapi.json`. Every failure leaves it as
 * problem+json. `close()` lets running requests end, ends idle connections, and aborts the `signal` of every route.
 */
export function createHttpServer(options: HttpServerOptions): FastifyInstance {
  const { log } = options;
  const app = fastify({
    logger: false,
    bodyLimit: options.bodyBytesMax,
    genReqId: ({ headers }) => requestIdOf(headers['x-request-id']),
    // Longer than a load balancer's usual 60 s, so that it is never us who close a connection it is about to use.
    keepAliveTimeout: 75_000,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 512 },
    frameworkErrors: (error, request, reply) => {
      sendError(log, error, request, reply);
    },
  });
  const closing = new AbortController();
  app.decorate('declaredRoutes', []);
  app.decorate('closing', closing.signal);
  app.decorateRequest('rawBody', undefined);
  // Hooks on every request call back: a promise for each would cost more than what they do.
  app.addHook('onSend', (request, reply, payload, done) => {
    reply.header('x-request-id', request.id);
    // Streams are checked by the digests that their routes name.
    if (typeof payload === 'string') {
      reply.header(contentDigestHeader, formatContentDigest(sha256Sync(payload)));
    }
    done(null, payload);
  });
  app.addHook('preClose', async () => {
    closing.abort(new ApiError('unavailable', 'The server is stopping.'));
  });
  app.addHook('onResponse', (_request, _reply, done) => {
    if (closing.signal.aborted) {
      // A connection that was busy when we began to close is kept alive by its caller; nothing else would ever end it.
      setImmediate(() => app.server.closeIdleConnections());
    }
    done();
  });
  app.setErrorHandler((error, request, reply) => sendError(log, error, request, reply));
  app.setNotFoundHandler((request, reply) => {
    const detail = `${request.method} ${request.url.split('?')[0]} is no route of this server.`;
    return sendError(log, new ApiError('no-such-route', detail), request, reply);
  });
  addBodyParsers(app);
  addMetrics(app, options.name);
  addHealth(app, options.readiness);
  app.get('/openapi.json', async () => describeApi(app.declaredRoutes, options.openapi));
  return app;
}

/** A caller's id is kept, so that one call can be followed through two companies' logs; anything odd is replaced. */
function requestIdOf(given: string | string[] | undefined): string {
  return typeof given === 'string' && /^[A-Za-z0-9._-]{8,64}$/.test(given) ? given : randomUUID();
}

function addHealth(app: FastifyInstance, readiness: () => Promise<void>): void {
  app.get('/healthz', async () => ({ status: 'ok' }));
  app.get('/readyz', async () => {
    if (app.closing.aborted) {
      throw new ApiError('unavailable', 'The server is stopping.');
    }
    try {
      await readiness();
    } catch (error) {
      const said = error instanceof Error ? error.message : String(error);
      throw new ApiError('unavailable', said, { cause: error });
    }
    return { status: 'ready' };
  });
}

function sendError(log: Logger, thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const error = toApiError(thrown);
  const problem = problemOf(error, request.id);
  const fields = {
    err: thrown,
    requestId: request.id,
    method: request.method,
    // Without the query: that of a signed URL, or of a session, is what opens it, and logs go to many hands.
    path: request.url.split('?')[0],
    code: error.code,
  };
  if (error.code === 'internal') {
    log.error(fields, 'A request failed by our fault.');
  } else if (problem.status >= 500) {
    log.warn(fields, problem.detail ?? problem.title);
  } else {
    log.debug(fields, problem.detail ?? problem.title);
  }
  if (error.retryAfterMs !== undefined) {
    reply.header('retry-after', Math.ceil(error.retryAfterMs / 1000));
  }
  // Framework errors pass no hook.
  reply.header('x-request-id', request.id);
  if (problem.status === 401) {
    reply.header('www-authenticate', 'Bearer realm="taika"');
  }
  return reply.code(problem.status).type('application/problem+json').send(JSON.stringify(problem));
}
