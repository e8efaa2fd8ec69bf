import { isUtf8 } from 'node:buffer';
import type { FastifyInstance } from 'fastify';
import { ApiError } from './api-error.ts';

/** JSON bodies are parsed and kept as bytes too, for signatures over them; `application/octet-stream` is handed on as a stream. */
export function addBodyParsers(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  const parseJson = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    const bytes = body as Buffer;
    request.rawBody = bytes;
    if (bytes.length === 0) {
      // Many clients name a type for a body that they do not send.
      done(null, undefined);
      return;
    }
    const text = decode(bytes);
    if (text === undefined) {
      done(new ApiError('bad-json', 'The body is not UTF-8.'));
      return;
    }
    parseJson(request, text, (error, value) => done(error && explain(text), value));
  });
  app.addContentTypeParser('application/octet-stream', (_request, payload, done) => done(null, payload));
}

/** Checking first and decoding by the buffer is three times as fast as a TextDecoder. A byte order mark is left to the JSON parser. */
function decode(bytes: Buffer): string | undefined {
  return isUtf8(bytes) ? bytes.toString('utf8') : undefined;
}

/** The parser only says that it failed. */
function explain(text: string): ApiError {
  try {
    JSON.parse(text);
    return new ApiError('bad-json', 'The body has a member named __proto__ or constructor.prototype.');
  } catch (cause) {
    return new ApiError('bad-json', (cause as Error).message, { cause });
  }
}
