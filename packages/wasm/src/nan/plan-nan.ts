/**
 * The determinism pass: finds where the bits of a NaN that arithmetic has made could become visible, and decides where
 * to make them the same on every machine.
 *
 * WebAssembly leaves the sign and the payload of such a NaN open, and processors, engines and their tiers differ. They
 * stay invisible until the bits are stored, reinterpreted, or lend their sign by copysign: the *sinks*. Everything else
 * (arithmetic, comparison, truncation) only asks whether a value is a NaN.
 *
 * At a sink that only arithmetic reaches, the value is made canonical right there. Where values with fixed bits reach it
 * too (loaded ones, in which a program may keep data: NaN boxing; or integer vectors), that would destroy them, so each
 * arithmetic instruction that reaches the sink makes its own result canonical instead. So it is where abs, neg or copysign
 * have set the sign, which WebAssembly does not leave open.
 *
 * What reaches what is the reachability in `ValueGraph`: flow-sensitive, since every set of a local is a value of its own
 * and locals are joined only where control joins. Compilers reuse one v128 local for integers and floats; by local, those
 * would be one value.
 *
 * Of a program whose graph was given up, every arithmetic instruction makes its result canonical: slower, as right.
 */
import { EditList } from '../edit-list.ts';
import { IntList } from '../growable.ts';
import type { AdmittedProgram } from '../program.ts';
import { type NanPlan, nanForm } from './nan-plan.ts';
import { ProgramValues } from './program-values.ts';
import { solve } from './solve.ts';
import { BodyTracer } from './trace-body.ts';
import { candidate, origin, ValueGraph } from './value-graph.ts';

/** Plans the canonicalising of all functions. */
export function planNan(program: AdmittedProgram, workMax?: number): NanPlan {
  const graph = new ValueGraph(workMax);
  const tracer = new BodyTracer(program, graph, new ProgramValues(program, graph));
  const firstCandidate = new IntList();
  program.bodies.forEach((body, index) => {
    firstCandidate.push(graph.candidates.nodes.length);
    tracer.trace(body, index);
  });
  firstCandidate.push(graph.candidates.nodes.length);
  return chooseEdits(graph, firstCandidate, program.bodies.length);
}

function chooseEdits(graph: ValueGraph, firstCandidate: IntList, bodies: number): NanPlan {
  const solution = graph.isFull ? undefined : solve(graph);
  const { nodes, places, kinds } = graph.candidates;
  const edits = new EditList();
  const firstEdit = new IntList();
  const forms = new Uint8Array(bodies);
  for (let body = 0; body < bodies; body++) {
    firstEdit.push(edits.length);
    for (let k = firstCandidate.at(body); k < firstCandidate.at(body + 1); k++) {
      const node = nodes.at(k);
      const kind = kinds.at(k);
      let form = kind;
      if (kind >= candidate.sinkF32) form = sinkForm(kind, solution?.reaching[node] ?? 0);
      else if (solution?.demanded[node] === 0) form = 0;
      if (form === 0) continue;
      edits.push(places.at(k), form);
      forms[body] = (forms[body] as number) | (1 << form);
    }
  }
  firstEdit.push(edits.length);
  return { edits, firstEdit, forms };
}

/** What a sink has to do, by what reaches it once demanded producers are canonical; 0 for nothing. */
function sinkForm(kind: number, reaching: number): number {
  const nan = reaching & (origin.nan32 | origin.nan64);
  if (nan === 0) return 0;
  if (kind === candidate.sinkF32) return nanForm.f32;
  if (kind === candidate.sinkF64) return nanForm.f64;
  return nan === origin.nan32 ? nanForm.f32x4 : nanForm.f64x2;
}
