import { checkUbl } from './check-ubl.ts';
import type { BusinessDocument, Locale } from './document.ts';
import { renderCsv } from './render-csv.ts';
import { renderJson } from './render-json.ts';
import { renderPdf } from './render-pdf.ts';
import { renderUbl } from './render-ubl.ts';

/** The forms in which a document is sent. */
export const formats = ['pdf', 'xml', 'csv', 'json'] as const;
export type Format = (typeof formats)[number];

/** A document as a file. */
export interface RenderedDocument {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
  readonly fileName: string;
}

/** Media types of the formats, as `Accept` and `Content-Type` have them. */
export const mediaTypes: Readonly<Record<Format, string>> = {
  pdf: 'application/pdf',
  xml: 'application/xml',
  csv: 'text/csv; charset=utf-8',
  json: 'application/json; charset=utf-8',
};

/** A document that cannot be given in a format; the sentence says why. */
export class NotRenderable extends Error {}

/** Makes the file. Throws `NotRenderable` for XML that the published rules do not allow, and for a statement or a void invoice as XML. */
export async function renderDocument(
  document: BusinessDocument,
  { format, locale }: { readonly format: Format; readonly locale: Locale },
): Promise<RenderedDocument> {
  return {
    bytes: await bytesOf(document, format, locale),
    mediaType: mediaTypes[format],
    fileName: `${document.number}.${format}`,
  };
}

async function bytesOf(document: BusinessDocument, format: Format, locale: Locale): Promise<Uint8Array> {
  switch (format) {
    case 'pdf':
      return renderPdf(document, locale);
    case 'xml':
      return new TextEncoder().encode(checkedUbl(document));
    case 'csv':
      return new TextEncoder().encode(renderCsv(document));
    case 'json':
      return new TextEncoder().encode(renderJson(document));
  }
}

/** What does not pass would be turned away by whoever receives it, so it is not handed out. */
function checkedUbl(document: BusinessDocument): string {
  if (document.kind === 'statement') {
    throw new NotRenderable('A statement has no XML form; take PDF, CSV or JSON.');
  }
  if (document.voidedOn !== undefined) {
    // The model has no word for it, and whoever imported it would pay.
    throw new NotRenderable(
      `${document.number} is void since ${document.voidedOn}: it has no XML form; take PDF, CSV or JSON.`,
    );
  }
  const xml = renderUbl(document);
  const broken = checkUbl(xml);
  if (broken.length > 0) {
    throw new NotRenderable(
      `The XML would break these rules of JP PINT: ${broken.join(', ')}. ` +
        'An issuer in Japan needs its registration number (T and 13 digits).',
    );
  }
  return xml;
}
