import { sha256 } from '@taika/crypto/digest';
import { limits } from '@taika/protocol/limits';
import type { BodyOf, ParamsOf, QueryOf, ReplyOf, Route } from '@taika/protocol/route';
import { retry } from '@taika/runtime/backoff';
import type { Clock } from '@taika/runtime/clock';
import type { Random } from '@taika/runtime/random';
import { contentDigestHeader, fitsContentDigest, formatContentDigest } from './content-digest.ts';
import { RemoteError } from './remote-error.ts';

export { RemoteError } from './remote-error.ts';

/** A request about to be sent, as `authorize` sees it. */
export interface OutgoingRequest {
  readonly method: string;
  /** Path and query, as sent. */
  readonly path: string;
  /** The JSON body as sent; undefined where there is none, or it is a stream. */
  readonly body: string | undefined;
}

/** How a caller behaves. */
export interface CallerOptions {
  /** The server's address, such as `https://dispatch.example`. */
  readonly baseUrl: string;
  /** Gives the headers that prove who calls; asked anew for every attempt, since a signature serves once. */
  readonly authorize?: (request: OutgoingRequest) => Promise<Record<string, string>> | Record<string, string>;
  /** Default: the platform's. */
  readonly fetch?: typeof fetch;
  readonly clock: Clock;
  readonly random: Random;
  readonly userAgent?: string;
  /** Time for one attempt. Default: 30 s. Transfers have no such bound. */
  readonly timeoutMs?: number;
  /** Attempts of a call that may be repeated. Default: 4. */
  readonly attemptsMax?: number;
}

/** What a call of `R` needs; parts without required members may be left out. */
export type CallInput<R extends Route> = Part<'params', ParamsOf<R>> &
  Part<'query', QueryOf<R>> &
  Part<'body', BodyOf<R>> & { readonly signal?: AbortSignal | undefined };

/** Calls the routes of one server. */
export interface Caller {
  /** Calls a route and gives its reply. Throws RemoteError. Repeats what may be repeated, with backoff and as `Retry-After` says. */
  call<R extends Route>(route: R, ...input: Input<R>): Promise<ReplyOf<R>>;
  /** Opens a route once and gives the response as it is, for streams. Throws RemoteError for a refusal. */
  open<R extends Route>(route: R, input: StreamInput<R>): Promise<Response>;
}

/** What `open` needs: the route's parts, a body of bytes, more headers. */
export type StreamInput<R extends Route> = Part<'params', ParamsOf<R>> &
  Part<'query', QueryOf<R>> & {
    readonly bytes?: BodyInit | undefined;
    readonly headers?: Readonly<Record<string, string>> | undefined;
    readonly signal?: AbortSignal | undefined;
  };

/** Creates a caller. Runs in Node and browsers. */
export function createCaller(options: CallerOptions): Caller {
  const { clock, random, timeoutMs = 30_000, attemptsMax = 4 } = options;
  return {
    async call<R extends Route>(route: R, ...[input = {} as CallInput<R>]: Input<R>) {
      const { signal } = input;
      const parts: RequestParts = input;
      const attempt = async () => {
        const timeout = AbortSignal.timeout(timeoutMs);
        const bounded = signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
        const response = await send(options, route, parts, signal, bounded);
        return readReply(response, signal);
      };
      return (await retry(attempt, {
        attemptsMax: route.idempotent === false ? 1 : attemptsMax,
        baseMs: 200,
        shouldRetry: (error) => error instanceof RemoteError && error.retryable,
        requestedWaitMs: (error) => (error instanceof RemoteError ? error.retryAfterMs : undefined),
        clock,
        random,
        signal,
      })) as ReplyOf<R>;
    },
    open(route, input) {
      return send(options, route, input, input.signal, input.signal);
    },
  };
}

/** The path and query of a call: `/v1/jobs/:jobId` → `/v1/jobs/0198…?limit=10`. */
export function pathOf(route: Route, params: object = {}, query: object = {}): string {
  const values = new Map<string, unknown>(Object.entries(params));
  const path = route.path.replaceAll(/:(\w+)/g, (_match, name: string) =>
    encodeURIComponent(String(values.get(name))),
  );
  const pairs = Object.entries(query).filter(([, value]) => value !== undefined);
  const search = new URLSearchParams(pairs.map(([name, value]) => [name, String(value)])).toString();
  return search === '' ? path : `${path}?${search}`;
}

// biome-ignore lint/complexity/noBannedTypes: `{}` here asks whether every member is optional.
type Part<Name extends string, T> = {} extends T ? { readonly [K in Name]?: T } : { readonly [K in Name]: T };
// biome-ignore lint/complexity/noBannedTypes: as above.
type Input<R extends Route> = {} extends CallInput<R> ? [input?: CallInput<R>] : [input: CallInput<R>];

interface RequestParts {
  readonly params?: unknown;
  readonly query?: unknown;
  readonly body?: unknown;
  readonly bytes?: BodyInit | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

async function send(
  options: CallerOptions,
  route: Route,
  parts: RequestParts,
  signal: AbortSignal | undefined,
  bounded: AbortSignal | undefined,
): Promise<Response> {
  const path = pathOf(route, asObject(parts.params), asObject(parts.query));
  const json = parts.body === undefined ? undefined : JSON.stringify(parts.body, bigintAsText);
  checkLength(json);
  const authorization = await options.authorize?.({ method: route.method, path, body: json });
  const digest = json === undefined ? undefined : formatContentDigest(await sha256(json));
  const init: RequestInit & { duplex?: 'half' } = {
    method: route.method,
    headers: {
      accept: 'application/json, application/problem+json, */*',
      ...(json === undefined ? {} : { 'content-type': 'application/json' }),
      ...(digest === undefined ? {} : { [contentDigestHeader]: digest }),
      ...(parts.bytes === undefined ? {} : { 'content-type': 'application/octet-stream' }),
      ...(options.userAgent === undefined ? {} : { 'user-agent': options.userAgent }),
      ...parts.headers,
      ...authorization,
    },
    redirect: 'error',
  };
  const body = parts.bytes ?? json;
  if (body !== undefined) {
    init.body = body;
    init.duplex = 'half';
  }
  if (bounded !== undefined) {
    init.signal = bounded;
  }
  const response = await guard(signal, () =>
    (options.fetch ?? fetch)(options.baseUrl.replace(/\/$/, '') + path, init),
  );
  if (!response.ok) {
    throw await refusal(response, signal);
  }
  return response;
}

/** A server ends the connection on a body that it will not read, and what it says meanwhile is often lost: so it is said here. */
function checkLength(json = ''): void {
  // A character is at most three bytes, so nearly every body need not be measured.
  const bytes = json.length * 3 <= limits.jsonBodyBytesMax ? 0 : new TextEncoder().encode(json).length;
  if (bytes > limits.jsonBodyBytesMax) {
    const detail = `The request has ${bytes} bytes, at most ${limits.jsonBodyBytesMax} are taken.`;
    throw new RemoteError({ code: 'too-large', detail }, { status: 0 });
  }
}

/** Runs a step on the network: what fails there is `unreachable`, except that the caller's own wish to stop stays what it is. */
async function guard<T>(signal: AbortSignal | undefined, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    signal?.throwIfAborted();
    throw new RemoteError({ code: 'unreachable' }, { status: 0, cause: error });
  }
}

async function readReply(response: Response, signal: AbortSignal | undefined): Promise<unknown> {
  const text = await readText(response, signal);
  if (response.status === 204 || text === '') {
    return undefined;
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    // Something between us and the server answered in its place.
    throw new RemoteError(
      { code: 'unavailable', detail: 'The answer is not JSON: is this the address of the server?' },
      { status: response.status, cause: error },
    );
  }
}

/** The answer as text; one that was damaged on the way never arrived. */
async function readText(response: Response, signal: AbortSignal | undefined): Promise<string> {
  const bytes = new Uint8Array(await guard(signal, () => response.arrayBuffer()));
  const digest = response.headers.get(contentDigestHeader);
  if (digest !== null && !fitsContentDigest(digest, await sha256(bytes))) {
    throw new RemoteError(
      { code: 'unreachable', detail: 'The answer was damaged on the way.' },
      { status: response.status },
    );
  }
  return new TextDecoder().decode(bytes);
}

async function refusal(response: Response, signal: AbortSignal | undefined): Promise<RemoteError> {
  const text = await readText(response, signal);
  const facts = { status: response.status, retryAfterMs: retryAfterMs(response) };
  try {
    return new RemoteError(asObject(JSON.parse(text)) as Record<string, unknown>, facts);
  } catch {
    // Not our server's words: something between us and it answered in its place, and what became of the call is unknown.
    const detail = `Something between here and the server answered ${response.status} in its place.`;
    return new RemoteError({ retryable: isPassing(response.status), detail }, facts);
  }
}

/** Whether an answer that is not our server's may be another one in a moment. Anything may stand between, so every 5xx counts. */
function isPassing(status: number): boolean {
  return status >= 500 || status === 408 || status === 425 || status === 429;
}

/** Only the form in seconds: the form with a date would trust the other side's clock. */
function retryAfterMs(response: Response): number | undefined {
  const seconds = response.headers.get('retry-after');
  return seconds !== null && /^\d{1,6}$/.test(seconds) ? Number(seconds) * 1000 : undefined;
}

function asObject(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {};
}

function bigintAsText(_name: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}
