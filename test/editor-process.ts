/** The application as its member starts it: the downloaded file, a process of its own, asked as its page asks it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { LicenseStatus } from '@taika/license/open-license';
import { waitFor } from '@taika/testing/wait-for';

export interface EditorProcess extends AsyncDisposable {
  /** Calls one of its actions: `ask('save', { name, text, version })`. */
  ask(
    action: string,
    body?: Readonly<Record<string, string>>,
  ): Promise<{ readonly status: number; readonly json: Record<string, unknown> }>;
  /** Waits until its license is in this state, or one of these; gives the code of the reason. */
  licensed(
    state: LicenseStatus['state'] | readonly LicenseStatus['state'][],
    timeoutMs?: number,
  ): Promise<string>;
}

/** Starts the editor on a folder of documents. `environment` says where the agent is. */
export async function startEditor(
  command: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<EditorProcess> {
  const [program = '', ...words] = command;
  const child = spawn(program, [...words, '--no-open'], { env: { ...process.env, ...environment } });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  const url = await waitFor('the editor says its address', () => {
    if (child.exitCode !== null) throw new Error(said);
    return /http:\S+/.exec(said)?.[0];
  });
  const token = new URL(url).searchParams.get('token') ?? '';
  const ask: EditorProcess['ask'] = async (action, body = {}) => {
    const response = await fetch(new URL(`/api/${action}`, url), {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-editor-token': token },
      body: JSON.stringify(body),
    });
    return { status: response.status, json: (await response.json()) as Record<string, unknown> };
  };
  return {
    ask,
    licensed: (state, timeoutMs = 30_000) =>
      waitFor(
        `the license is ${state}`,
        async () => {
          const { json } = await ask('license');
          if (![state].flat().some((each) => each === json.state)) throw new Error(JSON.stringify(json));
          return String(json.code);
        },
        { timeoutMs },
      ),
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}
