/** What trust costs, told while it is spent: by HTTP and by `contractor trust`, against what the database says was computed. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { TrustCostsText } from '@taika/protocol/dispatch/trust';
import { createGrid, type TestGrid } from './support/grid.ts';
import { addOwnWorker } from './support/own-terminal.ts';
import { startTestDispatch, type TestDispatch } from './support/test-dispatch.ts';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const lines = (count: number) => Array.from({ length: count }, (_, index) => `line ${index}\n`).join('');

let dispatch: TestDispatch;
let grid: TestGrid;
before(async () => {
  dispatch = await startTestDispatch();
  grid = await createGrid(dispatch.url, dispatch.operatorKey);
});
after(() => dispatch?.[Symbol.asyncDispose]());

const contractorTrust = (...flags: string[]) =>
  new Promise<string>((resolve, reject) => {
    const at = ['--url', dispatch.url, '--operator-key-file', dispatch.server.operatorKeyFile];
    execFile(process.execPath, [main, 'trust', ...at, ...flags], (error, out) =>
      error === null ? resolve(out) : reject(error),
    );
  });

test('before anything was checked nothing is promised', async () => {
  const { trust } = JSON.parse(await contractorTrust('--json')) as { trust: TrustCostsText };
  assert.deepEqual(
    [trust.jobs, trust.finalUnits, trust.executionsPerFinalUnit, trust.referenceShare, trust.wrongShareMax],
    [0, '0', 0, 0, 1],
  );
  assert.equal(trust.finalWrongShareMax, 1);
  assert.equal(trust.finalAfterSeconds, undefined);
  assert.match(await contractorTrust(), /from commit to final +nothing is final yet/);
});

test('executions, share of the reference, time to final and expected error are those of what was computed', async () => {
  const jobId = await grid.submit(lines(40), {
    split: { by: 'lines', records: 1 },
    merge: { by: 'lines' },
    trust: 'standard',
  });
  const reference = await addOwnWorker(dispatch, 'reference');
  const workers = [await grid.terminal(), await grid.terminal()];
  const isDone = async () => (await grid.read(jobId)).state === 'done';
  await Promise.all([...workers, reference].map((worker) => worker.workUntil(isDone)));
  const { sql } = dispatch.server.context;
  const [counted] = await sql<{ executions: number; byReference: number; seconds: number }[]>`
    select (select sum(units)::int from result) as executions,
           (
             select coalesce(sum(result.units), 0)::int
             from result
             join terminal on terminal.number = result.terminal_number
             where terminal.role = 'reference'
           ) as by_reference,
           (select max(extract(epoch from final_at - committed_at))::float8 from trust_run) as seconds
  `;
  assert.ok(counted);
  const { trust } = JSON.parse(await contractorTrust('--json')) as { trust: TrustCostsText };
  assert.equal(trust.finalUnits, '40');
  assert.equal(trust.executionsPerFinalUnit, counted.executions / 40);
  assert.equal(trust.referenceShare, counted.byReference / counted.executions);
  assert.ok(trust.referenceShare > 0 && trust.executionsPerFinalUnit > 1);
  const { median = 0, p99 = 0 } = trust.finalAfterSeconds ?? {};
  assert.ok(median > 0 && p99 >= median && p99 <= counted.seconds);
  const drawn = Number(trust.checksDrawn);
  assert.ok(drawn > 0);
  assert.equal(trust.checksFailed, '0');
  // None of n found wrong: 1 − 0.05^(1/n) is the greatest share that is still likely (Clopper and Pearson).
  assert.ok(Math.abs(trust.wrongShareMax - (1 - 0.05 ** (1 / drawn))) < 1e-9);
  assert.ok(trust.finalWrongShareMax <= trust.wrongShareMax);
  const text = await contractorTrust();
  assert.ok(text.includes(`executions per final unit   ${trust.executionsPerFinalUnit.toFixed(3)}`), text);
  assert.ok(text.includes(`by the reference executor   ${(trust.referenceShare * 100).toFixed(2)} %`), text);
  assert.ok(
    text.includes(`final and wrong, at most    ${(trust.finalWrongShareMax * 100).toFixed(3)} %`),
    text,
  );
});
