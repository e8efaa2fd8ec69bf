import type { EditList } from '../edit-list.ts';
import type { IntList } from '../growable.ts';

/** Where values are made canonical. The kind of an edit is one of `nanForm`; its argument is unused. */
export interface NanPlan {
  readonly edits: EditList;
  /** By body: index of its first edit, with one entry more at the end. */
  readonly firstEdit: IntList;
  /** By body: the forms of its edits, each as the bit `1 << form`. */
  readonly forms: Uint8Array;
}

/** What is on top of the stack, and so which instructions make it canonical. */
export const nanForm = { f32: 1, f64: 2, f32x4: 3, f64x2: 4 } as const;
