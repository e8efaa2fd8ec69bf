/** The page of the editor. Runs in the browser as it is, without its types. */

interface LicenseStatus {
  readonly state: 'active' | 'draining' | 'grace' | 'restricted';
  readonly code: string;
  readonly sentence: string;
  readonly remedy: string;
}

interface OpenedDocument {
  readonly name: string;
  readonly text: string;
  readonly version: string;
}

const token = new URLSearchParams(location.search).get('token') ?? '';
const by = <T extends HTMLElement>(id: string) => document.getElementById(id) as T;
const text = by<HTMLTextAreaElement>('text');
const preview = by('preview');
let opened: OpenedDocument | undefined;
let isLicensed = false;
let isSaving = false;
let previewTimer = 0;

/** A refusal in the server's words. */
class Refusal extends Error {
  readonly code: string;
  constructor(code: string, sentence: string) {
    super(sentence);
    this.code = code;
  }
}

async function ask<T>(action: string, body: object = {}): Promise<T> {
  const response = await fetch(`/api/${action}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-editor-token': token },
    body: JSON.stringify(body),
  });
  const reply = await response.json();
  if (!response.ok) throw new Refusal(reply.code, [reply.sentence, reply.remedy].filter(Boolean).join(' '));
  return reply as T;
}

function say(sentence: string): void {
  by('said').textContent = sentence;
}

/** Runs what a person asked for; what goes wrong is said where they look. */
async function perform(step: () => Promise<void>): Promise<void> {
  try {
    await step();
  } catch (error) {
    say(
      error instanceof TypeError
        ? 'The editor was closed. Start it again; your text is still here.'
        : (error as Error).message,
    );
  }
}

function isDirty(): boolean {
  return opened !== undefined && text.value !== opened.text;
}

function show(): void {
  const dirty = isDirty();
  by('dirty').hidden = !dirty;
  by<HTMLButtonElement>('save').disabled = !dirty || isSaving;
  by<HTMLButtonElement>('export').disabled = opened === undefined;
  by<HTMLButtonElement>('new').disabled = !isLicensed;
  text.readOnly = opened === undefined || !isLicensed;
  by('name').textContent = opened?.name ?? 'No document';
  document.title = opened === undefined ? 'Editor' : `${dirty ? '• ' : ''}${opened.name}`;
  const words = text.value.match(/[\p{L}\p{N}’'-]+/gu)?.length ?? 0;
  by('count').textContent = `${words.toLocaleString()} word${words === 1 ? '' : 's'}`;
}

async function renderPreview(): Promise<void> {
  const shown = text.value;
  const { html } = await ask<{ html: string }>('preview', { text: shown });
  if (shown === text.value) preview.innerHTML = html;
}

async function listDocuments(): Promise<string[]> {
  const { names, first, directory } = await ask<{ names: string[]; first?: string; directory: string }>(
    'documents',
  );
  by('folder').textContent = directory;
  by('documents').replaceChildren(
    ...names.map((name) => {
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = name;
      if (name === opened?.name) button.setAttribute('aria-current', 'true');
      button.addEventListener('click', () => perform(() => openDocument(name)));
      const item = document.createElement('li');
      item.append(button);
      return item;
    }),
  );
  return first === undefined ? names : [first];
}

async function openDocument(name: string): Promise<void> {
  if (isDirty() && !confirm(`Leave "${opened?.name}" without saving?`)) return;
  opened = await ask<OpenedDocument>('open', { name });
  text.value = opened.text;
  say('');
  show();
  await Promise.all([renderPreview(), listDocuments()]);
}

async function save(): Promise<void> {
  if (opened === undefined || isSaving) return;
  isSaving = true;
  try {
    opened = await ask<OpenedDocument>('save', {
      name: opened.name,
      text: text.value,
      version: opened.version,
    });
    say(`Saved at ${new Date().toLocaleTimeString()}.`);
  } finally {
    isSaving = false;
    show();
  }
}

async function exportDocument(): Promise<void> {
  const { file } = await ask<{ file: string }>('export', { name: opened?.name, text: text.value });
  say(`Exported to ${file}`);
}

async function createDocument(typed: string): Promise<void> {
  const name = /\.\w+$/.test(typed) ? typed : `${typed}.md`;
  await ask('create', { name });
  await openDocument(name);
  text.focus();
}

const words = {
  active: 'Licensed',
  draining: 'License ends soon',
  grace: 'Agent lost',
  restricted: 'Not licensed',
} as const;

function showLicense(status: LicenseStatus): void {
  isLicensed = status.state !== 'restricted';
  const isLooking = status.code === 'connecting';
  by('license').className = `license ${isLooking ? 'connecting' : status.state}`;
  by('license').title = status.sentence;
  by('license-text').textContent = isLooking ? 'Looking for the license…' : words[status.state];
  by('notice').hidden = status.state === 'active' || isLooking;
  by('notice').classList.toggle('warn', isLicensed);
  by('notice-title').textContent = status.sentence;
  const still = isLicensed ? '' : ' Opening, saving and exporting still work; editing waits.';
  by('notice-text').textContent = `${status.remedy}${still}`;
  show();
}

function followLicense(): void {
  const events = new EventSource(`/events?token=${encodeURIComponent(token)}`);
  events.addEventListener('message', ({ data }) => showLicense(JSON.parse(data)));
}

text.addEventListener('input', () => {
  show();
  clearTimeout(previewTimer);
  previewTimer = setTimeout(() => perform(renderPreview), 120);
});
by('save').addEventListener('click', () => perform(save));
by('export').addEventListener('click', () => perform(exportDocument));
by('new').addEventListener('click', () => {
  by('new-form').hidden = false;
  by('new-name').focus();
});
by('new-form').addEventListener('submit', (event) => {
  event.preventDefault();
  const field = by<HTMLInputElement>('new-name');
  const typed = field.value.trim();
  by('new-form').hidden = true;
  field.value = '';
  if (typed !== '') void perform(() => createDocument(typed));
});
by('new-name').addEventListener('keydown', (event) => {
  if ((event as KeyboardEvent).key === 'Escape') by('new-form').hidden = true;
});
document.addEventListener('keydown', (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === 's') {
    event.preventDefault();
    void perform(save);
  }
});
addEventListener('beforeunload', (event) => {
  if (isDirty()) event.preventDefault();
});

followLicense();
void perform(async () => {
  const [first] = await listDocuments();
  if (first !== undefined) await openDocument(first).catch((error) => say(error.message));
});
