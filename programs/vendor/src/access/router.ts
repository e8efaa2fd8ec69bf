import type { RouteHandler } from '@taika/http/declare-route';
import type { Route } from '@taika/protocol/route';
import type { Caller } from '../context.ts';

/** Declares routes of the vendor server: each is served only to whom its `access` names. */
export type VendorRouter = <R extends Route>(route: R, handler: RouteHandler<R, Caller>) => void;
