import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const parentProgram = fileURLToPath(new URL('parent-program.ts', import.meta.url));
const patienceMs = 5000;

for (const levelMax of [1, 2, 3]) {
  test(`a killed parent leaves no runner behind at level ${levelMax}, even while a program spins`, async () => {
    const parent = spawn(process.execPath, [parentProgram, String(levelMax)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = await once(createInterface({ input: parent.stdout }), 'line');
    const pid = Number(line);
    assert(isAlive(pid));
    parent.kill('SIGKILL');
    await once(parent, 'close');
    const deadline = performance.now() + patienceMs;
    while (isAlive(pid)) {
      assert(performance.now() < deadline, `Runner ${pid} lives on.`);
      await pause(20);
    }
  });
}

/** A zombie that waits for its new parent to notice has ended too. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const status = `/proc/${pid}/status`;
  return !existsSync(status) || !/^State:\s+Z/m.test(readFileSync(status, 'utf8'));
}
