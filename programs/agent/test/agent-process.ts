import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitFor } from '@taika/testing/wait-for';
import { buildAgentArtifact } from '../src/build-artifact.ts';
import type { AgentStatus } from '../src/core/status.ts';

/** Built once for a test process: what a vendor hands out is what is tested, and it starts much faster than the source. */
let built: Promise<string> | undefined;

function builtAgent(): Promise<string> {
  built ??= (async () => {
    const directory = mkdtempSync(join(tmpdir(), 'taika-built-'));
    process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
    return (await buildAgentArtifact({ outFile: join(directory, 'taika-agent.mjs') })).file;
  })();
  return built;
}

/** The agent as a member runs it: real processes over one home. */
export interface AgentProcess extends AsyncDisposable {
  readonly home: string;
  /** Runs a command to its end. */
  command(
    ...words: string[]
  ): Promise<{ readonly code: number | null; readonly out: string; readonly err: string }>;
  /** Runs a command that must succeed, and gives what it printed. */
  ok(...words: string[]): Promise<string>;
  /** Starts `run` and waits until it answers. */
  run(...words: string[]): Promise<ChildProcess>;
  status(): Promise<AgentStatus>;
  /** Registers, consents, and leaves the agent ready to run. */
  prepare(vendorUrl: string, product?: string): Promise<void>;
}

export interface AgentProcessOptions {
  readonly homeName?: string;
}

export async function createAgentProcess({
  homeName = 'home',
}: AgentProcessOptions = {}): Promise<AgentProcess> {
  const entry = await builtAgent();
  const scratch = mkdtempSync(join(tmpdir(), 'taika-agent-'));
  const home = join(scratch, homeName);
  const environment = { PATH: process.env.PATH, TMPDIR: tmpdir(), HOME: scratch, TAIKA_AGENT_HOME: home };
  const children = new Set<ChildProcess>();

  function start(words: readonly string[]) {
    const child = spawn(process.execPath, [entry, ...words], {
      cwd: scratch,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.add(child);
    child.on('exit', () => children.delete(child));
    return child;
  }

  const agent: AgentProcess = {
    home,
    async command(...words) {
      const child = start(words);
      let [out, err] = ['', ''];
      child.stdout.on('data', (chunk) => (out += chunk));
      child.stderr.on('data', (chunk) => (err += chunk));
      const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
      return { code, out, err };
    },
    async ok(...words) {
      const { code, out, err } = await agent.command(...words);
      if (code !== 0) throw new Error(`${words.join(' ')} ended with ${code}: ${err}${out}`);
      return out;
    },
    async run(...words) {
      const child = start(['run', ...words]);
      let said = '';
      child.stdout.on('data', (chunk) => (said += chunk));
      child.stderr.on('data', (chunk) => (said += chunk));
      await waitFor(`the agent runs: ${said}`, () => {
        if (child.exitCode !== null) throw new Error(`The agent ended: ${said}`);
        return said.includes('Applications reach it');
      });
      return child;
    },
    status: async () => JSON.parse(await agent.ok('status', '--json')) as AgentStatus,
    async prepare(vendorUrl, product = 'editor') {
      await agent.ok(
        'register',
        '--vendor',
        vendorUrl,
        '--product',
        product,
        '--name',
        'A Member',
        '--contact',
        'a@example.org',
      );
      await agent.ok('consent', '--accept-terms', '2026-11', '--cores', '2');
    },
    async [Symbol.asyncDispose]() {
      const ends = [...children].map((child) => new Promise((resolve) => child.on('exit', resolve)));
      for (const child of children) child.kill('SIGKILL');
      await Promise.all(ends);
      rmSync(scratch, { recursive: true, force: true });
    },
  };
  return agent;
}
