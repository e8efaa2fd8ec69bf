import { Command } from 'commander';
import { guardConsole } from './guard-console.ts';
import { visibleText } from './visible-text.ts';

/**
 * A program's root command; what it prints from now on is guarded. What is misused is told like every other error, with exit code 2; a command's own
 * `--version` (of a release) is not taken for the program's.
 */
export function declareProgram(name: string, description: string): Command {
  guardConsole();
  return new Command(name)
    .description(description)
    .enablePositionalOptions()
    .showHelpAfterError('  What to do: run it with --help to see what can be said.')
    .configureOutput({
      outputError: (text, write) => write(`taika: ${visibleText(text.replace(/^error: /, ''))}`),
    })
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));
}
