import { Marked } from 'marked';

/** Addresses that a document may point to; everything else (`javascript:`, `data:`, `file:`) is shown as text. */
const safeAddress = /^(https?:|mailto:|#|\.{0,2}\/|[^:/?#]*([/?#]|$))/i;

/** A checked image may also carry its pixels itself. */
const safeImage = /^data:image\/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/=]+$/;

const marked = new Marked({
  gfm: true,
  renderer: {
    // HTML in a document is shown, not obeyed: so no script, style or form of a document ever runs.
    html: (token) => (token.block ? `<p>${escapeHtml(token.text)}</p>\n` : escapeHtml(token.text)),
    link({ href, title, tokens }) {
      const text = this.parser.parseInline(tokens);
      if (!isSafe(href)) return text;
      const shown = title ? ` title="${escapeHtml(title)}"` : '';
      return `<a href="${escapeHtml(href)}"${shown} rel="noreferrer noopener" target="_blank">${text}</a>`;
    },
    image({ href, title, text }) {
      if (!isSafe(href) && !safeImage.test(href)) return escapeHtml(text);
      const shown = title ? ` title="${escapeHtml(title)}"` : '';
      return `<img src="${escapeHtml(href)}" alt="${escapeHtml(text)}"${shown}>`;
    },
  },
});

/** A document's Markdown as HTML in which nothing is executable. */
export function renderMarkdown(markdown: string): string {
  return marked.parse(markdown, { async: false });
}

/** Text as it appears in HTML, between tags or in a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

/** Browsers overlook spaces and control characters in an address, so they are taken out before it is judged. */
function isSafe(address: string): boolean {
  return safeAddress.test(decodeEntities(address).replace(/[\p{Cc}\s]/gu, ''));
}

function decodeEntities(text: string): string {
  return text
    .replace(/&#(?:x([0-9a-f]+)|(\d+));?/gi, (_all, hex, decimal) => {
      const point = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
      return point <= 0x10ffff ? String.fromCodePoint(point) : '';
    })
    .replace(/&(colon|Tab|NewLine);?/g, (_all, name) => (name === 'colon' ? ':' : ''));
}
