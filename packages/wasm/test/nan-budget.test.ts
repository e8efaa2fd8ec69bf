/** What joining locals may cost a whole program, and what is done when it costs more. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import wabt from 'wabt';
import { admitProgram } from '../src/admit.ts';
import { planNan } from '../src/nan/plan-nan.ts';

const assembler = await wabt();

function admitted(body: string) {
  const text = `(module (memory (export "memory") 1) (func (export "_start") ${body}))`;
  return admitProgram(Uint8Array.from(assembler.parseWat('test.wat', text).toBinary({}).buffer));
}

test('beyond its budget a program has every arithmetic result made canonical, and only then', () => {
  // Only one of the two sums is seen: a loop joins the locals that hold them.
  const program = admitted(`(local $seen f64) (local $unseen f64)
    (loop (local.set $seen (f64.add (local.get $seen) (f64.load (i32.const 0))))
      (local.set $unseen (f64.add (local.get $unseen) (f64.load (i32.const 0))))
      (br_if 0 (f64.lt (local.get $unseen) (f64.const 9))))
    (f64.store (i32.const 8) (local.get $seen))`);
  const edits = (workMax?: number) => planNan(program, workMax).edits.length;
  const counts = Array.from({ length: 100 }, (_, workMax) => edits(workMax));
  const enough = counts.indexOf(1);
  assert.equal(edits(), 1);
  assert.ok(enough > 10);
  assert.deepEqual(
    counts,
    counts.map((_, workMax) => (workMax < enough ? 2 : 1)),
  );
});

for (const [functions, loops] of [
  [200, 1300],
  // Just within the budget, so that what reaches what is found out.
  [1, 500],
] as const) {
  test(`${functions} functions of 4,096 locals and ${loops} loops are rewritten, and the process grows by less than 512 MiB`, () => {
    const at = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);
    const script = `
    import { encodeModule } from ${at('./generator/encode.ts')};
    import { admitProgram } from ${at('../src/admit.ts')};
    import { rewriteProgram } from ${at('../src/rewrite.ts')};
    const loops = Array.from({ length: ${loops} }, () => [0x03, 0x40, 0x0b]).flat();
    // Stores a zero divided by itself: a NaN whose sign differs between machines.
    const start = [0x41, 0, 0x41, 32, 0x2b, 3, 0, 0x41, 32, 0x2b, 3, 0, 0xa3, 0x39, 3, 0];
    const bytes = encodeModule({
      types: [{ params: [], results: [] }],
      functions: [
        ...Array.from({ length: ${functions} }, () => ({ type: 0, locals: new Array(4096).fill(0x7c), code: loops })),
        { type: 0, locals: [], code: start },
      ],
      memory: { min: 1 },
      exports: [
        { name: 'memory', kind: 2, index: 0 },
        { name: '_start', kind: 0, index: ${functions} },
      ],
    });
    const before = process.resourceUsage().maxRSS;
    const strict = rewriteProgram(admitProgram(bytes), { artefact: 'strict', memoryPagesMax: 16 });
    const grownKiB = process.resourceUsage().maxRSS - before;
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(strict.bytes));
    exports._start();
    const stored = new DataView(exports.memory.buffer).getBigUint64(0, true).toString(16);
    console.log(JSON.stringify({ grownKiB, stored, nanSinks: strict.nanSinks }));`;
    const child = spawnSync(process.execPath, ['--input-type=module-typescript', '--eval', script], {
      encoding: 'utf8',
      timeout: 60_000,
    });
    assert.equal(child.status, 0, child.stderr);
    const { grownKiB, stored, nanSinks } = JSON.parse(child.stdout);
    assert.ok(grownKiB < 512 * 1024, `${grownKiB} KiB`);
    assert.deepEqual({ stored, nanSinks }, { stored: 'f'.repeat(16), nanSinks: 1 });
  });
}
