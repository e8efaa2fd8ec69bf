import type { IntList } from '../growable.ts';
import { origin, type ValueGraph } from './value-graph.ts';

export interface Solution {
  /** By node: the origins that reach it, when demanded producers are canonical and no longer count as NaN. */
  readonly reaching: Uint8Array;
  /** By node: 1 for the results of arithmetic that must be made canonical where they arise. */
  readonly demanded: Uint8Array;
}

const nan = origin.nan32 | origin.nan64;

/**
 * Decides between canonicalising at the sink and at the producers. Both searches visit each edge at most a few times, so
 * time is linear in the size of the program.
 */
export function solve(graph: ValueGraph): Solution {
  const forward = adjacency(graph.from, graph.to, graph.origins.length);
  const backward = adjacency(graph.to, graph.from, graph.origins.length);
  const origins = Uint8Array.from(graph.origins.items.subarray(0, graph.origins.length));
  markMixedLanes(graph, origins, reach(forward, origins));
  const first = reach(forward, origins);
  const demanded = collect(backward, demandedValues(graph, first));
  // A demanded producer's result is canonical: it may meet fixed bits, and be made canonical again, without harm.
  for (let node = 0; node < origins.length; node++) {
    if (demanded[node] === 1) origins[node] = (origins[node] as number) & ~nan;
  }
  return { reaching: reach(forward, origins), demanded };
}

/**
 * Lanes of one width made from parts of values of the other may be any bits, even of a NaN: they must not be touched
 * again. Those of f64 that are numbers stay numbers as long as their halves stay together.
 */
function markMixedLanes(graph: ValueGraph, origins: Uint8Array, reaching: Uint8Array): void {
  for (let k = 0; k < graph.readAs.length; k += 3) {
    const result = graph.readAs.at(k + 2);
    const foreign = graph.readAs.at(k + 1) === origin.nan32 ? origin.nan64 | origin.clean64 : origin.nan32;
    if (result >= 0 && ((reaching[graph.readAs.at(k)] as number) & foreign) !== 0)
      origins[result] = (origins[result] as number) | origin.fixed;
  }
}

/** Whether making all NaN of a value canonical, by their width, could change bits that no arithmetic has made. */
function isMixed(origins: number): boolean {
  const others32 = origins & ~origin.nan32;
  const others64 = origins & ~(origin.nan64 | origin.clean64);
  return (
    ((origins & origin.nan32) !== 0 && others32 !== 0) || ((origins & origin.nan64) !== 0 && others64 !== 0)
  );
}

/** Values of which every producer must be canonical: observed ones, and those that reach a sink mixed with others. */
function demandedValues(graph: ValueGraph, reaching: Uint8Array): number[] {
  const values: number[] = [];
  const { nodes, kinds } = graph.candidates;
  for (let k = 0; k < nodes.length; k++) {
    const isSink = kinds.at(k) > 4;
    if (isSink && isMixed(reaching[nodes.at(k)] as number)) values.push(nodes.at(k));
  }
  for (let k = 0; k < graph.observed.length; k++) {
    const node = graph.observed.at(k);
    if (((reaching[node] as number) & nan) !== 0) values.push(node);
  }
  for (let k = 0; k < graph.readAs.length; k += 3) {
    const other = nan & ~graph.readAs.at(k + 1);
    if (((reaching[graph.readAs.at(k)] as number) & other) !== 0) values.push(graph.readAs.at(k));
  }
  return values;
}

interface Adjacency {
  readonly first: Int32Array;
  readonly targets: Int32Array;
}

/** Edges sorted by source: a counting sort. */
function adjacency(sources: IntList, targets: IntList, nodes: number): Adjacency {
  const first = new Int32Array(nodes + 1);
  for (let k = 0; k < sources.length; k++) first[sources.at(k)] = (first[sources.at(k)] as number) + 1;
  for (let node = 1; node <= nodes; node++)
    first[node] = (first[node] as number) + (first[node - 1] as number);
  const sorted = new Int32Array(sources.length);
  for (let k = sources.length - 1; k >= 0; k--) {
    const place = (first[sources.at(k)] as number) - 1;
    first[sources.at(k)] = place;
    sorted[place] = targets.at(k);
  }
  return { first, targets: sorted };
}

/** The origins that reach each node. A node is visited again only when it gains one, so at most four times. */
function reach({ first, targets }: Adjacency, origins: Uint8Array): Uint8Array {
  const reaching = origins.slice();
  const pending: number[] = [];
  for (let node = 0; node < origins.length; node++) if (origins[node] !== 0) pending.push(node);
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    const found = reaching[node] as number;
    for (let k = first[node] as number; k < (first[node + 1] as number); k++) {
      const target = targets[k] as number;
      const before = reaching[target] as number;
      if ((before | found) === before) continue;
      reaching[target] = before | found;
      pending.push(target);
    }
  }
  return reaching;
}

/** Marks the given nodes and everything that reaches them. */
function collect({ first, targets }: Adjacency, roots: number[]): Uint8Array {
  const marked = new Uint8Array(first.length - 1);
  const pending = roots;
  for (const root of roots) marked[root] = 1;
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    for (let k = first[node] as number; k < (first[node + 1] as number); k++) {
      const target = targets[k] as number;
      if (marked[target] === 1) continue;
      marked[target] = 1;
      pending.push(target);
    }
  }
  return marked;
}
