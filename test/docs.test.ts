/** Documentation is tested: links lead somewhere, commands exist with the flags that are shown, job files parse. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { parseJobFile } from '@taika/job/parse-job-file';
import { Command } from 'commander';
import { commandGroups } from 'taika/command-groups';

const documents = execFileSync(
  'git',
  ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '*.md'],
  {
    encoding: 'utf8',
  },
)
  .split('\0')
  .filter((path) => path !== '' && existsSync(path));

test('links between documents lead to files', () => {
  const broken = documents.flatMap((path) =>
    [...readFileSync(path, 'utf8').matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)[^)]*\)/g)]
      .map((match) => match[1] ?? '')
      .filter((target) => !existsSync(join(dirname(path), target)))
      .map((target) => `${path}: ${target}`),
  );
  assert.deepEqual(broken, []);
});

test('commands that documents show exist, with their flags', async () => {
  const program = new Command('taika');
  for (const group of commandGroups) await group.register(program);
  const shown = documents.flatMap((path) => shownCommands(readFileSync(path, 'utf8')));
  assert.ok(shown.length > 40, `Only ${shown.length} commands were found in the documents.`);
  const wrong = documents.flatMap((path) =>
    shownCommands(readFileSync(path, 'utf8'))
      .map((words) => complaintAbout(program, words))
      .filter((complaint) => complaint !== undefined)
      .map((complaint) => `${path}: ${complaint}`),
  );
  assert.deepEqual(wrong, []);
});

test('job files that documents and examples show parse', () => {
  for (const path of documents) {
    for (const [, yaml = ''] of readFileSync(path, 'utf8').matchAll(/```ya?ml\n(name:[\s\S]*?)```/g))
      parseJobFile(yaml, path);
  }
  const examples = globSync('examples/*/job.yaml');
  assert.ok(examples.length >= 4);
  for (const path of examples) parseJobFile(readFileSync(path, 'utf8'), path);
});

/** `taika …` in inline code or in a code block, as words; placeholders stay as they are. */
function shownCommands(text: string): string[][] {
  const inline = [...text.matchAll(/`(?:npx )?taika ([a-z][^`\n]*)`/g)];
  const blocks = [...text.matchAll(/^(?:\$ )?(?:npx )?taika ([a-z][^\n]*)$/gm)];
  return [...inline, ...blocks].map((match) => (match[1] ?? '').replace(/\s+#.*$/, '').split(/\s+/));
}

/** What is wrong with a shown command, if anything. `a | b` means either; `…` stands for anything. */
function complaintAbout(program: Command, words: readonly string[]): string | undefined {
  let command = program;
  for (const [index, word] of words.entries()) {
    if (word === '…' || word === '|' || word === '>' || word === '<') return undefined;
    if (word.startsWith('-')) {
      const flag = word.split('=')[0] ?? '';
      if (flag === '--help' || flag === '--') continue;
      const known = command.options.some((option) => option.long === flag || option.short === flag);
      if (!known) return `taika ${words.slice(0, index).join(' ')} has no ${flag}`;
      continue;
    }
    const next = command.commands.find((inner) => inner.name() === word);
    if (next !== undefined) command = next;
    else if (command.commands.length > 0 && /^[a-z-]+$/.test(word))
      return `there is no taika ${words.slice(0, index + 1).join(' ')}`;
  }
  return undefined;
}
