import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openBrowser } from '../src/browser.ts';

test('the packaged Chromium renders a page and runs WebAssembly', async () => {
  await using browser = await openBrowser();
  const page = await browser.newPage();
  await page.setContent('<h1>対価</h1>');
  assert.equal(await page.textContent('h1'), '対価');
  assert.equal(await page.evaluate(() => typeof WebAssembly.Module), 'function');
});
