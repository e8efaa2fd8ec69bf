import type { Static, TObject, TSchema } from 'typebox';

/**
 * One HTTP route as both sides know it: the server declares it, callers are typed by it, OpenAPI is
 * generated from it, and the test over all routes × parties reads `access` from it.
 */
export interface Route<
  Params extends TObject = TObject,
  Query extends TObject = TObject,
  Body extends TSchema = TSchema,
  Reply extends TSchema = TSchema,
> {
  readonly name: string;
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  /** Path with `:name` parameters, from `/v1`. */
  readonly path: string;
  /** Who may call. Whose rows the caller then sees is decided by the use case, never by the path. */
  readonly access: readonly Access[];
  readonly summary: string;
  readonly params?: Params;
  readonly query?: Query;
  readonly body?: Body;
  /** Absent where the body or the reply is a stream of bytes. */
  readonly reply?: Reply;
  /** Status of success, 200 where absent. */
  readonly status?: 200 | 201 | 202 | 204 | 206;
  /** `bytes`: the request or reply body is a byte stream and has no schema. `events`: server-sent events. */
  readonly stream?: 'request-bytes' | 'reply-bytes' | 'reply-events';
  /** A repeated call has the same effect and answer, so callers may retry. True but where said. */
  readonly idempotent?: false;
}

/**
 * The ways of proving who calls. `public` needs nothing; `signed-url` carries its permission in the query;
 * `member` is a signature by a terminal's key on the request itself; `service` is a vendor's own back end.
 */
export type Access =
  | 'public'
  | 'operator'
  | 'customer'
  | 'vendor'
  | 'terminal'
  | 'signed-url'
  | 'member'
  | 'service';

export function defineRoute<
  Params extends TObject,
  Query extends TObject,
  Body extends TSchema,
  Reply extends TSchema,
>(route: Route<Params, Query, Body, Reply>): Route<Params, Query, Body, Reply> {
  return route;
}

export type ParamsOf<R> = R extends Route<infer P, TObject, TSchema, TSchema> ? Static<P> : never;
export type QueryOf<R> = R extends Route<TObject, infer Q, TSchema, TSchema> ? Static<Q> : never;
export type BodyOf<R> = R extends Route<TObject, TObject, infer B, TSchema> ? Static<B> : never;
export type ReplyOf<R> = R extends Route<TObject, TObject, TSchema, infer P> ? Static<P> : never;
