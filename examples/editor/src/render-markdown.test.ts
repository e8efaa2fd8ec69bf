import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderMarkdown } from './render-markdown.ts';

test('Markdown becomes HTML: headings, lists, tables, code, links', () => {
  const html = renderMarkdown(
    '# Title\n\n- one\n- **two**\n\n| a | b |\n| - | - |\n| 1 | 2 |\n\n`x < y` [link](https://example.org "t")',
  );
  for (const part of [
    '<h1>Title</h1>',
    '<strong>two</strong>',
    '<td>1</td>',
    '<code>x &lt; y</code>',
    'href="https://example.org"',
  ]) {
    assert.ok(html.includes(part), `${part} in ${html}`);
  }
});

test('nothing in a document is executable', () => {
  const attacks = [
    '<script>alert(1)</script>',
    'text <img src=x onerror=alert(1)> text',
    '<svg/onload=alert(1)>',
    '[x](javascript:alert(1))',
    '[x](JaVaScRiPt:alert(1))',
    '[x](java\tscript:alert(1))',
    '[x](&#106;avascript:alert(1))',
    '[x](javascript&colon;alert(1))',
    '[x](vbscript:msgbox)',
    '[x](data:text/html,<script>alert(1)</script>)',
    '![x](javascript:alert(1))',
    '![x](data:image/svg+xml;base64,PHN2Zz4=)',
    '[x]: javascript:alert(1)\n\n[x]',
    '<javascript:alert(1)>',
    '![" onerror="alert(1)](x.png)',
    '[a](x.html "\\" onclick=\\"alert(1)")',
    '```" onmouseover="alert(1)\ncode\n```',
  ];
  for (const attack of attacks) {
    const html = renderMarkdown(attack);
    assert.doesNotMatch(html, /<(script|svg|iframe|style|form|input(?! [^>]*type="checkbox"))/i, attack);
    const tags = html.replace(/"[^"]*"/g, '""');
    assert.doesNotMatch(tags, /<[^>]+\s(on\w+)\s*=/i, `${attack} → ${html}`);
    assert.doesNotMatch(
      html,
      /(href|src)="\s*(javascript|vbscript|data:text|data:image\/svg)/i,
      `${attack} → ${html}`,
    );
  }
});
