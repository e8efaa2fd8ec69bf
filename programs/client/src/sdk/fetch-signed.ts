import { RemoteError } from '@taika/http/call';

/** Opens an address that a server signed, or a range of what is there. Throws RemoteError. */
export async function fetchSigned(
  fetch: typeof globalThis.fetch,
  url: string,
  options: {
    readonly range?: { readonly offset: number; readonly length: number };
    readonly signal?: AbortSignal | undefined;
  } = {},
): Promise<Response> {
  const { range, signal } = options;
  let response: Response;
  try {
    response = await fetch(url, {
      ...(range === undefined
        ? {}
        : { headers: { range: `bytes=${range.offset}-${range.offset + range.length - 1}` } }),
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    signal?.throwIfAborted();
    throw new RemoteError({ code: 'unreachable' }, { status: 0, cause: error });
  }
  if (response.ok) return response;
  await response.body?.cancel();
  throw new RemoteError(
    { retryable: response.status >= 500, detail: `A signed address was answered with ${response.status}.` },
    { status: response.status },
  );
}
