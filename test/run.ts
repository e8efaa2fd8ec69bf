/**
 * Runs the tests: `node test/run.ts` all of them, `node test/run.ts unit` those beside the source files, which
 * need no database, no process and no browser; any other words are parts of file paths to run only those.
 * A run in which no test ran fails: the runner itself would call it a success.
 */
import { spawn } from 'node:child_process';
import { globSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const roots = ['packages', 'programs', 'examples'];
const unitFiles = roots.flatMap((root) => globSync(`${root}/*/src/**/*.test.ts`));
const otherFiles = [
  ...roots.flatMap((root) => globSync(`${root}/*/test/**/*.test.ts`)),
  ...globSync('test/**/*.test.ts'),
];

const words = process.argv.slice(2);
const files = chooseFiles(words).sort();
if (files.length === 0) {
  console.error(`No test file matches ${words.join(' ')}.`);
  process.exit(2);
}

/**
 * The files report in their order, so that no result for this long is one file that stands still: the runner's own
 * limit on tests ends neither a file that never comes back to its event loop nor one whose failed test left a server
 * running. What such a server prints is no result.
 */
const silenceMsMax = Number(process.env.TAIKA_TEST_SILENCE_MS ?? 12 * 60_000);
const aResult = /^\s*[✔✖﹣▶]/m;

/** Everything the tests leave behind goes here and is removed at the end: databases, browsers, sockets. */
const scratch = await mkdtemp(join(tmpdir(), 'taika-test-'));
const status = await runFiles(files, scratch);
await rm(scratch, { recursive: true, force: true, maxRetries: 5 });
process.exit(status);

function chooseFiles(words: readonly string[]): string[] {
  if (words.length === 0) return [...unitFiles, ...otherFiles];
  if (words.length === 1 && words[0] === 'unit') return unitFiles;
  return [...unitFiles, ...otherFiles].filter((file) => words.some((word) => file.includes(word)));
}

async function runFiles(files: readonly string[], scratch: string): Promise<number> {
  const runner = spawn(
    process.execPath,
    ['--test', '--test-concurrency=2', '--test-reporter=spec', ...files],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        // Behind all other programs, the agents of one test would stand still while another test computes.
        TAIKA_AGENT_PRIORITY: 'ordinary',
        // Hundreds of processes start from the same sources; compiling them once saves each a third of its start.
        NODE_COMPILE_CACHE: join(scratch, 'compiled'),
        ...process.env,
        // Its lines are read here: coloured, they would begin with an escape.
        FORCE_COLOR: '0',
        TAIKA_TEST_SCRATCH: scratch,
      },
    },
  );
  let tail = '';
  let stoodStill = false;
  const silence = setTimeout(() => {
    stoodStill = true;
    runner.kill('SIGTERM'); // It ends its children and names the files they were running.
  }, silenceMsMax);
  runner.stdout.on('data', (chunk: Buffer) => {
    process.stdout.write(chunk);
    const text = chunk.toString('utf8');
    if (aResult.test(text)) silence.refresh();
    tail = (tail + text).slice(-20_000);
  });
  const code = await new Promise<number>((resolve) => runner.on('close', (code) => resolve(code ?? 1)));
  clearTimeout(silence);
  if (stoodStill) {
    console.error(
      `Nothing was reported for ${silenceMsMax / 1000} seconds: the file named above stands still.`,
    );
    return 1;
  }
  const ran = Number(/^ℹ tests (\d+)/m.exec(tail)?.[1] ?? 0);
  if (ran === 0) {
    console.error('No test ran: that is a failure.');
    return 1;
  }
  return code;
}
