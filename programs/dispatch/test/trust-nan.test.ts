/** Terminals on other hardware, whose NaN have another sign: no word of the reference's may be taken for proof of a lie. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import type { JobSpecText } from '@taika/protocol/dispatch/jobs';
import type { JobId } from '@taika/protocol/schema';
import { admitProgram } from '@taika/wasm/admit';
import { type Form, rewriteForms } from '@taika/wasm/rewrite';
import wabt from 'wabt';
import { trustAtOnce } from './support/final-lie.ts';
import { type Compute, createGrid, pause, type TestGrid, type TestWorker } from './support/grid.ts';
import { addOwnWorker } from './support/own-terminal.ts';
import { startTestDispatch, type TestDispatch } from './support/test-dispatch.ts';
import { assertEverythingEarnedOnce, assertTraceIsTrue } from './support/trust.ts';

const one = { unitsMax: 1 } as const;
const lines = (count: number) => Array.from({ length: count }, (_, index) => `line ${index}\n`).join('');

let dispatch: TestDispatch;
let grid: TestGrid;
let reference: TestWorker;
beforeEach(async () => {
  dispatch = await startTestDispatch();
  grid = await createGrid(dispatch.url, dispatch.operatorKey);
  reference = await addOwnWorker(dispatch, 'reference');
});
afterEach(() => dispatch[Symbol.asyncDispose]());

const sql = () => dispatch.server.context.sql;
const over = (jobId: JobId) => async () =>
  ['done', 'failed', 'cancelled'].includes((await grid.read(jobId)).state);

const assembler = await wabt();
const nan = '(f64.div (f64.load (i32.const 64)) (f64.load (i32.const 64)))';
const isNegative = '(i64.lt_s (i64.reinterpret_f64 (local.get $x)) (i64.const 0))';

/** Prints the sign of 0/0, as printf does: at equal fuel. */
const printsSign = programOf(`(i32.store (i32.const 0)
  (select (i32.const 45) (i32.const 43) ${isNegative}))`);
/** Takes another way where the sign is another. */
const branchesOnSign = programOf(`(if ${isNegative}
  (then (i32.store (i32.const 0) (i32.const 45)))
  (else (i32.store (i32.const 0) (i32.mul (i32.const 43) (i32.const 1)))))`);
/** Stores a NaN, and prints nothing of it. */
const hidesNan = programOf(`(f64.store (i32.const 80) (local.get $x))
  (i32.store (i32.const 0) (i32.const 43))`);

for (const [name, program, isSameFuel] of [
  ['prints the sign of 0/0', printsSign, true],
  ['takes another way by the sign of 0/0', branchesOnSign, false],
] as const) {
  test(`a program that ${name} convicts nobody whose machine has the other sign`, async () => {
    const own = program.run('fast');
    const other = program.run(own.output === '-' ? 'positive' : 'negative');
    assert.notEqual(own.output, other.output);
    assert.equal(own.fuel === other.fuel, isSameFuel);
    const arm = await grid.terminal();
    const jobId = await submit(program.bytes, 6);
    const isOver = over(jobId);
    await Promise.all([
      arm.workUntil(isOver, () => other, one),
      reference.workUntil(isOver, (_input, _unit, form) => program.run(form ?? 'fast'), one),
    ]);
    const view = await grid.read(jobId);
    assert.deepEqual([view.state, view.reason?.code], ['failed', 'depends-on-nan']);
    assert.deepEqual(await formsJudged(), [null, 'mixed', 'negative', 'positive', 'strict']);
    await assertNobodyRevoked();
  });
}

test('two who agree on a critical result that one form calls wrong are not convicted before all forms were run', async () => {
  const program = printsSign;
  const own = program.run('fast');
  const other = program.run(own.output === '-' ? 'positive' : 'negative');
  const [first, second] = [await trusted(), await trusted()];
  await areThere(2);
  const jobId = await submit(program.bytes, 1, { critical: { contains: other.output } });
  const isOver = over(jobId);
  await Promise.all([
    ...[first, second].map((worker) => worker.workUntil(isOver, () => other, one)),
    reference.workUntil(isOver, (_input, _unit, form) => program.run(form ?? 'fast'), one),
  ]);
  const view = await grid.read(jobId);
  assert.deepEqual([view.state, view.reason?.code], ['failed', 'depends-on-nan']);
  // The first judgement was by one form only.
  assert.deepEqual(await formsJudged(), [null, null, 'mixed', 'negative', 'positive', 'strict']);
  await assertNobodyRevoked();
});

for (const [name, lie] of [
  ['other bytes at equal fuel', { output: '!', fuel: hidesNan.run('fast').fuel }],
  ['other fuel', { output: '+', fuel: 2 * hidesNan.run('fast').fuel }],
] as const) {
  test(`a lie is one where a NaN is stored and changes nothing: ${name}`, async () => {
    const program = hidesNan;
    const [liar, honest] = [await grid.terminal(), await grid.terminal()];
    const jobId = await submit(program.bytes, 8);
    const isOver = over(jobId);
    let told = 0;
    const lying: Compute = () => (told++ === 1 ? lie : program.run('fast'));
    await Promise.all([
      liar.workUntil(isOver, lying, one).catch((error: unknown) => assert.match(String(error), /revoked/)),
      honest.workUntil(isOver, () => program.run('fast'), one),
      reference.workUntil(isOver, (_input, _unit, form) => program.run(form ?? 'fast'), one),
    ]);
    await grid.reach(jobId, 'done');
    assert.equal(await grid.result(jobId), '+'.repeat(8));
    const revoked = await sql()<{ id: string; revokeReason: string }[]>`
      select id, revoke_reason from terminal where state = 'revoked'
    `;
    assert.deepEqual(
      revoked.map((row) => ({ ...row })),
      told > 1 ? [{ id: liar.terminalId, revokeReason: 'trust: wrong-result' }] : [],
    );
    assert.ok(told > 1, 'The liar got a second unit to lie about.');
    assert.deepEqual(await formsJudged(), [null, 'mixed', 'negative', 'positive', 'strict']);
    await assertTraceIsTrue(sql());
    await assertEverythingEarnedOnce(sql());
  });
}

test('a program admitted by an older server gets the forms that judge when it is submitted again', async () => {
  await submit(printsSign.bytes, 1);
  await sql()`delete from program_artefact where kind in ('positive', 'negative', 'mixed')`;
  await submit(printsSign.bytes, 1);
  const kinds = await sql()<{ kind: string }[]>`select kind from program_artefact order by kind`;
  assert.deepEqual(
    kinds.map(({ kind }) => kind),
    ['fast', 'mixed', 'negative', 'positive', 'strict'],
  );
});

interface NanProgram {
  readonly bytes: Uint8Array;
  run(form: Form): { readonly output: string; readonly fuel: number };
}

/** A program with 0/0 in `$x`; run by this machine's engine, which prints what it leaves at address 0. */
function programOf(body: string): NanProgram {
  const wat = `(module (memory (export "memory") 1)
    (func (export "_start") (local $x f64) (local.set $x ${nan}) ${body}))`;
  const bytes = Uint8Array.from(assembler.parseWat('nan.wat', wat).toBinary({}).buffer);
  const forms = rewriteForms(admitProgram(bytes), { memoryPagesMax: 1024 });
  return {
    bytes,
    run(wanted) {
      const form = forms.find(({ artefact }) => artefact === wanted);
      assert.ok(form);
      const { exports } = new WebAssembly.Instance(new WebAssembly.Module(form.bytes as BufferSource));
      (exports._start as () => void)();
      const output = new Uint8Array((exports.memory as WebAssembly.Memory).buffer)[0] ?? 0;
      const fuel = (exports[form.fuelExport] as WebAssembly.Global).value as bigint;
      return { output: String.fromCharCode(output), fuel: Number(fuel) };
    },
  };
}

async function submit(program: Uint8Array, units: number, spec: Partial<JobSpecText> = {}): Promise<JobId> {
  const { sha256 } = await grid.upload(program);
  const jobId = await grid.submit(lines(units), {
    split: { by: 'lines', records: 1 },
    merge: { by: 'concat' },
    trust: 'standard',
    limits: { outputBytes: 65_536 },
    program: sha256,
    ...spec,
  });
  await grid.reach(jobId, 'running');
  return jobId;
}

/** Which forms the reference executor was asked to judge the first doubtful unit with. */
async function formsJudged(): Promise<(string | null)[]> {
  const rows = await sql()<{ artefact: string | null }[]>`
    select artefact
    from audit
    where kind = 'judge'
      and first_unit = (select min(first_unit) from audit where kind = 'judge')
    order by artefact nulls first
  `;
  return rows.map(({ artefact }) => artefact);
}

async function assertNobodyRevoked(): Promise<void> {
  const revoked = await sql()`select from terminal where state = 'revoked'`;
  assert.equal(revoked.length, 0);
  const forfeited = await sql()`select from points_entry where kind = 'forfeited' and fuel > 0`;
  assert.equal(forfeited.length, 0, 'Nobody lost points.');
  await assertTraceIsTrue(sql());
}

/** A terminal with so long a history that it is hardly ever drawn. */
async function trusted(): Promise<TestWorker> {
  const worker = await grid.terminal();
  await worker.cycle({ unitsMax: 0 });
  await trustAtOnce(sql(), worker, 1_000);
  return worker;
}

async function areThere(count: number): Promise<void> {
  for (;;) {
    const [row] = await sql()<{ there: number }[]>`select count(*)::int as there from terminal_presence`;
    if ((row?.there ?? 0) >= count) {
      return;
    }
    await pause();
  }
}
