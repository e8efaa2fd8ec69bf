import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { profileFileName } from '@taika/protocol/profile';
import { NoSuchAgentError, resolveHome } from './home.ts';

test('a profile’s agent is chosen by its name, the first without one, and the others are known', () => {
  const folder = mkdtempSync(join(tmpdir(), 'taika-profile-'));
  const agents = ['anna', 'bert'].map((name) => ({ name, home: join(folder, name) }));
  writeFileSync(join(folder, profileFileName), JSON.stringify({ agents }));
  const environment = { TAIKA_HOME: folder };
  const names = ['anna', 'bert'];
  const anna = { home: join(folder, 'anna'), isOwn: false, profile: { name: 'anna', names } };
  const bert = { home: join(folder, 'bert'), isOwn: false, profile: { name: 'bert', names } };
  assert.deepEqual(resolveHome({}, environment), anna);
  assert.deepEqual(resolveHome({ agent: 'bert' }, environment), bert);
  assert.throws(() => resolveHome({ agent: 'carl' }, environment), NoSuchAgentError);
  assert.deepEqual(resolveHome({ home: folder }, environment), { home: folder, isOwn: false });
  assert.equal(resolveHome({}, { ...environment, TAIKA_AGENT_HOME: '/elsewhere' }).home, '/elsewhere');
  rmSync(folder, { recursive: true });
});
