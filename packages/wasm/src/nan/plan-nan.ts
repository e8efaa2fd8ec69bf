import { EditList } from '../edit-list.ts';
import { IntList } from '../growable.ts';
import type { AdmittedProgram } from '../program.ts';
import type { NanPlan } from './nan-plan.ts';

export function planNan(program: AdmittedProgram): NanPlan {
  const firstEdit = new IntList();
  for (let k = 0; k <= program.bodies.length; k++) firstEdit.push(0);
  return { edits: new EditList(), firstEdit, localsNeeded: new Uint8Array(program.bodies.length) };
}
