/**
 * Writes one function: its code is copied, with the edits of the plan applied where they belong.
 *
 * A function that counts in a local gets its code wrapped in a block, so that whatever way control takes out of it, it
 * passes the one flush behind the block:
 *
 *     block <results>  CODE with `return` turned into `br` to this block  end   fuel += counter   end
 *
 * Branches to the function's own label need no change: the block has taken its place.
 */
import { CodeCursor } from '../code-cursor.ts';
import { edit } from '../edit-list.ts';
import { bodyFact, type MeteringPlan } from '../metering/plan.ts';
import { inLoop } from '../metering/scan.ts';
import { counterMax } from '../metering/watch-heavy.ts';
import type { NanPlan } from '../nan/nan-plan.ts';
import { op } from '../opcodes.ts';
import type { AdmittedProgram, FunctionBody } from '../program.ts';
import type { BranchHints } from './branch-hints.ts';
import type { ByteWriter } from './byte-writer.ts';
import type { NanBits } from './canonical-nan.ts';
import { writeCanonicalise } from './canonicalise.ts';
import {
  type Counter,
  writeBulkLength,
  writeCharge,
  writeChargeAnew,
  writeFlush,
  writeLoopCap,
  writeLoopEnd,
  writeLoopStart,
} from './charge.ts';
import { type ExtraLocals, type Layout, planLocals } from './layout.ts';

export interface BodyContext {
  readonly program: AdmittedProgram;
  readonly plan: MeteringPlan;
  readonly nan: NanPlan | undefined;
  /** The NaN that others become, by the place in the program. */
  readonly nanAt: (place: number) => NanBits;
  readonly layout: Layout;
  readonly hints: BranchHints;
}

/** Adding to the global this often in one run of a function is no dearer than keeping a local and flushing it. */
const directChargesMax = 2;

/** Writes the body of defined function `index`, without its length, into an empty writer: hints count from its start. */
export function writeBody(out: ByteWriter, context: BodyContext, index: number): void {
  const { program, layout, nan, hints } = context;
  hints.beginFunction(program.imports.length + index);
  const body = program.bodies[index] as FunctionBody;
  const typeIndex = program.functionTypes[program.imports.length + index] as number;
  const facts = countCharges(context, index);
  const inLocal = facts.inLoop || facts.charges > directChargesMax + facts.flushes;
  const params = program.types[typeIndex]?.params.length ?? 0;
  const locals = planLocals(params + body.declaredLocals, {
    counter: inLocal,
    length: ((context.plan.facts[index] as number) & bodyFact.hasBulk) !== 0,
    starts: context.plan.countedDepth[index] as number,
    nanForms: nan?.forms[index] ?? 0,
  });
  writeLocals(out, program, body, locals);
  if (inLocal) {
    out.byte(op.block);
    const type = layout.resultBlockTypes[typeIndex] as Uint8Array;
    out.copy(type, 0, type.length);
  }
  const isWatched = ((context.plan.facts[index] as number) & bodyFact.isWatched) !== 0;
  const counter: Counter = {
    layout: isWatched ? { ...layout, fuelMax: layout.fuelMax ?? counterMax } : layout,
    local: locals.counter,
  };
  writeCode(out, context, index, counter, locals);
  if (inLocal) {
    writeFlush(out, counter);
    out.byte(op.end);
  }
}

/**
 * Counts the places where the function would charge, to choose where it counts. A charge in a loop asks for the local,
 * unless a call is made in its segment: then adding to the global is the smaller part, and the flush is saved.
 */
function countCharges(
  context: BodyContext,
  index: number,
): { charges: number; flushes: number; inLoop: boolean } {
  const { plan } = context;
  const { kinds, args } = plan.edits;
  let charges = 0;
  let flushes = 0;
  let looping = ((plan.facts[index] as number) & bodyFact.dynamicInLoop) !== 0;
  const end = plan.firstEdit.at(index + 1);
  for (let k = plan.firstEdit.at(index); k < end; k++) {
    const kind = kinds.at(k);
    const base = kind & ~inLoop;
    if (base === edit.charge || base === edit.chargeAnew) {
      if (plan.weights.at(args.at(k)) === 0) continue;
      charges++;
      if (kind !== base && !looping) looping = !callsIn(plan, index, args.at(k));
    } else if (base === edit.flush) flushes++;
    else if (base === edit.bulkLength || base === edit.loopEnd) charges++;
  }
  return { charges, flushes, inLoop: looping };
}

/** Whether a direct call is made in a segment. Asked until the first no, and small functions have few calls. */
function callsIn(plan: MeteringPlan, index: number, segment: number): boolean {
  const first = plan.firstCall.at(index);
  const end = Math.min(plan.firstCall.at(index + 1), first + callsLookedAt);
  for (let call = first; call < end; call++) {
    if (plan.callSegments.at(call) === segment && plan.callCallees.at(call) >= 0) return true;
  }
  return false;
}

/** Bounds the search; a function with more calls has too many charges for the global anyway. */
const callsLookedAt = 16;

/** Copies the declarations of locals, and appends the extra ones. */
function writeLocals(
  out: ByteWriter,
  program: AdmittedProgram,
  body: FunctionBody,
  locals: ExtraLocals,
): void {
  const cursor = new CodeCursor(program.bytes);
  cursor.pos = body.start;
  const groups = cursor.u32();
  out.u32(groups + locals.groups.length / 2);
  out.copy(program.bytes, cursor.pos, body.codeStart);
  for (let k = 0; k < locals.groups.length; k += 2) {
    out.u32(locals.groups[k] as number);
    out.byte(locals.groups[k + 1] as number);
  }
}

function writeCode(
  out: ByteWriter,
  context: BodyContext,
  index: number,
  counter: Counter,
  locals: ExtraLocals,
): void {
  const { program, plan, nan } = context;
  const body = program.bodies[index] as FunctionBody;
  const { places } = plan.edits;
  const end = plan.firstEdit.at(index + 1);
  let copied = body.codeStart;
  let nanEdit = nan?.firstEdit.at(index) ?? 0;
  const nanEnd = nan?.firstEdit.at(index + 1) ?? 0;
  const canonicaliseUpTo = (place: number): void => {
    for (; nan !== undefined && nanEdit < nanEnd && nan.edits.places.at(nanEdit) <= place; nanEdit++) {
      const at = nan.edits.places.at(nanEdit);
      out.copy(program.bytes, copied, at);
      copied = at;
      const edit = { form: nan.edits.kinds.at(nanEdit), nan: context.nanAt(nanEdit) };
      writeCanonicalise(out, edit, locals, context.hints);
    }
  };
  for (let k = plan.firstEdit.at(index); k < end; k++) {
    const place = places.at(k);
    if (nanEdit < nanEnd) canonicaliseUpTo(place);
    const kind = plan.edits.kinds.at(k) & ~inLoop;
    const arg = plan.edits.args.at(k);
    if (isIdle(plan, counter, kind, arg)) continue;
    out.copy(program.bytes, copied, place);
    copied = place + replacedBytes(kind);
    writeEdit(
      out,
      context,
      { kind, arg, looping: plan.edits.kinds.at(k) !== kind, atEntry: k === plan.firstEdit.at(index) },
      counter,
      locals,
    );
  }
  canonicaliseUpTo(body.end);
  out.copy(program.bytes, copied, body.end);
}

/** Whether an edit writes nothing, so that copying goes on over it. */
function isIdle(plan: MeteringPlan, counter: Counter, kind: number, arg: number): boolean {
  switch (kind) {
    case edit.nothing:
      return true;
    case edit.charge:
      return plan.weights.at(arg) === 0;
    case edit.chargeAnew:
      return counter.local < 0 && plan.weights.at(arg) === 0;
    case edit.flush:
    case edit.return:
      return counter.local < 0;
    case edit.loopStart:
    case edit.loopEnd:
      return plan.loopWeights.at(arg) === 0;
    default:
      return false;
  }
}

function replacedBytes(kind: number): number {
  if (kind === edit.return) return 1;
  return kind === edit.grow ? 2 : 0;
}

interface Edit {
  readonly kind: number;
  readonly arg: number;
  readonly looping: boolean;
  readonly atEntry: boolean;
}

function writeEdit(
  out: ByteWriter,
  context: BodyContext,
  { kind, arg, looping, atEntry }: Edit,
  counter: Counter,
  locals: ExtraLocals,
): void {
  const { plan, layout } = context;
  switch (kind) {
    case edit.charge:
      if (atEntry && counter.local >= 0) writeChargeAnew(out, counter, plan.weights.at(arg));
      else writeCharge(out, counter, plan.weights.at(arg));
      if (looping) writeLoopCap(out, counter);
      break;
    case edit.chargeAnew:
      if (counter.local >= 0) writeChargeAnew(out, counter, plan.weights.at(arg));
      else writeCharge(out, counter, plan.weights.at(arg));
      break;
    case edit.flush:
      writeFlush(out, counter);
      break;
    case edit.return:
      out.byte(op.br);
      out.u32(arg);
      break;
    case edit.grow:
      out.byte(op.call);
      out.u32(layout.growFunction);
      break;
    case edit.bulkLength:
      writeBulkLength(out, counter, locals.length);
      break;
    case edit.loopStart:
      writeLoopStart(
        out,
        plan.countedLoops.counters.at(arg),
        locals.starts + plan.countedLoops.slots.at(arg),
      );
      break;
    default:
      writeLoopEnd(out, counter, {
        fuel: plan.loopWeights.at(arg),
        counterLocal: plan.countedLoops.counters.at(arg),
        startLocal: locals.starts + plan.countedLoops.slots.at(arg),
        step: plan.countedLoops.steps.at(arg),
      });
      writeLoopCap(out, counter);
  }
}
