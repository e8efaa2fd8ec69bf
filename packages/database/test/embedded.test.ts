import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { connect } from '@taika/database/connect';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@taika/database/embedded';

/** A cluster made once; every test copies it, which is faster than making one. */
let root: string;
let count = 0;
before(async () => {
  root = await mkdtemp(join(tmpdir(), 'taika embedded '));
  await chmod(root, 0o711);
  await using first = await startEmbeddedPostgres({ directory: join(root, 'made') });
  assert.equal(first.adopted, false);
});
after(() => rm(root, { recursive: true, force: true }));

/** A fresh copy at a deep path with spaces. */
async function newDirectory(): Promise<string> {
  count += 1;
  const directory = join(root, `${'deep directory '.repeat(8)}${count}`);
  if (process.getuid?.() === 0) {
    execFileSync('cp', ['-a', join(root, 'made'), directory]);
  } else {
    await cp(join(root, 'made'), directory, { recursive: true });
  }
  return directory;
}

interface Started {
  readonly port: number;
  readonly adopted: boolean;
  readonly url: string;
}

function startProgram(directory: string): { child: ChildProcess; started: Promise<Started> } {
  const child = fork(fileURLToPath(new URL('./starter.ts', import.meta.url)), [directory], {
    detached: true,
  });
  const failed = once(child, 'exit').then(() => Promise.reject(new Error('The starter ended.')));
  failed.catch(() => {});
  return {
    child,
    started: Promise.race([once(child, 'message').then(([message]) => message as Started), failed]),
  };
}

async function stopProgram(child: ChildProcess): Promise<void> {
  child.send('stop');
  await once(child, 'exit');
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

async function withSql<T>(url: string, work: (sql: ReturnType<typeof connect>) => Promise<T>): Promise<T> {
  const sql = connect(url, { max: 1, applicationName: 'test' });
  try {
    return await work(sql);
  } finally {
    await sql.end();
  }
}

const pidOf = async (directory: string) =>
  Number((await readFile(join(directory, 'data/postmaster.pid'), 'utf8')).split('\n')[0]);

test('a server whose starter was killed is adopted with its data, and stopped by who adopted it', async () => {
  const directory = await newDirectory();
  const { child, started } = startProgram(directory);
  const { url, port } = await started;
  await withSql(url, (sql) => sql`create table kept as select 7 as number`);
  await kill(child);
  const adopted = await startEmbeddedPostgres({ directory });
  assert.equal(adopted.adopted, true);
  assert.equal(adopted.port, port);
  assert.deepEqual(
    [...(await withSql(adopted.url('postgres'), (sql) => sql`select * from kept`))],
    [{ number: 7 }],
  );
  await adopted.stop();
  await assert.rejects(pidOf(directory), { code: 'ENOENT' });
});

test('a server that was killed with its starter is recovered, although its pid file is stale', async () => {
  const directory = await newDirectory();
  const { child, started } = startProgram(directory);
  const { url } = await started;
  await withSql(url, (sql) => sql`create table kept as select 7 as number`);
  const pid = await pidOf(directory);
  await kill(child);
  process.kill(pid, 'SIGKILL');
  await using again = await startEmbeddedPostgres({ directory });
  assert.equal(again.adopted, false);
  assert.deepEqual(
    [...(await withSql(again.url('postgres'), (sql) => sql`select * from kept`))],
    [{ number: 7 }],
  );
});

test('a stale pid file that names a living process of somebody else does not keep the server from starting', async () => {
  const directory = await newDirectory();
  const lines = [process.pid, join(directory, 'data'), 1700000000, 1, '', '127.0.0.1', '', 'ready'];
  await writeFile(join(directory, 'data/postmaster.pid'), `${lines.join('\n')}\n`, { mode: 0o644 });
  await using postgres = await startEmbeddedPostgres({ directory });
  assert.equal(postgres.adopted, false);
});

test('when the wanted port is taken another one is used and logged', async () => {
  const directory = await newDirectory();
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const said: string[] = [];
  const say = (_fields: object, message?: string) => said.push(message ?? '');
  const log = { debug: say, info: say, warn: say, error: say };
  try {
    await using postgres = await startEmbeddedPostgres({ directory, port, log });
    assert.notEqual(postgres.port, port);
    assert.match(said.join(), /Port \d+ is taken/);
  } finally {
    server.close();
  }
});

test('two starters that race on a directory that does not exist share one server; the last one stops it', async () => {
  const directory = join(root, 'raced');
  const programs = [startProgram(directory), startProgram(directory)];
  const [first, second] = await Promise.all(programs.map(({ started }) => started));
  assert.equal(first?.port, second?.port);
  assert.deepEqual([first?.adopted, second?.adopted].sort(), [false, true]);
  await stopProgram(programs[0]!.child);
  await withSql(second!.url, (sql) => sql`select 1`);
  await stopProgram(programs[1]!.child);
  await assert.rejects(pidOf(directory), { code: 'ENOENT' });
});

test('a Ctrl-C in the terminal reaches the starter but not the server', async () => {
  const directory = await newDirectory();
  const { child, started } = startProgram(directory);
  const { url } = await started;
  // The starter leads a process group of its own here, as a terminal's foreground job does.
  process.kill(-child.pid!, 'SIGINT');
  await once(child, 'exit');
  await withSql(url, (sql) => sql`select 1`);
  await (await startEmbeddedPostgres({ directory })).stop();
});

test('it is durable, and its databases are made once', async () => {
  const directory = await newDirectory();
  await using postgres: EmbeddedPostgres = await startEmbeddedPostgres({ directory });
  await Promise.all([postgres.createDatabase('one'), postgres.createDatabase('one')]);
  const [row] = await withSql(
    postgres.url('one'),
    (sql) => sql`select current_setting('fsync') as fsync, current_setting('data_checksums') as checksums`,
  );
  assert.deepEqual({ ...row }, { fsync: 'on', checksums: 'on' });
});

test('an ordinary user starts it too', { skip: process.getuid?.() !== 0 && 'not root' }, async () => {
  const directory = await mkdtemp(join(tmpdir(), 'taika-user-'));
  await chmod(directory, 0o777);
  const starter = fileURLToPath(new URL('./starter.ts', import.meta.url));
  try {
    const child = fork(starter, [join(directory, 'made')], { uid: 65534, gid: 65534, cwd: '/' });
    const [{ adopted }] = await once(child, 'message');
    assert.equal(adopted, false);
    await stopProgram(child);
  } finally {
    await rm(directory, { recursive: true });
  }
});
