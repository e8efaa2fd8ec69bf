/**
 * Most memory of the command `taika submit` with a large file, against a server process: the command of the customer as it
 * is, which reads the file, tells its digest, uploads and submits. One JSON line. `--mebibytes N` (default 2048).
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { JobId } from '@taika/protocol/schema';
import { smallestProgram } from '../../programs/dispatch/test/support/grid.ts';
import { startBenchGrid } from './grid.ts';

const { values } = parseArgs({ options: { mebibytes: { type: 'string', default: '2048' } } });
const mebibytes = Number(values.mebibytes);
const main = fileURLToPath(new URL('../../programs/taika/src/main.ts', import.meta.url));
/** Loaded before the command: tells on the fourth descriptor how much memory its process needed. */
const tellMemory = `data:text/javascript,${encodeURIComponent(
  `import { writeSync } from 'node:fs';
  process.on('exit', () => writeSync(3, String(process.resourceUsage().maxRSS)));`,
)}`;

await using bench = await startBenchGrid();
const folder = join(bench.directory, 'customer');
await mkdir(folder);
await writeFile(join(folder, 'program.wasm'), smallestProgram);
await writeFile(
  join(folder, 'job.yaml'),
  'name: large\nprogram: ./program.wasm\ninput: ./input.txt\nsplit: { by: lines, records: 256 }\n' +
    'merge: { by: lines }\nprivacy: public\n',
);
const input = join(folder, 'input.txt');
await pipeline(Readable.from(chunks()), createWriteStream(input));
await taika(['login', '--url', bench.server.url, '--key', bench.grid.customerKey, '--json']);
const idle = await taika(['jobs', '--json']);
const startMs = performance.now();
const submitted = await taika(['submit', join(folder, 'job.yaml'), '--yes', '--json', '--quiet']);
const submitMs = performance.now() - startMs;
const { jobId } = JSON.parse(submitted.out) as { jobId: JobId };
const { units } = await bench.grid.reach(jobId, 'running');
console.log(
  JSON.stringify({
    bench: 'client-submit-memory',
    mebibytes: (await stat(input)).size / 2 ** 20,
    units: units.total,
    seconds: Math.round(submitMs / 100) / 10,
    submitPeakRssMiB: submitted.maxRssMiB,
    listJobsPeakRssMiB: idle.maxRssMiB,
    serverPeakRssMiB: Math.round((await bench.server.usage()).maxRssMiB),
  }),
);

/** Runs the command line as a process of its own; what it prints, and the most memory that it needed. */
async function taika(
  words: readonly string[],
): Promise<{ readonly out: string; readonly maxRssMiB: number }> {
  const child = spawn(process.execPath, ['--import', tellMemory, main, ...words], {
    env: { ...process.env, TAIKA_HOME: folder },
    stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
  });
  const [out, memory, [code]] = await Promise.all([
    text(child.stdio[1] as Readable),
    text(child.stdio[3] as Readable),
    once(child, 'exit'),
  ]);
  if (code !== 0) {
    throw new Error(`taika ${words[0]} ended with ${code}.`);
  }
  return { out, maxRssMiB: Math.round(Number(memory) / 1024) };
}

/** Lines of 1 KiB, each with its own beginning, a mebibyte at a time. */
function* chunks(): Generator<Buffer> {
  for (let mebibyte = 0; mebibyte < mebibytes; mebibyte++) {
    const lines = Array.from({ length: 1024 }, (_unused, at) =>
      `${mebibyte} ${at} `.padEnd(1023, 'x').concat('\n'),
    );
    yield Buffer.from(lines.join(''));
  }
}
