import { CommandError } from '@taika/cli/command-error';
import { trustLevels } from '../trust-level.ts';
import { defaultOptions, type SimulationOptions } from './options.ts';
import { strategies } from './strategy.ts';

/** Reads the command's flags; throws a CommandError that names the wrong one. */
export function readSimulationOptions(
  given: Readonly<Record<string, string | boolean | undefined>>,
): SimulationOptions {
  const text = (flag: string, otherwise: string) => {
    const value = given[flag];
    return typeof value === 'string' ? value : otherwise;
  };
  const number = (flag: string, otherwise: number, from: number, to: number) => {
    const value = Number(text(flag, String(otherwise)));
    return value >= from && value <= to ? value : refuse(flag, `a number from ${from} to ${to}`);
  };
  const count = (flag: string, otherwise: number, to: number) => {
    const value = number(flag, otherwise, 1, to);
    return Number.isInteger(value) ? value : refuse(flag, 'a whole number');
  };
  const name = <Name extends string>(
    flag: string,
    names: Readonly<Record<Name, unknown>>,
    otherwise: Name,
  ) => {
    const value = text(flag, otherwise);
    return isOneOf(value, names) ? value : refuse(flag, `one of ${Object.keys(names).join(', ')}`);
  };
  return {
    ...defaultOptions,
    units: count('units', defaultOptions.units, unitsMax),
    terminals: count('terminals', defaultOptions.terminals, terminalsMax),
    jobs: count('jobs', defaultOptions.jobs, jobsMax),
    cheaters: number('cheaters', defaultOptions.cheaters, 0, 0.9),
    decoys: number('decoys', defaultOptions.decoys, 0, 0.5),
    lieRate: given.lieRate === undefined ? null : number('lieRate', 0, 0, 1),
    strategy: name('strategy', strategies, defaultOptions.strategy),
    level: name('level', trustLevels, defaultOptions.level),
    seed: text('seed', defaultOptions.seed),
  };
}

function isOneOf<Name extends string>(value: string, names: Readonly<Record<Name, unknown>>): value is Name {
  return Object.hasOwn(names, value);
}

function refuse(flag: string, wanted: string): never {
  const spelled = `--${flag.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  throw new CommandError(`${spelled} is not ${wanted}.`, {
    code: 'bad-option',
    remedy: `Give ${spelled} ${wanted}.`,
  });
}

/** 10^8 runs take 4 GB of columns: more than a laptop gives. */
const unitsMax = 100_000_000;
const terminalsMax = 100_000;
const jobsMax = 10_000;
