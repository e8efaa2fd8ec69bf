import { create } from 'xmlbuilder2';

/** An element as a check looks at it. */
export interface Element {
  /** With its prefix, such as `cbc:ID`. */
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Element[];
  /** Without the space around it. */
  readonly text: string;
}

/** Reads XML. Throws for what is not well-formed. */
export function readTree(xml: string): Element {
  return treeOf(create(xml).root().node as unknown as DomElement);
}

/** The elements that a path of names leads to, from the children of `from` on. */
export function at(from: Element, ...path: readonly string[]): readonly Element[] {
  return path.reduce<readonly Element[]>(
    (found, name) => found.flatMap(({ children }) => children.filter((child) => child.name === name)),
    [from],
  );
}

/** The text of the first element that a path leads to; undefined where there is none, or it is empty. */
export function textAt(from: Element, ...path: readonly string[]): string | undefined {
  return at(from, ...path)[0]?.text || undefined;
}

/** All elements below. */
export function below(from: Element): readonly Element[] {
  return from.children.flatMap((child) => [child, ...below(child)]);
}

/** What we use of the DOM. */
interface DomElement {
  readonly nodeType: number;
  readonly nodeName: string;
  readonly textContent: string | null;
  readonly childNodes: Iterable<DomElement>;
  readonly attributes: Iterable<{ readonly name: string; readonly value: string }>;
}

const elementNode = 1;

function treeOf(node: DomElement): Element {
  const children = [...node.childNodes].filter(({ nodeType }) => nodeType === elementNode).map(treeOf);
  return {
    name: node.nodeName,
    attributes: Object.fromEntries([...node.attributes].map(({ name, value }) => [name, value])),
    children,
    text: children.length === 0 ? (node.textContent ?? '').trim() : '',
  };
}
