/**
 * The grammar: a Chevrotain parser whose actions build the syntax tree of ast.ts directly (`EmbeddedActionsParser`; a
 * concrete tree in between would double the work and the memory, and nobody would read it).
 *
 * The trick: one token of lookahead everywhere. What would need more is answered beforehand from the paired brackets
 * (`lookahead.ts`), and an expression is ONE rule that collects operands and operators in a row (`precedence.ts`).
 * Stays true: rules recurse along nesting only, and nesting is counted (`MAX_DEPTH`); what lies side by side, operators,
 * statements, arms, elements, else-ifs, is read by loops. A mistake ends its statement, arm or declaration, the next one
 * is read as if nothing had happened.
 */
import type { Item, SyntaxProblem } from "./ast.ts";
import type { Token } from "./prepare.ts";
import { MAX_DEPTH } from "./rules/base.ts";
import { DeclarationRules } from "./rules/declarations.ts";
import type { SourceFile } from "./source.ts";

class NostosParser extends DeclarationRules {
  constructor() {
    super();
    this.performSelfAnalysis();
  }

  /**
   * Reads a whole file; problems come out in the order found.
   * @param isSound  whether the tokens gave no problem yet
   */
  read(
    source: SourceFile,
    tokens: readonly Token[],
    isSound: boolean,
  ): { readonly items: Item[]; readonly problems: SyntaxProblem[] } {
    this.source = source;
    this.tokens = tokens;
    this.problems = [];
    this.isSound = isSound;
    this.depth = 0;
    this.deepest = 0;
    this.input = [...tokens]; // a copy: Chevrotain puts sentinels behind it while it parses
    let items: Item[] = [];
    try {
      items = this.file();
    } catch (failure) {
      // the depth count should make this impossible; a stack that was nearly full before we came can still do it
      if (!(failure instanceof RangeError)) throw failure;
      const first = tokens[0] as Token;
      this.problems.push({ code: "too-deep", span: this.spanOfToken(first), limit: MAX_DEPTH });
    }
    return { items, problems: this.problems };
  }
}

let parser: NostosParser | undefined;

/** The one parser; made at first use, since that takes some milliseconds. */
export function theParser(): NostosParser {
  parser ??= new NostosParser();
  return parser;
}
