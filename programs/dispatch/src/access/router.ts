import { createGuardedRouter, type Gatekeeper } from '@taika/http/access';
import type { RouteHandler } from '@taika/http/declare-route';
import type { Access, Route } from '@taika/protocol/route';
import type { FastifyInstance } from 'fastify';
import type { Caller } from '../context.ts';

/** The callers that a route's `access` lets in. */
export type CallerOf<R extends Pick<Route, 'access'>> = Extract<
  Caller,
  { readonly kind: KindOf<R['access'][number]> }
>;

/** Declares routes of the dispatch server: each is served only to whom its `access` names. */
export type DispatchRouter = <R extends Route>(route: R, handler: RouteHandler<R, CallerOf<R>>) => void;

/** Creates the router that all slices declare their routes with. */
export function createDispatchRouter(app: FastifyInstance, gatekeeper: Gatekeeper<Caller>): DispatchRouter {
  // The gatekeeper admits no others, so the narrower type is true.
  return createGuardedRouter(app, gatekeeper) as unknown as DispatchRouter;
}

type KindOf<A extends Access> = A extends 'signed-url' | 'public'
  ? 'public'
  : A extends Caller['kind']
    ? A
    : never;
