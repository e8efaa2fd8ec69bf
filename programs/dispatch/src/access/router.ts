import { createRouter, type RouteHandler } from '@taika/http/declare-route';
import type { Access, Route } from '@taika/protocol/route';
import type { FastifyInstance } from 'fastify';
import type { Caller } from '../context.ts';
import type { Gatekeeper } from './authenticate.ts';

/** The callers that a route's `access` lets in. */
export type CallerOf<R extends Pick<Route, 'access'>> = Extract<
  Caller,
  { readonly kind: KindOf<R['access'][number]> }
>;

/** Declares routes of the dispatch server: each is served only to whom its `access` names. */
export type DispatchRouter = <R extends Route>(route: R, handler: RouteHandler<R, CallerOf<R>>) => void;

/** Creates the router that all slices declare their routes with. */
export function createDispatchRouter(app: FastifyInstance, gatekeeper: Gatekeeper): DispatchRouter {
  const declare = createRouter<Caller>(app, (request, route, rawBody) =>
    gatekeeper(route, {
      method: request.method,
      url: request.raw.url ?? '',
      authorization: request.headers.authorization,
      rawBody,
    }),
  );
  // The gatekeeper admits no others, so the narrower type is true.
  return declare as unknown as DispatchRouter;
}

type KindOf<A extends Access> = A extends 'signed-url' | 'public'
  ? 'public'
  : A extends Caller['kind']
    ? A
    : never;

/** The caller as one of a kind that the route admits. Throws when a route was declared with another `access` than its handler expects. */
export function callerOf<K extends Caller['kind']>(
  kind: K,
  caller: Caller,
): Extract<Caller, { readonly kind: K }> {
  if (caller.kind !== kind) {
    throw new Error(`A route for ${kind} was called by ${caller.kind}.`);
  }
  return caller as Extract<Caller, { readonly kind: K }>;
}
