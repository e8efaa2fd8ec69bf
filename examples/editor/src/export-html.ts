import { escapeHtml, renderMarkdown } from './render-markdown.ts';

/** Says that a file is an export, which the next one may replace. */
export const exportMark = '<meta name="generator" content="taika-editor export">';

/** A document as a page that stands alone: readable anywhere, with nothing that runs. */
export function exportHtml(name: string, markdown: string): string {
  const title = /^#\s+(.+)$/m.exec(markdown)?.[1] ?? name;
  return `<!doctype html>
<html>
<head>
<meta charset="utf-8">
${exportMark}
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>
body { max-width: 44rem; margin: 3rem auto; padding: 0 1.25rem; font: 1.05rem/1.65 Georgia, "Noto Serif", serif; color: #1f2328; }
h1, h2, h3, h4 { font-family: system-ui, sans-serif; line-height: 1.25; margin: 2em 0 .6em; }
h1 { margin-top: 0; }
code, pre { font-family: ui-monospace, Menlo, Consolas, monospace; font-size: .9em; background: #f4f2ee; border-radius: 4px; }
code { padding: .1em .3em; } pre { padding: 1rem; overflow-x: auto; } pre code { padding: 0; }
blockquote { margin: 1.2em 0; padding-left: 1rem; border-left: 3px solid #d8d2c6; color: #57534a; }
table { border-collapse: collapse; } th, td { border: 1px solid #ddd7cc; padding: .35rem .7rem; }
img { max-width: 100%; }
</style>
</head>
<body>
${renderMarkdown(markdown)}</body>
</html>
`;
}
