import type { BodyOf, ParamsOf, QueryOf, ReplyOf, Route } from '@taika/protocol/route';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { compileInputCheck } from './check-input.ts';
import { compileReplyWriter, type Sendable } from './check-reply.ts';

/** One call of a route, its parts checked against the route's schemas. */
export interface RouteCall<R extends Route, Caller = undefined> {
  readonly params: ParamsOf<R>;
  readonly query: QueryOf<R>;
  /** For `request-bytes` a Readable: see `request.body`. */
  readonly body: BodyOf<R>;
  /** Who calls, as the router's `authenticate` found. */
  readonly caller: Caller;
  /** The body's bytes as sent, for a signature over them. */
  readonly rawBody: Buffer | undefined;
  /** Aborts when the caller hangs up and when the server closes. */
  readonly signal: AbortSignal;
  readonly request: FastifyRequest;
  /** For streams and special headers. Return it after `reply.send(stream)`. */
  readonly reply: FastifyReply;
}

/** Serves one route: gives the reply's value, or `reply` itself after having sent a stream. */
export type RouteHandler<R extends Route, Caller = undefined> = (
  call: RouteCall<R, Caller>,
) => Promise<Sendable<ReplyOf<R>> | FastifyReply> | Sendable<ReplyOf<R>> | FastifyReply;

/** Finds out who calls, among the parties that the route admits. Throws ApiError `unauthenticated`, `forbidden` and the like. */
export type Authenticate<Caller> = (
  request: FastifyRequest,
  route: Route,
  rawBody: Buffer | undefined,
) => Promise<Caller>;

/** Declares a route on the server. Who may call is not looked at: use `createRouter` for any route that is not public. */
export function declareRoute<R extends Route>(
  app: FastifyInstance,
  route: R,
  handler: RouteHandler<R>,
): void {
  declare(app, route, async () => undefined, handler);
}

/** Gives a `declareRoute` whose routes are served only after `authenticate` has let the caller in; the handler gets its answer as `caller`. It is asked for public routes too. */
export function createRouter<Caller>(
  app: FastifyInstance,
  authenticate: Authenticate<Caller>,
): <R extends Route>(route: R, handler: RouteHandler<R, Caller>) => void {
  return (route, handler) => declare(app, route, authenticate, handler);
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The body's bytes as sent; undefined for streams and where there is no body. */
    rawBody: Buffer | undefined;
  }
  interface FastifyInstance {
    /** Routes declared so far: OpenAPI and the test over all routes × parties read them. */
    readonly declaredRoutes: Route[];
    /** Aborts when the server begins to close. */
    readonly closing: AbortSignal;
  }
}

function declare<R extends Route, Caller>(
  app: FastifyInstance,
  route: R,
  authenticate: Authenticate<Caller>,
  handler: RouteHandler<R, Caller>,
): void {
  const checkParams = route.params && compileInputCheck('params', route.params);
  const checkQuery = route.query && compileInputCheck('query', route.query);
  const checkBody = route.body && compileInputCheck('body', route.body);
  const write = route.reply && compileReplyWriter(route.name, route.reply);
  app.declaredRoutes.push(route);
  app.route({
    method: route.method,
    url: route.path,
    exposeHeadRoute: false,
    async handler(request, reply) {
      // First who, then what: a stranger learns nothing about the form of a request.
      const caller = await authenticate(request, route, request.rawBody);
      checkParams?.(request.params);
      checkQuery?.(request.query);
      checkBody?.(request.body);
      const answer = await handler({
        params: request.params as ParamsOf<R>,
        query: request.query as QueryOf<R>,
        body: request.body as BodyOf<R>,
        caller,
        rawBody: request.rawBody,
        // Made only for those who look: it costs more than the rest of this function.
        get signal() {
          return AbortSignal.any([request.signal, app.closing]);
        },
        request,
        reply,
      });
      // A reply that was sent as a stream is waited for by `await` above; its reader may have left before the end.
      if (reply.sent || reply.raw.headersSent || reply.raw.destroyed) {
        return reply;
      }
      reply.code(route.status ?? (write === undefined ? 204 : 200));
      if (write === undefined) {
        return reply.send();
      }
      reply.type('application/json; charset=utf-8');
      // The text and not `reply.send(text)`: a reply is awaited by watching its stream, which costs as much as sending it.
      return write(answer);
    },
  });
}
