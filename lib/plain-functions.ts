/** A node of an ESTree that says where in the code it stands, as acorn makes them. */
export interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
}

interface ArrowFunction extends SyntaxNode {
  readonly type: 'ArrowFunctionExpression';
  readonly async: boolean;
  readonly params: readonly SyntaxNode[];
  readonly body: SyntaxNode;
}

interface Edit {
  readonly at: number;
  readonly remove: number;
  readonly insert: string;
}

const isNode = (value: unknown): value is SyntaxNode =>
  typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';

const isArrow = (node: SyntaxNode): node is ArrowFunction => node.type === 'ArrowFunctionExpression';

/** Whether this means something else in a function than in an arrow function. */
const isOfTheFunction = (node: SyntaxNode): boolean =>
  ['ThisExpression', 'Super', 'MetaProperty'].includes(node.type) ||
  (node.type === 'Identifier' && 'name' in node && node.name === 'arguments');

/**
 * Writes arrow functions as functions wherever that makes no difference, for a quicker start: V8 only outlines a
 * function that it has not seen called, but parses each arrow function within another function in full, and CommonJS puts
 * all of a file into one function. An arrow function stays one if `this`, `super`, `arguments` or `new.target` is
 * anywhere in it.
 *
 * esbuild's own way, `supported: { arrow: false }`, breaks classes: it takes `this` ahead of `super()`, and knows none in
 * a field.
 *
 * @param code without comments
 * @param program what it was parsed into
 */
export const plainFunctions = (code: string, program: SyntaxNode): string => {
  const edits: Edit[] = [];
  const insert = (at: number, text: string) => edits.push({ at, remove: 0, insert: text });

  const rewrite = ({ start, end, async, params: [first], body }: ArrowFunction): void => {
    const head = start + (async ? 'async'.length : 0);
    insert(head, ' function');
    if (first && !code.slice(head, first.start).includes('(')) {
      insert(first.start, '(');
      insert(first.end, ')');
    }
    const isExpression = body.type !== 'BlockStatement';
    edits.push({
      at: code.lastIndexOf('=>', body.start),
      remove: '=>'.length,
      insert: isExpression ? '{return ' : '',
    });
    if (isExpression) insert(end, '}');
  };

  /** @returns whether anything in it is of the function around it */
  const visit = (node: SyntaxNode, parent?: SyntaxNode): boolean => {
    const children = Object.values(node).flat().filter(isNode);
    // Not `some`: each of them is to be visited.
    const isBound = children.map((child) => visit(child, node)).includes(true) || isOfTheFunction(node);
    // At the start of a statement it would be a declaration.
    if (isArrow(node) && !isBound && parent?.type !== 'ExpressionStatement') rewrite(node);
    return isBound;
  };
  visit(program);

  let result = '';
  let copied = 0;
  for (const { at, remove, insert: text } of edits.toSorted((one, other) => one.at - other.at)) {
    result += code.slice(copied, at) + text;
    copied = at + remove;
  }
  return result + code.slice(copied);
};
