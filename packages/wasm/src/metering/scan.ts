/**
 * Finds the segments of every function: sets of instructions that all run equally often, so that one addition counts
 * them all.
 *
 *     entry, body of a loop, arm of an if, code after br_if        begin a segment
 *     a block                                                      continues the segment around it
 *     after the end of a block, if or loop that nothing leaves     the segment from before it goes on
 *     after the end of one that something leaves                   begins a segment (a loop: goes on with its last one)
 *     code after br, br_table, return, unreachable                 is dead: no weight and no edit until else or end
 *     a call that may end the program                              ends the segment, and leaves every block around it
 *
 * Why the count is exact. "Nothing leaves a block" means that no branch from inside goes beyond its end and no call
 * inside ends the program. Then control that enters it comes out at its end or not at all (endless loop, trap), so the
 * code behind runs as often as the code before. In the second case there is no fuel to report: a trap or a timeout makes
 * the unit fail. Within a segment there is no place where control could leave or join, so charging it at its start
 * counts the instructions that then run, no more and no less.
 */
import { CodeCursor } from '../code-cursor.ts';
import { bulkFuel, entryFuel, plainFuel, simdFuel } from '../cost-table.ts';
import { EditList, edit } from '../edit-list.ts';
import { IntList, NumberList } from '../growable.ts';
import { bulkOp, op } from '../opcodes.ts';
import type { AdmittedProgram, FunctionBody } from '../program.ts';
import { CountedLoopFinder } from './counted-loop.ts';
import { FrameStack, frameKind } from './frame-stack.ts';
import type { MayExit } from './may-exit.ts';
import { bodyFact, type MeteringPlan } from './plan.ts';

/** Scans all bodies. Weights are of the original instructions, whatever is inserted later. */
export function scanSegments(program: AdmittedProgram, mayExit: MayExit): MeteringPlan {
  const scanner = new SegmentScanner(program, mayExit);
  program.bodies.forEach((body, index) => {
    scanner.scan(body, index);
  });
  return scanner.finish();
}

class SegmentScanner {
  readonly #program: AdmittedProgram;
  readonly #mayExit: MayExit;
  readonly #cursor: CodeCursor;
  readonly #frames: FrameStack;
  readonly #counted: CountedLoopFinder;
  readonly #plan: MeteringPlan;
  #segment = 0;
  #dead = false;
  /** Loops open at this place. */
  #loops = 0;
  #facts = 0;

  constructor(program: AdmittedProgram, mayExit: MayExit) {
    this.#program = program;
    this.#mayExit = mayExit;
    this.#cursor = new CodeCursor(program.bytes);
    this.#frames = new FrameStack(program.bodies.reduce((most, body) => Math.max(most, body.nesting), 1));
    this.#counted = new CountedLoopFinder(program);
    this.#plan = {
      weights: new NumberList(),
      edits: new EditList(),
      callSegments: new IntList(),
      callCallees: new IntList(),
      countedLoops: {
        segments: new IntList(),
        counters: new IntList(),
        steps: new IntList(),
        slots: new IntList(),
      },
      loopWeights: new NumberList(),
      firstSegment: new IntList(),
      firstEdit: new IntList(),
      firstCall: new IntList(),
      facts: new Uint8Array(program.bodies.length),
      countedDepth: new Uint8Array(program.bodies.length),
    };
  }

  finish(): MeteringPlan {
    this.#beginBody();
    return this.#plan;
  }

  scan(body: FunctionBody, index: number): void {
    this.#beginBody();
    this.#counted.beginBody(body, index);
    this.#dead = false;
    this.#loops = 0;
    this.#facts = 0;
    this.#begin(body.codeStart);
    const type = this.#program.functionTypes[this.#program.imports.length + index] as number;
    this.#charge(entryFuel(body.declaredLocals, this.#program.types[type]?.params ?? []));
    this.#frames.clear();
    this.#frames.push(frameKind.block, this.#segment, false, -1, body.codeStart);
    this.#instructions(body.codeStart, body.end);
    this.#plan.facts[index] = this.#facts;
  }

  #beginBody(): void {
    const plan = this.#plan;
    plan.firstSegment.push(plan.weights.length);
    plan.firstEdit.push(plan.edits.length);
    plan.firstCall.push(plan.callSegments.length);
  }

  #instructions(start: number, end: number): void {
    const cursor = this.#cursor;
    const bytes = cursor.bytes;
    const weights = this.#plan.weights;
    cursor.pos = start;
    while (cursor.pos < end) {
      const place = cursor.pos++;
      const opcode = bytes[place] as number;
      if (isControl[opcode] === 1) {
        this.#control(opcode, place);
        continue;
      }
      if (opcode === op.localSet || opcode === op.localTee) {
        const local = cursor.u32();
        if (!this.#dead) this.#counted.noteSet(local, place);
      } else {
        cursor.skipImmediate(opcode);
      }
      if (this.#dead) continue;
      weights.add(this.#segment, plainFuel[opcode] as number);
      this.#counted.note(opcode, place);
    }
  }

  #control(opcode: number, place: number): void {
    const cursor = this.#cursor;
    this.#counted.note(opcode, place);
    switch (opcode) {
      case op.simdPrefix: {
        const simd = cursor.u32();
        cursor.skipSimdImmediate(simd);
        this.#charge(simdFuel[simd] as number);
        break;
      }
      case op.bulkPrefix:
        this.#bulk(place);
        break;
      case op.block:
      case op.loop:
      case op.if:
        this.#open(opcode, place);
        break;
      case op.else:
        this.#dead = this.#frames.isDead();
        if (!this.#dead) this.#begin(cursor.pos);
        break;
      case op.end:
        this.#end(place);
        break;
      case op.br:
      case op.brIf: {
        const label = cursor.u32();
        if (this.#dead) break;
        this.#charge(plainFuel[opcode] as number);
        this.#frames.branch(label);
        if (opcode === op.br) this.#dead = true;
        else this.#begin(cursor.pos);
        break;
      }
      case op.brTable:
        this.#branchTable();
        break;
      case op.return:
        if (this.#dead) break;
        this.#charge(plainFuel[op.return] as number);
        this.#plan.edits.push(place, edit.return, this.#frames.depth - 1);
        this.#frames.leaveFunction();
        this.#dead = true;
        break;
      case op.unreachable:
        this.#dead = true;
        break;
      case op.call:
      case op.callIndirect:
        this.#call(opcode, place);
        break;
      default:
        // memory.grow
        cursor.pos++;
        if (this.#dead) break;
        this.#charge(plainFuel[op.memoryGrow] as number);
        this.#plan.edits.push(place, edit.grow);
    }
  }

  #bulk(place: number): void {
    const opcode = this.#cursor.u32();
    this.#cursor.skipBulkImmediate(opcode);
    if (this.#dead) return;
    this.#charge(bulkFuel[opcode] as number);
    if (opcode === bulkOp.memoryInit || opcode === bulkOp.memoryCopy || opcode === bulkOp.memoryFill) {
      this.#plan.edits.push(place, edit.bulkLength);
      this.#facts |= bodyFact.hasBulk | (this.#loops > 0 ? bodyFact.dynamicInLoop : 0);
    }
  }

  #open(opcode: number, place: number): void {
    const cursor = this.#cursor;
    const plain = cursor.bytes[cursor.pos] === emptyBlockType;
    cursor.skipNumber();
    const edits = this.#plan.edits;
    const dead = this.#dead;
    if (opcode === op.if && !dead) this.#charge(plainFuel[op.if] as number);
    const kind = opcode === op.loop ? frameKind.loop : frameKind.block;
    const loopEdit = opcode === op.loop && plain && !dead ? edits.push(place, edit.nothing) : -1;
    this.#frames.push(kind, this.#segment, dead, loopEdit, place);
    if (opcode === op.loop) this.#loops++;
    if (opcode !== op.block && !dead) this.#begin(cursor.pos);
    this.#frames.setBodySegment(this.#segment);
  }

  #end(place: number): void {
    const frames = this.#frames;
    frames.pop();
    const popped = frames.popped;
    if (popped.kind === frameKind.loop) this.#loops--;
    if (frames.depth === 0) return;
    if (popped.dead) return;
    const next = place + 1;
    const endedDead = this.#dead;
    this.#dead = false;
    if (!popped.escapes) {
      if (popped.loopEdit >= 0 && !endedDead && this.#counted.recognise(popped.start, popped.branches)) {
        this.#countLoop(popped.bodySegment, popped.loopEdit, next);
      }
      this.#segment = popped.segment;
    } else if (popped.kind !== frameKind.loop || endedDead) {
      this.#begin(next);
    }
  }

  #countLoop(segment: number, loopEdit: number, next: number): void {
    const slot = this.#frames.takeCountedSlot();
    if (slot < 0) return;
    const { countedLoops, edits } = this.#plan;
    const index = countedLoops.segments.length;
    countedLoops.segments.push(segment);
    countedLoops.counters.push(this.#counted.counter);
    countedLoops.steps.push(this.#counted.step);
    countedLoops.slots.push(slot);
    edits.change(loopEdit, edit.loopStart, index);
    edits.push(next, edit.loopEnd, index);
    if (this.#loops > 0) this.#facts |= bodyFact.dynamicInLoop;
    const body = this.#plan.firstSegment.length - 1;
    this.#plan.countedDepth[body] = Math.max(this.#plan.countedDepth[body] as number, slot + 1);
  }

  #branchTable(): void {
    const cursor = this.#cursor;
    const labels = cursor.u32();
    this.#charge(plainFuel[op.brTable] as number);
    for (let k = 0; k <= labels; k++) {
      const label = cursor.u32();
      if (!this.#dead) this.#frames.branch(label);
    }
    this.#dead = true;
  }

  #call(opcode: number, place: number): void {
    const cursor = this.#cursor;
    const index = cursor.u32();
    if (opcode === op.callIndirect) cursor.skipNumber();
    if (this.#dead) return;
    this.#charge(plainFuel[opcode] as number);
    const { edits, callSegments, callCallees } = this.#plan;
    if (opcode === op.callIndirect || index >= this.#program.imports.length) {
      callSegments.push(this.#segment);
      callCallees.push(opcode === op.call ? index : ~index);
    }
    const exits = opcode === op.call ? this.#mayExit.functions[index] : this.#mayExit.types[index];
    if (exits !== 1) return;
    edits.push(place, edit.flush);
    this.#frames.leaveFunction();
    this.#begin(cursor.pos, edit.chargeAnew);
  }

  #begin(place: number, kind: number = edit.charge): void {
    const { weights, edits } = this.#plan;
    this.#segment = weights.length;
    weights.push(0);
    edits.push(place, kind + (this.#loops > 0 ? inLoop : 0), this.#segment);
  }

  #charge(fuel: number): void {
    if (!this.#dead) this.#plan.weights.add(this.#segment, fuel);
  }
}

/** Added to the kind of a charge that stands inside a loop. */
export const inLoop = 32;

const emptyBlockType = 0x40;

const isControl: Uint8Array = (() => {
  const table = new Uint8Array(256);
  const opcodes = [
    op.unreachable,
    op.block,
    op.loop,
    op.if,
    op.else,
    op.end,
    op.br,
    op.brIf,
    op.brTable,
    op.return,
    op.call,
  ];
  for (const opcode of [...opcodes, op.callIndirect, op.memoryGrow, op.bulkPrefix, op.simdPrefix])
    table[opcode] = 1;
  return table;
})();
