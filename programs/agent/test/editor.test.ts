/** The sample application and the agent together, both as a vendor ships them, in a real browser. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildEditorArtifact } from '@taika/example-editor/build-artifact';
import { openBrowser } from '@taika/testing/browser';
import { waitFor } from '@taika/testing/wait-for';
import { createAgentProcess } from './agent-process.ts';
import { startStandIn } from './stand-in.ts';

const notes = `# A week in the mountains

Some words with **weight**, a [link](https://example.org), and a formula: \`F = 8\`.

## What to take

- a map and a compass
- bread, cheese, two apples
- *patience*

> The forecast is a promise that nobody made.

| Day | Height | Weather |
| --- | ---: | --- |
| Monday | 1,240 m | clear |
| Tuesday | 2,115 m | wind from the north |

<script>document.title = 'attacked'</script>
<img src=x onerror="document.title = 'attacked'">
`;

test('the editor edits while the agent runs, keeps saving and exporting without it, and edits again when it is back', async () => {
  await using stand = await startStandIn();
  await using agent = await createAgentProcess();
  await agent.prepare(stand.url);
  let running = await agent.run();
  const { sockets } = await agent.status();
  await using editor = await startEditor(stand.vendor.publicKey, sockets.link);
  await using browser = await openBrowser();
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  await page.goto(editor.url);
  const license = page.locator('#license-text');
  const text = page.locator('#text');
  await waitFor('it is licensed', async () => (await license.textContent()) === 'Licensed');
  await waitFor(
    'the document is shown',
    async () => (await page.locator('#preview h1').textContent()) === 'A week in the mountains',
  );

  await text.fill(`${notes}\n\nOne more line.`);
  await waitFor('the preview follows', async () =>
    (await page.locator('#preview').textContent())?.includes('One more line.'),
  );
  if (process.env.EDITOR_SCREENSHOT) await page.screenshot({ path: process.env.EDITOR_SCREENSHOT });

  await agent.ok('stop');
  await waitFor('it is restricted at once', async () => (await license.textContent()) === 'Not licensed', {
    timeoutMs: 5000,
  });
  assert.equal(await text.isEditable(), false);
  assert.match((await page.locator('#notice').textContent()) ?? '', /saving and exporting still work/);
  assert.equal(await page.locator('#new').isDisabled(), true);
  await page.locator('#save').click();
  await waitFor('it is saved', () =>
    readFileSync(join(editor.directory, 'notes.md'), 'utf8').endsWith('One more line.'),
  );
  await page.locator('#export').click();
  await waitFor('it is exported', () => existsSync(join(editor.directory, 'notes.html')));
  assert.doesNotMatch(readFileSync(join(editor.directory, 'notes.html'), 'utf8'), /<script|<img src=x/);
  await page.getByRole('button', { name: 'other.md' }).click();
  await waitFor('another document opens', async () => (await text.inputValue()) === '# Other');
  if (process.env.EDITOR_SCREENSHOT)
    await page.screenshot({ path: `${process.env.EDITOR_SCREENSHOT}.restricted.png` });

  await waitFor('the agent has ended', () => running.exitCode !== null);
  running = await agent.run();
  await waitFor(
    'it is licensed again, without a reload',
    async () => (await license.textContent()) === 'Licensed',
  );
  assert.equal(await text.isEditable(), true);
  await page.locator('#new').click();
  await page.locator('#new-name').fill('plan');
  await page.locator('#new-name').press('Enter');
  await waitFor('a document was made', () => existsSync(join(editor.directory, 'plan.md')));

  running.kill('SIGKILL');
  await waitFor('the agent is gone', () => running.signalCode !== null);
  await text.fill('# plan\n\nWritten after the crash.');
  await page.keyboard.press('Control+s');
  await waitFor('the lease lives on after a crash', () =>
    readFileSync(join(editor.directory, 'plan.md'), 'utf8').includes('after the crash'),
  );
  assert.equal(await license.textContent(), 'Licensed');
  assert.ok(!(await page.title()).includes('attacked'));
  assert.deepEqual(problems, []);
});

async function startEditor(
  vendorKey: Parameters<typeof buildEditorArtifact>[0]['vendorKey'],
  socket: string,
) {
  const scratch = mkdtempSync(join(tmpdir(), 'taika-editing-'));
  const directory = join(scratch, 'documents');
  mkdirSync(directory);
  writeFileSync(join(directory, 'notes.md'), notes);
  writeFileSync(join(directory, 'other.md'), '# Other');
  const { file, bytes } = await buildEditorArtifact({
    outFile: join(scratch, 'taika-editor.mjs'),
    vendorKey,
  });
  assert.ok(bytes < 250_000, `${bytes} bytes`);
  const environment = { PATH: process.env.PATH, HOME: scratch, TAIKA_AGENT_SOCKET: socket };
  const child: ChildProcess = spawn(process.execPath, [file, join(directory, 'notes.md'), '--no-open'], {
    cwd: scratch,
    env: environment,
  });
  let said = '';
  child.stdout?.on('data', (chunk) => {
    said += chunk;
  });
  const url = await waitFor('the editor says its address', () => /http:\S+/.exec(said)?.[0]);
  return {
    url,
    directory,
    async [Symbol.asyncDispose]() {
      const ended = new Promise((resolve) => child.on('exit', resolve));
      child.kill();
      await ended;
      rmSync(scratch, { recursive: true, force: true });
    },
  };
}
