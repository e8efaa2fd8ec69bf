import { createRouter, type RouteHandler } from '@taika/http/declare-route';
import type { Route } from '@taika/protocol/route';
import type { FastifyInstance } from 'fastify';
import type { Caller } from '../context.ts';
import type { Gatekeeper } from './authenticate.ts';

/** Declares routes of the vendor server: each is served only to whom its `access` names. */
export type VendorRouter = <R extends Route>(route: R, handler: RouteHandler<R, Caller>) => void;

/** Creates the router that all slices declare their routes with. */
export function createVendorRouter(app: FastifyInstance, gatekeeper: Gatekeeper): VendorRouter {
  return createRouter<Caller>(app, (request, route, rawBody) =>
    gatekeeper(route, {
      method: request.method,
      url: request.raw.url ?? '',
      authorization: request.headers.authorization,
      rawBody,
    }),
  );
}

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
