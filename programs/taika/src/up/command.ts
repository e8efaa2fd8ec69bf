import { runAction } from '@taika/cli/run-action';
import type { Command } from 'commander';
import { up } from './up.ts';

/** `taika up`: the whole economy on this machine. */
export function registerUpCommand(command: Command): void {
  command
    .command('up')
    .description('run the whole economy on this machine: contractor, vendor, members, a customer’s job')
    .option('--data <folder>', 'where everything is kept; a second start goes on there', '.taika')
    .option('--once', 'end after the job', false)
    .option('--json', 'print one JSON object as the last line; implies --once', false)
    .action((options) =>
      runAction(options.json, () => up({ ...options, once: options.once || options.json })),
    );
}
