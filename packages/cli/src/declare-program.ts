import { Command } from 'commander';

/**
 * A program's root command. What is misused is told like every other error, with exit code 2; a command's own
 * `--version` (of a release) is not taken for the program's.
 */
export function declareProgram(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .enablePositionalOptions()
    .showHelpAfterError('  What to do: run it with --help to see what can be said.')
    .configureOutput({ outputError: (text, write) => write(`taika: ${text.replace(/^error: /, '')}`) })
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));
}
