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
    .showHelpAfterError(misuseHint)
    .configureOutput({
      writeErr: (text) => {
        // The hint that follows a misuse is in the JSON object already.
        if (!wantsJson() || text.trim() !== misuseHint.trim()) process.stderr.write(text);
      },
      outputError: (text, write) => write(misuseText(text)),
    })
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));
}

const misuseHint = '  What to do: run it with --help to see what can be said.';

/** What is misused is told before the options are known, so whether JSON was asked for is read from the words themselves. */
function wantsJson(): boolean {
  const words = process.argv.slice(2);
  const end = words.indexOf('--');
  return (end === -1 ? words : words.slice(0, end)).includes('--json');
}

function misuseText(text: string): string {
  const sentence = text.replace(/^error: /, '');
  if (!wantsJson()) return `taika: ${visibleText(sentence)}`;
  const remedy = misuseHint.replace(/^ *What to do: run/, 'Run');
  return visibleText(`${JSON.stringify({ error: { code: 'usage', sentence: sentence.trim(), remedy } })}\n`);
}
