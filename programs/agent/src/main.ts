#!/usr/bin/env node
import { isRunner, runnerMain } from '@taika/runner/runner-main';
import { Command, CommanderError } from 'commander';
import { addAgentVerbs } from './command.ts';
import { agentVersion } from './version.ts';

/** The agent alone: `node main.ts run`. The same file is the runner of foreign programs when it is started as that. */
async function main(): Promise<void> {
  const program = new Command('taika-agent').version(agentVersion).exitOverride();
  addAgentVerbs(program);
  try {
    await program.parseAsync();
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  }
}

if (isRunner()) runnerMain(import.meta.filename);
else await main();
