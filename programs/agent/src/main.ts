#!/usr/bin/env node
import { declareProgram } from '@taika/cli/declare-program';
import { isRunner, runnerMain } from '@taika/runner/runner-main';
import { addAgentVerbs } from './command.ts';
import { agentVersion } from './version.ts';

/** The agent alone: `node main.ts run`. The same file is the runner of foreign programs when it is started as that. */
async function main(): Promise<void> {
  const program = declareProgram('taika-agent', '').version(agentVersion);
  addAgentVerbs(program);
  await program.parseAsync();
}

if (isRunner()) runnerMain(import.meta.filename);
else await main();
