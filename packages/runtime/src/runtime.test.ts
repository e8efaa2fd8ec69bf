import assert from 'node:assert/strict';
import test from 'node:test';
import { backoffMs, retry } from './backoff.ts';
import { createBatcher } from './batcher.ts';
import { systemClock } from './clock.ts';
import { isUuid, uuidv7 } from './identifiers.ts';
import { silentLogger } from './logger.ts';
import { startLoop } from './loop.ts';
import { createManualClock } from './manual-clock.ts';
import { seededRandom, systemRandom } from './random.ts';
import {
  bytesSetting,
  choiceSetting,
  durationSetting,
  integerSetting,
  secretSetting,
} from './setting-kinds.ts';
import { describeSettings, readSettings } from './settings.ts';

const epoch = new Date('2026-01-01T00:00:00Z');

test('a seed gives its sequence again, another seed another one, and fractions stay below one', () => {
  const draw = (seed: string) => {
    const random = seededRandom(seed);
    return [...random.bytes(8), ...Array.from({ length: 100 }, () => random.fraction())];
  };
  assert.deepEqual(draw('a'), draw('a'));
  assert.notDeepEqual(draw('a'), draw('b'));
  const mean =
    draw('c')
      .slice(8)
      .reduce((sum, value) => sum + value, 0) / 100;
  assert.ok(mean > 0.4 && mean < 0.6, `mean ${mean}`);
  assert.equal(systemRandom.bytes(70_000).length, 70_000);
});

test('identifiers are version 7 UUIDs that sort by time', () => {
  const first = uuidv7(epoch, systemRandom);
  const second = uuidv7(new Date(epoch.getTime() + 1), systemRandom);
  assert.match(first, /^019b76da-a800-7[0-9a-f]{3}-[89ab]/);
  assert.ok(isUuid(first) && first < second);
});

test('backoff is anything up to a bound that doubles up to its cap', () => {
  const bounds = { baseMs: 100, capMs: 1000 };
  const most = { bytes: () => new Uint8Array(), fraction: () => 1 };
  assert.deepEqual(
    [0, 1, 2, 3, 4, 5000].map((attempt) => backoffMs(attempt, bounds, most)),
    [100, 200, 400, 800, 1000, 1000],
  );
});

test('retry gives up at once for a failure that stays, and after its attempts for one that might not', async () => {
  const clock = createManualClock(epoch);
  let calls = 0;
  const failing = (shouldRetry: boolean) =>
    retry(
      async () => {
        calls += 1;
        throw new Error(`failure ${calls}`);
      },
      {
        attemptsMax: 3,
        shouldRetry: () => shouldRetry,
        requestedWaitMs: () => 5000,
        clock,
        random: seededRandom(1),
      },
    );
  await assert.rejects(failing(false), /failure 1/);
  const result = assert.rejects(failing(true), /failure 4/);
  await clock.advance(60_000);
  await result;
  assert.equal(calls, 4);
});

test('a loop runs at once, waits when idle, runs again when kicked, and never overlaps itself', async () => {
  const clock = createManualClock(epoch);
  const outcomes = ['again', 'idle', 'idle', 'idle'] as const;
  let [steps, running, most] = [0, 0, 0];
  const step = async () => {
    running += 1;
    most = Math.max(most, running);
    await Promise.resolve();
    running -= 1;
    return outcomes[steps++] ?? 'idle';
  };
  await using loop = startLoop({ name: 'test', everyMs: 1000, step, clock, log: silentLogger });
  await clock.advance(0);
  assert.equal(steps, 2);
  loop.kick();
  loop.kick();
  await clock.advance(0);
  assert.equal(steps, 3);
  await clock.advance(1000);
  assert.equal(steps, 4);
  assert.equal(most, 1);
});

test('a loop that fails is logged and tries again later, and disposal waits for the step that runs', async () => {
  const clock = createManualClock(epoch);
  const logged: object[] = [];
  let steps = 0;
  let ended = false;
  const loop = startLoop({
    name: 'test',
    everyMs: 1000,
    clock,
    random: seededRandom(1),
    log: { ...silentLogger, error: (fields) => logged.push(fields) },
    step: async (signal) => {
      steps += 1;
      if (steps < 3) {
        throw new Error('broken');
      }
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      ended = true;
    },
  });
  await clock.advance(5000);
  assert.equal(logged.length, 2);
  await loop[Symbol.asyncDispose]();
  assert.ok(ended);
});

test('a batcher flushes what came together as one, keeps order, and has one batch in flight', async () => {
  const batches: number[][] = [];
  let [inFlight, most] = [0, 0];
  const batcher = createBatcher<number, string>({
    itemsMax: 3,
    flush: async (items) => {
      batches.push(items);
      inFlight += 1;
      most = Math.max(most, inFlight);
      await new Promise((resolve) => setImmediate(resolve));
      inFlight -= 1;
      if (items.includes(13)) {
        throw new Error('unlucky');
      }
      return items.map(String);
    },
  });
  assert.deepEqual(await Promise.all([1, 2, 3, 4].map(batcher.push)), ['1', '2', '3', '4']);
  assert.deepEqual(batches, [[1, 2, 3], [4]]);
  const settled = await Promise.allSettled([12, 13].map(batcher.push));
  assert.deepEqual(
    settled.map(({ status }) => status),
    ['rejected', 'rejected'],
  );
  assert.equal(await batcher.push(5), '5');
  assert.equal(most, 1);
  await batcher.drain();
});

test('a batch whose flush loses a result is rejected rather than mixed up', async () => {
  const batcher = createBatcher<number, number>({ itemsMax: 10, flush: async (items) => items.slice(1) });
  await assert.rejects(Promise.all([batcher.push(1), batcher.push(2)]), /2 items gave 1 results/);
});

test('a failure that may be one item’s is that item’s alone, since each is flushed again by itself', async () => {
  const batcher = createBatcher<number, number>({
    itemsMax: 10,
    isOfOneItem: (error) => error instanceof RangeError,
    flush: async (items) => {
      if (items.includes(13)) throw new RangeError('unlucky');
      return items;
    },
  });
  const answers = await Promise.allSettled([1, 13, 3].map(batcher.push));
  assert.deepEqual(
    answers.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
});

test('a sleep ends early with the reason of its signal', async () => {
  const stop = new AbortController();
  const sleeping = systemClock.sleep(60_000, stop.signal);
  stop.abort(new Error('enough'));
  await assert.rejects(sleeping, /enough/);
  await assert.rejects(systemClock.sleep(1, stop.signal), /enough/);
});

const table = {
  port: integerSetting('Where to listen.', 7410, { max: 65_535 }),
  idleTimeout: durationSetting('How long to wait.', '90s'),
  bodyBytesMax: bytesSetting('Largest body.', '8MiB'),
  logLevel: choiceSetting('How much to say.', 'info', ['debug', 'info']),
  apiKey: secretSetting('The key.'),
};

test('settings are taken from flags, then the environment, then the file, then the default', () => {
  const settings = readSettings(table, {
    flags: { port: '1' },
    environment: { TAIKA_PORT: '2', TAIKA_IDLE_TIMEOUT: '2m' },
    file: { idleTimeout: '1s', bodyBytesMax: '1KiB' },
  });
  assert.deepEqual(settings, {
    port: 1,
    idleTimeout: 120_000,
    bodyBytesMax: 1024,
    logLevel: 'info',
    apiKey: undefined,
  });
});

test('a setting that cannot be used says which, where from and what was expected', () => {
  const reject = (sources: object, message: RegExp) =>
    assert.throws(() => readSettings(table, sources), message);
  reject(
    { flags: { port: '70000' } },
    /^SettingsError: --port must be an integer from 0 to 65535, not "70000"\.$/,
  );
  reject({ environment: { TAIKA_IDLE_TIMEOUT: '5' } }, /TAIKA_IDLE_TIMEOUT must be a duration such as/);
  reject(
    { file: { logLevel: 'loud' } },
    /"logLevel" in the settings file must be one of debug, info, not "loud"/,
  );
  reject({ file: { prot: 1 } }, /has "prot", which is no setting/);
  const environment = { TAIKA_PORT: '1', TAIKA_VENDOR_PORT: 'x' };
  reject({ environment, prefix: 'TAIKA_VENDOR_' }, /TAIKA_VENDOR_PORT must be an integer/);
});

test('two programs on one machine are set apart by the prefix of their variables', () => {
  const environment = { TAIKA_PORT: '1', TAIKA_VENDOR_PORT: '2' };
  assert.equal(readSettings(table, { environment }).port, 1);
  assert.equal(readSettings(table, { environment, prefix: 'TAIKA_VENDOR_' }).port, 2);
  assert.equal(readSettings(table, { environment, prefix: 'TAIKA_DISPATCH_' }).port, 7410);
  assert.match(describeSettings(table, 'TAIKA_VENDOR_'), /`TAIKA_VENDOR_PORT`/);
});

test('settings are documented from their table', () => {
  const text = describeSettings(table);
  assert.ok(
    text.includes('| `--idle-timeout` | `TAIKA_IDLE_TIMEOUT` | duration | `90s` | How long to wait. |'),
    text,
  );
});
