import {
  addOperatorFlags,
  connectOperator,
  dispatchServer,
  type OperatorFlags,
} from '@taika/cli/operator-caller';
import { misused } from '@taika/cli/read-amounts';
import { runAction } from '@taika/cli/run-action';
import {
  type DecisionViewText,
  explainTerminal,
  explainUnit,
  type UnitStepText,
} from '@taika/protocol/dispatch/trust';
import type { JobId, TerminalId } from '@taika/protocol/schema';
import type { Command } from 'commander';

/** Adds `taika unit explain`. */
export function registerUnitCommands(command: Command): void {
  addOperatorFlags(
    command
      .command('explain')
      .description('Show all that happened to a unit, and whether its result is believed.'),
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
        const explained = await server.call(explainUnit, { params });
        if (flags.json === true) {
          console.log(JSON.stringify(explained));
          return;
        }
        showLife(explained.life);
        console.log(explained.sentence);
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
        const explained = await server.call(explainTerminal, { params });
        if (flags.json === true) {
          console.log(JSON.stringify(explained));
          return;
        }
        showDecisions(explained.decisions);
        console.log(explained.sentence);
      }),
    );
}

function showDecisions(decisions: readonly DecisionViewText[]): void {
  for (const { at, jobId, firstUnit, units, terminalId, happened, done } of decisions) {
    const where = `job ${jobId} units ${firstUnit}–${firstUnit + units - 1}, terminal ${terminalId}`;
    console.log(`${timeText(at)}  ${where}\n  ${happened}`);
    showDone(done);
  }
}

function showLife(life: readonly UnitStepText[]): void {
  for (const { at, happened, done } of life) {
    console.log(`${timeText(at)}  ${happened}`);
    showDone(done);
  }
}

function showDone(done: readonly string[]): void {
  for (const sentence of done) {
    console.log(`  → ${sentence}`);
  }
}

function timeText(at: string): string {
  return at.slice(0, 'yyyy-mm-ddThh:mm:ss'.length).replace('T', ' ');
}
