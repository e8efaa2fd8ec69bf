import {
  addOperatorFlags,
  connectOperator,
  dispatchServer,
  type OperatorFlags,
} from '@taika/cli/operator-caller';
import { misused } from '@taika/cli/read-amounts';
import { runAction } from '@taika/cli/run-action';
import { type DecisionViewText, explainTerminal, explainUnit } from '@taika/protocol/dispatch/trust';
import type { JobId, TerminalId } from '@taika/protocol/schema';
import type { Command } from 'commander';

/** Adds `taika unit explain`. */
export function registerUnitCommands(command: Command): void {
  addOperatorFlags(
    command.command('explain').description('Show every decision about the result of a unit.'),
    dispatchServer,
  )
    .argument('<unit>', 'JOB/INDEX: the job’s id and the unit’s index from 0.')
    .action((unit: string, flags: OperatorFlags) =>
      runAction(flags.json === true, async () => {
        const [, jobId, index] = /^([0-9a-f-]{36})\/(\d{1,9})$/.exec(unit) ?? [];
        if (jobId === undefined || index === undefined) {
          throw misused(`"${unit}" is no unit.`, 'Name it as JOB/INDEX, such as 0190…/17.');
        }
        const server = await connectOperator(dispatchServer, flags);
        const params = { jobId: jobId as JobId, unit: String(Number(index)) };
        show(flags, await server.call(explainUnit, { params }));
      }),
    );
}

/** Adds `taika terminal explain`. */
export function registerTerminalCommands(command: Command): void {
  addOperatorFlags(
    command.command('explain').description('Show where a terminal stands, and the decisions that led there.'),
    dispatchServer,
  )
    .argument('<terminal>', 'Id of the terminal.')
    .action((terminalId: string, flags: OperatorFlags) =>
      runAction(flags.json === true, async () => {
        const server = await connectOperator(dispatchServer, flags);
        const params = { terminalId: terminalId as TerminalId };
        show(flags, await server.call(explainTerminal, { params }));
      }),
    );
}

function show(
  { json }: OperatorFlags,
  explained: { readonly sentence: string; readonly decisions: readonly DecisionViewText[] },
): void {
  if (json === true) {
    console.log(JSON.stringify(explained));
    return;
  }
  for (const { at, jobId, firstUnit, units, terminalId, happened, done } of explained.decisions) {
    console.log(
      `${at.slice(0, 19).replace('T', ' ')}  job ${jobId} units ${firstUnit}–${firstUnit + units - 1}, terminal ${terminalId}`,
    );
    console.log(`  ${happened}`);
    for (const sentence of done) {
      console.log(`  → ${sentence}`);
    }
  }
  console.log(explained.sentence);
}
