import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decide } from './decide.ts';
import { exampleState } from './example-state.ts';
import { mayVouch } from './probation.ts';

const dayMs = 86_400_000;
const draw = { fraction: () => 0.5 };

for (const standing of ['probation', 'trusted', 'revoked'] as const) {
  for (const days of [0, 30, 31]) {
    for (const isUpdated of [false, true]) {
      const idleDurationMs = days * dayMs;
      const isAsked = mayVouch(standing, { idleDurationMs, isUpdated });
      test(`a terminal that is ${standing}, ${days} days idle, ${isUpdated ? 'with a new version' : 'as it was'}, ${isAsked ? 'vouches' : 'does not vouch'}`, () => {
        assert.equal(isAsked, standing === 'trusted' && days <= 30 && !isUpdated);
        const effects = [
          ...decide(exampleState({ standing }), { kind: 'seen', idleDurationMs }, draw),
          ...(isUpdated ? decide(exampleState({ standing }), { kind: 'updated' }, draw) : []),
        ];
        const startsAgain = effects.some(({ kind }) => kind === 'start-probation');
        if (standing === 'trusted') assert.equal(isAsked, !startsAgain, 'As it is at its next result.');
      });
    }
  }
}
