/**
 * The whole table: every event in every form × where its terminal stands × who computed the copy × the pool, the artefact and
 * the draw. Each row says for which of these an outcome is due (docs/TRUST.md); a case that no row or more than one row
 * speaks of fails, and so does a row that speaks of none.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decide } from './decide.ts';
import type { Effect } from './effect.ts';
import { eventKinds, type TrustEvent } from './event.ts';
import { exampleState, exampleTerminal } from './example-state.ts';
import { type Case, forms, pools, type Row, rows, standings, type Who } from './example-table.ts';
import type { TerminalTrust } from './state.ts';

for (const kind of eventKinds) {
  test(`${kind}: every form, whoever it is about and whoever computed the copy`, () => {
    const ofKind = forms.filter(([, event]) => event.kind === kind);
    assert.ok(ofKind.length > 0);
    for (const [form, event] of ofKind) {
      for (const at of product(form, event)) {
        checkCase(at);
      }
    }
  });
}

test('every row of the table speaks of a case', () => {
  const all = forms.flatMap(([form, event]) => [...product(form, event)]).map(({ at }) => at);
  const unused = rows.filter((row) => !all.some((one) => matches(row, one)));
  assert.deepEqual(unused, []);
});

interface Placed {
  readonly at: Case;
  readonly author: TerminalTrust;
  readonly partner: TerminalTrust | null;
}

function* product(form: string, event: TrustEvent): Generator<Placed> {
  for (const author of everybody(1))
    for (const partner of [null, ...everybody(2)])
      for (const artefact of ['fast', 'strict'] as const)
        for (const pool of Object.keys(pools) as (keyof typeof pools)[])
          for (const draw of ['hit', 'miss'] as const) {
            const names = {
              author: nameOf(author),
              partner: partner === null ? 'none' : nameOf(partner),
            } as const;
            yield { at: { event, form, ...names, artefact, pool, draw }, author, partner };
          }
}

function everybody(terminal: number): TerminalTrust[] {
  return [false, true].flatMap((isDecoy) =>
    standings.map((standing) => ({
      ...exampleTerminal(terminal, standing),
      isDecoy,
      passed: 100,
      drawn: 100,
    })),
  );
}

function nameOf({ isDecoy, standing }: TerminalTrust): Who {
  if (!isDecoy) return standing;
  return standing === 'revoked' ? 'revoked decoy' : 'decoy';
}

function checkCase({ at, author, partner }: Placed): void {
  const words = JSON.stringify(at, (_name, value) => (typeof value === 'bigint' ? String(value) : value));
  const found = rows.filter((row) => matches(row, at));
  assert.equal(found.length, 1, `${found.length} rows speak of ${words}: ${JSON.stringify(found)}`);
  const state = exampleState({ ...author, partner, poolSize: pools[at.pool] });
  const job = { ...state.job, artefact: at.artefact };
  const effects = decide({ ...state, job }, at.event, { fraction: () => (at.draw === 'hit' ? 0 : 0.4) });
  const due = (found[0]?.due ?? '').split(' ').filter((word) => word !== '');
  const reason = 'reason' in at.event ? at.event.reason : '';
  // Of a judgement for the reason of the event itself.
  const told = effects.map((effect) =>
    nameEffect(effect).replace(/^judge:([^+]*)/, (name, why) =>
      why === reason && !due.includes(name) ? 'judge:same' : name,
    ),
  );
  assert.deepEqual(told, due, words);
  assertNobodyWronged(effects, [author, ...(partner === null ? [] : [partner])], words);
}

/** Whatever happens: nothing of ours is believed or punished, nobody is convicted twice, and a terminal's word convicts nobody. */
function assertNobodyWronged(
  effects: readonly Effect[],
  parties: readonly TerminalTrust[],
  words: string,
): void {
  const believing = ['pass', 'trust', 'finalize', 'finalize-job', 'quarantine', 'flush'];
  const convicted = new Set<number>();
  for (const effect of effects) {
    if (!('terminal' in effect)) continue;
    const party = parties.find(({ terminal }) => terminal === effect.terminal);
    assert.ok(party, words);
    assert.ok(!party.isDecoy || !(believing.includes(effect.kind) || effect.kind === 'revoke'), words);
    if (effect.kind !== 'revoke') continue;
    assert.notEqual(party.standing, 'revoked', words);
    assert.ok(!convicted.has(effect.terminal), words);
    convicted.add(effect.terminal);
  }
}

function matches(row: Row, at: Case): boolean {
  const has = (list: string | undefined, word: string) =>
    list === undefined || list.split(',').includes(word);
  return (
    (typeof row.form === 'string' ? row.form === at.form : row.form.includes(at.form)) &&
    has(row.author, at.author) &&
    has(row.partner, at.partner) &&
    has(row.pool, at.pool) &&
    (row.artefact ?? at.artefact) === at.artefact &&
    (row.draw ?? at.draw) === at.draw
  );
}

/** An effect with what matters of it: whom it is about (a: the author, p: the partner), why, by whom. */
function nameEffect(effect: Effect): string {
  const who = 'terminal' in effect ? (effect.terminal === 1 ? 'a.' : 'p.') : '';
  switch (effect.kind) {
    case 'audit':
      return `${who}audit:${effect.reason}>${effect.by.kind}${effect.isDrawn ? '+drawn' : ''}`;
    case 'judge':
      return `judge:${effect.reason}${effect.strict ? '+strict' : ''}`;
    case 'pass':
      return `${who}pass${effect.wasDrawn ? '+drawn' : ''}`;
    case 'finalize':
    case 'finalize-job':
      return `${who}${effect.kind}${effect.isVested ? '+vested' : ''}`;
    case 'revoke':
    case 'start-probation':
      return `${who}${effect.kind}:${effect.cause}`;
    case 'ignore':
    case 'withhold':
      return `${effect.kind}:${effect.reason}`;
    default:
      return `${who}${effect.kind}`;
  }
}
