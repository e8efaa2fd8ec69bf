import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CommandError } from '@taika/cli/command-error';

/** `taika init [FOLDER]`: a small job that works, to be changed into one's own. Overwrites nothing. */
export async function init(folder: string, options: { readonly json: boolean }): Promise<void> {
  await mkdir(folder, { recursive: true });
  const written: string[] = [];
  for (const [name, text] of Object.entries(starterFiles)) {
    const path = join(folder, name);
    await writeFile(path, text, { flag: 'wx' }).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code !== 'EEXIST') throw cause;
      throw new CommandError(`${path} is there already.`, {
        code: 'file-exists',
        remedy: 'Name an empty folder: taika init FOLDER',
        cause,
      });
    });
    written.push(path);
  }
  const jobFile = join(folder, 'job.yaml');
  if (options.json) console.log(JSON.stringify({ written }));
  else
    console.log(
      [
        `Written: ${written.join(', ')}`,
        `Compute it here:     taika local ${jobFile}`,
        `What it would cost:  taika quote ${jobFile}`,
        `Compute it on the grid: taika run ${jobFile}`,
      ].join('\n'),
    );
}

const starterFiles: Readonly<Record<string, string>> = {
  'job.yaml': `name: word lengths
program: ./program.ts
input: input.txt
split: { by: lines, records: 2 }
merge: { by: lines }
# Strangers' terminals read the input and the program.
privacy: public
# trust: standard   # results are checked; \`taika quote\` says what each level costs
`,
  'program.ts': `import { readLines, writeLine } from "taika";

// Called once a unit: reads its lines, prints what becomes of them.
const lines = readLines();
for (let i = 0; i < lines.length; i++) writeLine(lines[i].length.toString() + " " + lines[i]);
`,
  'input.txt': 'one\ntwo\nthree\nfour\nfive\nsix\n',
};
