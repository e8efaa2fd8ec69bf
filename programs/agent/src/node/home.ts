import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { defaultHome, type Profile, profileFileName } from '@taika/protocol/profile';

/** Which agent of this machine a command is about. */
export interface HomeChoice {
  readonly home?: string | undefined;
  /** A name in the profile of `taika up`. */
  readonly agent?: string | undefined;
}

/** The home that is meant. */
export interface ChosenHome {
  readonly home: string;
  /** The user's own, which listens at the place where applications look. */
  readonly isOwn: boolean;
  /** Its name, and those of all agents beside it, where it is one of the profile. */
  readonly profile?: { readonly name: string; readonly names: readonly string[] };
}

/** A command that cannot know which agent is meant. */
export class NoSuchAgentError extends Error {
  override readonly name = 'NoSuchAgentError';
}

/**
 * The agent's home: `--home`, TAIKA_AGENT_HOME, the agent of that name (or the first one) in the profile under TAIKA_HOME,
 * else the user's own.
 */
export function resolveHome(
  { home, agent }: HomeChoice,
  environment: NodeJS.ProcessEnv = process.env,
): ChosenHome {
  if (home !== undefined) return { home: resolve(home), isOwn: false };
  const named = environment.TAIKA_AGENT_HOME;
  if (agent === undefined && named !== undefined && named !== '')
    return { home: resolve(named), isOwn: false };
  const agents = readProfile(environment)?.agents ?? [];
  const found = agent === undefined ? agents[0] : agents.find(({ name }) => name === agent);
  const names = agents.map(({ name }) => name);
  if (found !== undefined)
    return { home: resolve(found.home), isOwn: false, profile: { name: found.name, names } };
  if (agent !== undefined) {
    throw new NoSuchAgentError(
      `There is no agent "${agent}" in the profile; it has: ${names.join(', ') || 'none'}.`,
    );
  }
  const data = environment.XDG_DATA_HOME || join(homedir(), '.local', 'share');
  return { home: join(data, 'taika-agent'), isOwn: true };
}

function readProfile(environment: NodeJS.ProcessEnv): Profile | undefined {
  const folder = environment.TAIKA_HOME || defaultHome;
  try {
    return JSON.parse(readFileSync(join(folder, profileFileName), 'utf8')) as Profile;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new Error(`The profile in ${folder} cannot be read.`, { cause: error });
  }
}
