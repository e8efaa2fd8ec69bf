import { runAction } from '@taika/cli/run-action';
import type { Command } from 'commander';
import { trustLevels } from '../trust-level.ts';
import { defaultOptions } from './options.ts';
import { readSimulationOptions } from './read-options.ts';
import { runSimulation } from './run-simulation.ts';
import { strategies } from './strategy.ts';
import { reportTable } from './tables.ts';

/** Adds `trust` to the command given (`taika simulate`). */
export function registerSimulateCommands(command: Command): void {
  command
    .command('trust')
    .description('simulate a pool with cheating terminals, by the decisions of docs/TRUST.md')
    .option('--cheaters <share>', 'share of terminals that cheat, 0 to 0.9', String(defaultOptions.cheaters))
    .option(
      '--strategy <name>',
      `what they do: ${Object.keys(strategies).join(', ')}`,
      defaultOptions.strategy,
    )
    .option('--level <name>', `trust level: ${Object.keys(trustLevels).join(', ')}`, defaultOptions.level)
    .option('--units <count>', 'results to compute, e.g. 1e6', String(defaultOptions.units))
    .option('--terminals <count>', 'terminals in the pool', String(defaultOptions.terminals))
    .option('--jobs <count>', 'jobs one after the other', String(defaultOptions.jobs))
    .option('--lie-rate <share>', 'share of lies in place of the strategy’s own')
    .option(
      '--decoys <share>',
      'share of results that a decoy of the contractor commits',
      String(defaultOptions.decoys),
    )
    .option('--seed <text>', 'the same seed gives the same run', defaultOptions.seed)
    .option('--json', 'print JSON')
    .action((given: Record<string, string | boolean | undefined>) =>
      runAction(given.json === true, async () => {
        const report = runSimulation(readSimulationOptions(given));
        console.log(
          given.json === true
            ? JSON.stringify(report)
            : `SEED=${report.options.seed}\n${reportTable([report])}`,
        );
      }),
    );
}
