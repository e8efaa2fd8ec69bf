import type { BusinessDocument } from './document.ts';

/** A document as JSON; amounts are text, in thousandths of the currency's smallest coin. */
export function renderJson(document: BusinessDocument): string {
  const text = (_name: string, value: unknown) => (typeof value === 'bigint' ? value.toString() : value);
  return `${JSON.stringify(document, text, 2)}\n`;
}
