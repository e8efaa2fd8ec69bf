import { access, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

const chromiumVersion = '153.0.0';

/**
 * Starts the Chromium that an npm package carries, headless. Nothing has to be installed: the libraries that
 * a bare Linux lacks come with it. Close it with `await using` or `close()`.
 *
 * The package unpacks beside whatever lies in the temporary directory and trusts it, of any version and any
 * owner; so it is given a directory of our own for each user and version, filled once and then renamed into
 * place, so that two test processes that start at once do not see a half-written file.
 */
export async function openBrowser(): Promise<Browser> {
  const home = join(tmpdir(), `taika-chromium-${chromiumVersion}-${userInfo().uid}`);
  if (!(await exists(join(home, 'chromium')))) await unpack(home);
  const fonts = await writeFontsFile(home);
  return chromium.launch({
    executablePath: join(home, 'chromium'),
    env: {
      ...process.env,
      TMPDIR: tmpdir(),
      FONTCONFIG_FILE: fonts,
      LD_LIBRARY_PATH: [join(home, 'al2023', 'lib'), process.env.LD_LIBRARY_PATH].filter(Boolean).join(':'),
    },
    args: [
      '--headless=shell',
      '--no-sandbox',
      '--no-zygote',
      '--disable-gpu',
      // This shell ends the page at the signal by which engines find accesses out of bounds: let V8 compare instead.
      '--disable-features=WebAssemblyTrapHandler',
      '--disable-quic',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--font-render-hinting=none',
    ],
  });
}

async function unpack(home: string): Promise<void> {
  const unfinished = `${home}.${process.pid}`;
  await mkdir(unfinished, { recursive: true, mode: 0o700 });
  const before = { TMPDIR: process.env.TMPDIR, AWS_LAMBDA_JS_RUNTIME: process.env.AWS_LAMBDA_JS_RUNTIME };
  // The package reads both at each call: where to unpack to, and whether to unpack its own system libraries.
  process.env.TMPDIR = unfinished;
  process.env.AWS_LAMBDA_JS_RUNTIME = 'nodejs24.x';
  try {
    const { default: packed } = await import('@sparticuz/chromium');
    await packed.executablePath();
  } finally {
    restore('TMPDIR', before.TMPDIR);
    restore('AWS_LAMBDA_JS_RUNTIME', before.AWS_LAMBDA_JS_RUNTIME);
  }
  await rename(unfinished, home).catch(async (error: NodeJS.ErrnoException) => {
    await rm(unfinished, { recursive: true, force: true });
    // Another process was first: its copy serves.
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
  });
}

/** The packed configuration names places of another machine: without a font, text is invisible and typing breaks. */
async function writeFontsFile(home: string): Promise<string> {
  const file = join(home, 'taika-fonts.conf');
  const places = [join(home, 'fonts'), '/usr/share/fonts'].map((place) => `<dir>${place}</dir>`).join('');
  await writeFile(
    file,
    `<?xml version="1.0"?><fontconfig>${places}<cachedir>${home}/fonts-cache</cachedir></fontconfig>\n`,
  );
  return file;
}

function restore(name: string, value: string | undefined): void {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
