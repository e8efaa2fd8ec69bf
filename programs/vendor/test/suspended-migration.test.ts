import assert from 'node:assert/strict';
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { migrate } from '@taika/database/migrate';
import { createTestDatabase } from '@taika/database/test-database';
import { inTransaction } from '@taika/database/transaction';
import { ledgerMigrations } from '@taika/ledger/migrations';
import { vendorMigrations } from '../src/migrations.ts';

test('what a version of before revoked is suspended, so that the contractor is asked for its last word', async () => {
  await using stack = new AsyncDisposableStack();
  const before = await mkdtemp(join(tmpdir(), 'taika-migrations-'));
  stack.defer(() => rm(before, { recursive: true, force: true }));
  const directory = fileURLToPath(vendorMigrations.directory);
  for (const file of await readdir(directory)) {
    if (file < '0032') {
      await cp(join(directory, file), join(before, file));
    }
  }
  const { sql } = stack.use(await createTestDatabase({ migrations: [ledgerMigrations] }));
  const { component } = vendorMigrations;
  await migrate(sql, { component, directory: before });
  const states = ['licensed', 'not-computing', 'revoked', 'ended'];
  await inTransaction(sql, async (tx) => {
    // Licenses alone: no member or product is of interest here.
    await tx`set local session_replication_role = replica`;
    for (const state of states) {
      await tx`
        insert into license (id, registration_id, member_id, product, state, key_hash, key_hint, created_at)
        values (gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'editor', ${state}, ${state}, 'AAAAA', now())
      `;
    }
  });
  const applied = await migrate(sql, vendorMigrations);
  assert.ok(applied.some((name) => name.includes('0032')));
  const rows = await sql<{ was: string; state: string }[]>`
    select key_hash as was, state from license order by created_at, key_hash
  `;
  assert.deepEqual(
    Object.fromEntries(rows.map(({ was, state }) => [was, state])),
    Object.fromEntries(states.map((state) => [state, state === 'revoked' ? 'suspended' : state])),
  );
  const events = await sql`select from_state, to_state from license_event`;
  assert.deepEqual([...events], [{ fromState: 'revoked', toState: 'suspended' }]);
});
