import { chooseLocale } from '@taika/documents/choose-format';
import type { BusinessDocument } from '@taika/documents/document';
import { type Format, NotRenderable, renderDocument } from '@taika/documents/render';
import { ApiError } from '@taika/http/api-error';
import { sendMadeFile } from '@taika/http/send-file';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Sends a document as a file, with labels in the reader's language. Throws `not-renderable` with what is in the way. */
export async function sendDocument(
  document: BusinessDocument,
  to: {
    readonly format: Format;
    readonly lang?: string | undefined;
    readonly request: FastifyRequest;
    readonly reply: FastifyReply;
  },
): Promise<FastifyReply> {
  const { format, lang, request, reply } = to;
  const locale = chooseLocale(lang, request.headers['accept-language']);
  try {
    return sendMadeFile(reply, await renderDocument(document, { format, locale }));
  } catch (error) {
    throw error instanceof NotRenderable
      ? new ApiError('not-renderable', error.message, { cause: error })
      : error;
  }
}
