/**
 * Expressions: operands with operators between, what an operand can be, and what can be done with it.
 *
 * The trick: `expression` is ONE rule for all binary operators; it collects operands and operators in a row, and
 * precedence.ts makes the tree. Rules for one level of precedence each would need ten times the stack.
 */
import { type ParserMethod, tokenMatcher } from "chevrotain";
import type * as Ast from "../ast.ts";
import type { Expr, Ident, SyntaxProblem, TypeExpr } from "../ast.ts";
import { CharLiteral, HoleClose, HoleOpen, PlainString, StringClose, StringOpen, StringText } from "../lexer.ts";
import { rangeOf, readEscapes } from "../literals.ts";
import * as ahead from "../lookahead.ts";
import { applyPrecedence, type Operand, type WrittenOp } from "../precedence.ts";
import type { Token } from "../prepare.ts";
import * as T from "../tokens.ts";
import { EXPRESSION_STARTS, MAX_DEPTH, PATTERN_STARTS } from "./base.ts";
import { PatternRules } from "./patterns.ts";

/** What stands behind the element of a comprehension. */
type Generator = Pick<Extract<Expr, { kind: "comprehension" }>, "pattern" | "iterable" | "condition">;

export abstract class ExpressionRules extends PatternRules {
  // made by the statements, which stand on the expressions
  protected abstract readonly block: ParserMethod<[], Expr>;
  protected abstract readonly doBlock: ParserMethod<[], Expr>;
  protected abstract readonly params: ParserMethod<[], Ast.Param[]>;
  protected abstract body(idx: number): Expr;

  /** Arms up to the closing brace, or to `after`. */
  protected armsUntil(open: number): Ast.Arm[] {
    const arms: Ast.Arm[] = [];
    let anchor = this.next();
    do {
      const start = this.next();
      const { depth } = this;
      try {
        if (!this.RECORDING_PHASE) {
          if (this.at(T.RightBrace) || this.at(T.After)) break;
          if (
            arms.length > 0 &&
            !start.newline &&
            !this.followsSeparator() &&
            !ahead.isArmHead(this.tokens, start.at)
          ) {
            this.fail(["an operator", "`,`", "a new line"]);
          }
        }
        anchor = start;
        arms.push(this.SUBRULE(this.arm));
      } catch (failure) {
        this.recover(failure, anchor, depth, open);
        // recovery stops at a semicolon, and no arm begins with one
        if (this.at(T.Semicolon)) this.SKIP_TOKEN();
      }
    } while (!this.RECORDING_PHASE);
    return arms;
  }

  protected followsSeparator(): boolean {
    const { tokenType } = this.previous();
    return tokenType === T.Comma || tokenType === T.Semicolon || tokenType === T.Bar;
  }

  protected readonly expression: ParserMethod<[], Expr> = this.RULE("expression", (): Expr => {
    this.enter();
    const outer = this.deepest;
    this.deepest = this.depth;
    const first = this.SUBRULE(this.operand);
    let operands: Operand[] | undefined;
    const ops: WrittenOp[] = [];
    this.MANY({
      GATE: () => this.continuesLine(),
      DEF: () => {
        operands ??= [{ expr: first, depth: this.deepest }];
        const token = this.CONSUME(T.Operator) as Token;
        ops.push({ op: token.image as WrittenOp["op"], span: this.spanOfToken(token) });
        this.deepest = this.depth;
        const expr = this.SUBRULE2(this.operand);
        operands.push({ expr, depth: this.deepest });
      },
    });
    this.leave();
    if (operands === undefined || this.RECORDING_PHASE) {
      this.deepest = Math.max(this.deepest, outer);
      return first;
    }
    const { whole, extraSend } = applyPrecedence(operands, ops);
    if (extraSend !== undefined) this.reportExtraSend(extraSend);
    if (whole.depth > MAX_DEPTH) this.failTooDeep(this.tokens[this.previous().at] as Token);
    this.deepest = Math.max(whole.depth, outer);
    return whole.expr;
  });

  /** A binary operator goes on with the line it stands in; only `|>` may begin one. */
  protected continuesLine(): boolean {
    const token = this.next();
    return !token.breaks || token.tokenType === T.PipeRight;
  }

  protected reportExtraSend(op: WrittenOp): void {
    const hint = "one `<-` sends one message: use two statements, or parentheses";
    const problem: SyntaxProblem = {
      code: "unexpected-token",
      span: op.span,
      expected: ["a new line"],
      found: "<-",
      hint,
    };
    this.report(problem, this.previous());
  }

  /** Prefix operators, one thing, and what is done with it: calls, fields, indices, `?`. */
  protected readonly operand: ParserMethod<[], Expr> = this.RULE("operand", (): Expr => {
    const prefixes: Token[] = [];
    this.MANY(() => {
      prefixes.push(this.CONSUME(T.PrefixOperator) as Token);
      this.enter();
    });
    this.needStart(EXPRESSION_STARTS, "an expression");
    const start = this.next();
    const isLambda = PATTERN_STARTS[start.tokenTypeIdx] === true && ahead.isLambda(this.tokens, start.at);
    const lambda = this.OPTION({ GATE: () => isLambda, DEF: () => this.SUBRULE(this.lambda) });
    let expr = isLambda ? (lambda as Expr) : this.OR<Expr>(this.primaries as { ALT: () => Expr }[]);
    if (expr.kind === "literal") expr = this.withSign(expr, prefixes, start);
    let reaches = this.deepest;
    this.MANY2({
      GATE: () => this.next().tokenType === T.Dot || !this.next().newline,
      DEF: () => {
        this.deepest = this.depth;
        expr = this.SUBRULE(this.postfix, { ARGS: [expr, start.startOffset] });
        // a method and its call are one step
        const isStep = expr.kind !== "field" || this.next().tokenType !== T.LeftParen;
        reaches = Math.max(reaches, this.deepest) + (isStep ? 1 : 0);
        if (reaches > MAX_DEPTH && !this.RECORDING_PHASE) this.failTooDeep(this.previous());
      },
    });
    if (this.RECORDING_PHASE) return expr;
    this.deepest = reaches;
    for (let token = prefixes.pop(); token !== undefined; token = prefixes.pop()) {
      this.leave();
      const span = { source: this.source, start: token.startOffset, end: expr.span.end };
      if (token.tokenType === T.Tilde) expr = { kind: "splice", span, operand: expr };
      else expr = { kind: "unary", span, op: token.tokenType === T.Minus ? "-" : "!", operand: expr };
    }
    return expr;
  });

  /** `-128i8` is one literal: its digits alone would not fit. */
  protected withSign(expr: Extract<Expr, { kind: "literal" }>, prefixes: Token[], start: Token): Expr {
    const { literal } = expr;
    if (literal.kind !== "number" || rangeOf(literal) !== "canBeNegated") return expr;
    const sign = prefixes.at(-1);
    if (sign?.tokenType !== T.Minus) {
      const problem: SyntaxProblem = { code: "bad-number", span: expr.span, text: start.image, type: literal.type };
      if (this.tokens[start.at - 1]?.tokenType === T.Minus) this.report(problem, start);
      return expr;
    }
    prefixes.pop();
    this.leave();
    return { kind: "literal", span: this.spanFrom(sign), literal: { ...literal, text: `-${literal.text}` } };
  }

  protected readonly postfix: ParserMethod<[Expr, number], Expr> = this.RULE(
    "postfix",
    (target: Expr, start: number): Expr =>
      this.OR<Expr>([
        {
          ALT: () => {
            const args = this.SUBRULE(this.callArguments);
            return { kind: "call", span: this.spanFromOffset(start), callee: target, typeArgs: [], args };
          },
        },
        {
          ALT: () => {
            this.CONSUME(T.Dot);
            return this.SUBRULE(this.member, { ARGS: [target, start] });
          },
        },
        {
          GATE: () => ahead.isTypeArguments(this.tokens, this.next().at),
          ALT: () => {
            const typeArgs = this.SUBRULE(this.typeArgs);
            const args = this.SUBRULE2(this.callArguments);
            return { kind: "call", span: this.spanFromOffset(start), callee: target, typeArgs, args };
          },
        },
        {
          ALT: () => {
            this.CONSUME(T.LeftBracket);
            const index = this.SUBRULE(this.expression);
            this.need(T.RightBracket);
            this.CONSUME(T.RightBracket);
            return { kind: "index", span: this.spanFromOffset(start), target, index };
          },
        },
        {
          ALT: () => {
            this.CONSUME(T.Question);
            return { kind: "try?", span: this.spanFromOffset(start), operand: target };
          },
        },
      ]),
  );

  /** What follows the dot: a name, or one or two tuple positions (`t.0.1` is lexed with the number 0.1). */
  protected readonly member: ParserMethod<[Expr, number], Expr> = this.RULE(
    "member",
    (target: Expr, start: number): Expr => {
      const next = this.next();
      if (!this.RECORDING_PHASE && !this.isMember(next)) this.fail(["a field or method name"]);
      const name = this.OR([
        { ALT: () => this.CONSUME(T.AnyUpper) },
        { ALT: () => this.CONSUME(T.AnyName) },
        { ALT: () => this.CONSUME(T.NumberToken) },
      ]) as Token;
      if (name.tokenType !== T.FloatNumber) {
        return { kind: "field", span: this.spanFromOffset(start), target, name: this.ident(name) };
      }
      const dot = name.startOffset + name.image.indexOf(".");
      const at = (from: number, to: number): Ident => ({
        name: this.source.text.slice(from, to),
        span: { source: this.source, start: from, end: to },
      });
      const outer = at(name.startOffset, dot);
      const field: Expr = { kind: "field", span: { source: this.source, start, end: dot }, target, name: outer };
      return { kind: "field", span: this.spanFromOffset(start), target: field, name: at(dot + 1, name.end) };
    },
  );

  protected isMember(token: Token): boolean {
    if (tokenMatcher(token, T.AnyUpper) || tokenMatcher(token, T.AnyName)) return true;
    return tokenMatcher(token, T.NumberToken) && /^\d+(\.\d+)?$/.test(token.image);
  }

  /** `(a, name: b)` */
  protected readonly callArguments: ParserMethod<[], Ast.Argument[]> = this.RULE(
    "callArguments",
    (): Ast.Argument[] => {
      const args: Ast.Argument[] = [];
      this.CONSUME(T.LeftParen);
      this.commaList(T.RightParen, () => {
        args.push(this.SUBRULE(this.argument));
      });
      this.CONSUME(T.RightParen);
      return args;
    },
  );

  protected readonly argument: ParserMethod<[], Ast.Argument> = this.RULE("argument", (): Ast.Argument => {
    const start = this.next();
    const name = this.OPTION({
      GATE: () => this.second().tokenType === T.Colon,
      DEF: () => {
        const token = this.CONSUME(T.AnyName) as Token;
        this.CONSUME(T.Colon);
        return this.ident(token);
      },
    });
    const value = this.SUBRULE(this.expression);
    return { span: this.spanFrom(start), ...(name === undefined ? {} : { name }), value };
  });

  protected readonly lambda: ParserMethod<[], Expr> = this.RULE("lambda", (): Expr => {
    const start = this.next();
    let params: Ast.Param[] = [];
    const result = this.OR<TypeExpr | undefined>([
      {
        ALT: () => {
          params = this.SUBRULE(this.params);
          return this.OPTION(() => {
            this.CONSUME(T.Arrow);
            return this.SUBRULE(this.type);
          });
        },
      },
      {
        ALT: () => {
          const pattern = this.SUBRULE(this.pattern);
          params = [{ span: pattern.span, pattern }];
          return undefined;
        },
      },
    ]);
    this.CONSUME(T.FatArrow);
    const body = this.SUBRULE(this.expression);
    return { kind: "lambda", span: this.spanFrom(start), params, ...(result === undefined ? {} : { result }), body };
  });

  /** What an operand can be, told by its first token. Made once: an expression is read too often to make closures for it. */
  protected readonly primaries: readonly { readonly ALT: () => Expr }[] = [
    { ALT: () => this.nameExpr(this.CONSUME(T.ValueName) as Token) },
    { ALT: () => this.upperExpr(this.CONSUME(T.AnyUpper) as Token) },
    { ALT: () => this.numberExpr(this.CONSUME(T.NumberToken) as Token) },
    { ALT: () => this.plainStringExpr(this.CONSUME(PlainString) as Token) },
    { ALT: () => this.SUBRULE(this.interpolation) },
    { ALT: () => this.charExpr(this.CONSUME(CharLiteral) as Token) },
    { ALT: () => this.boolExpr(this.CONSUME(T.True) as Token) },
    { ALT: () => this.boolExpr(this.CONSUME(T.False) as Token) },
    { ALT: () => this.nameExpr(this.CONSUME(T.Underscore) as Token) },
    { ALT: () => this.SUBRULE(this.parenthesised) },
    { ALT: () => this.SUBRULE(this.list) },
    { ALT: () => this.SUBRULE(this.struct) },
    { ALT: () => this.SUBRULE(this.block) },
    { ALT: () => this.SUBRULE(this.map) },
    { ALT: () => this.SUBRULE(this.set) },
    { ALT: () => this.SUBRULE(this.if) },
    { ALT: () => this.SUBRULE(this.match) },
    { ALT: () => this.SUBRULE(this.receive) },
    { ALT: () => this.SUBRULE(this.spawn) },
    { ALT: () => this.SUBRULE(this.for) },
    { ALT: () => this.SUBRULE(this.while) },
    { ALT: () => this.SUBRULE(this.try) },
    { ALT: () => this.SUBRULE(this.doBlock) },
    { ALT: () => this.SUBRULE(this.jump) },
    { ALT: () => this.SUBRULE(this.quote) },
  ];

  protected nameExpr(token: Token): Expr {
    return { kind: "name", span: this.spanOfToken(token), name: token.image };
  }

  protected upperExpr(token: Token): Expr {
    return { kind: "upperName", span: this.spanOfToken(token), name: token.image };
  }

  protected numberExpr(token: Token): Expr {
    return { kind: "literal", span: this.spanOfToken(token), literal: this.number(token) };
  }

  protected plainStringExpr(token: Token): Expr {
    return {
      kind: "literal",
      span: this.spanOfToken(token),
      literal: { kind: "string", value: this.plainText(token) },
    };
  }

  protected charExpr(token: Token): Expr {
    return { kind: "literal", span: this.spanOfToken(token), literal: { kind: "char", value: this.plainText(token) } };
  }

  protected boolExpr(token: Token): Expr {
    return {
      kind: "literal",
      span: this.spanOfToken(token),
      literal: { kind: "bool", value: token.tokenType === T.True },
    };
  }

  protected readonly interpolation: ParserMethod<[], Expr> = this.RULE("interpolation", (): Expr => {
    const start = this.CONSUME(StringOpen) as Token;
    const parts: (string | Expr)[] = [];
    this.MANY(() =>
      this.OR([
        { ALT: () => parts.push(readEscapes(this.CONSUME(StringText).image)) },
        {
          ALT: () => {
            this.CONSUME(HoleOpen);
            parts.push(this.SUBRULE(this.expression));
            this.need(HoleClose, "an operator", "`}`");
            this.CONSUME(HoleClose);
          },
        },
      ]),
    );
    this.CONSUME(StringClose);
    return { kind: "interpolation", span: this.spanFrom(start), parts };
  });

  /** `()`, `(e)` and `(a, b)` */
  protected readonly parenthesised: ParserMethod<[], Expr> = this.RULE("parenthesised", (): Expr => {
    const start = this.CONSUME(T.LeftParen) as Token;
    const elements: Expr[] = [];
    this.commaList(T.RightParen, () => {
      elements.push(this.SUBRULE(this.expression));
    });
    this.CONSUME(T.RightParen);
    const span = this.spanFrom(start);
    if (elements.length === 0) return { kind: "literal", span, literal: { kind: "unit" } };
    if (elements.length === 1) return { ...(elements[0] as Expr), span };
    return { kind: "tuple", span, elements };
  });

  /** `[a, b | rest]`, `[a..b]` and `[e for p in xs if c]` */
  protected readonly list: ParserMethod<[], Expr> = this.RULE("list", (): Expr => {
    const start = this.CONSUME(T.LeftBracket) as Token;
    const elements: Expr[] = [];
    let to: Expr | undefined;
    let generator: Generator | undefined;
    let rest: Expr | undefined;
    this.commaList(T.RightBracket, () => {
      elements.push(this.SUBRULE(this.expression));
      this.OPTION(() => {
        this.CONSUME(T.Bar);
        rest = this.SUBRULE2(this.expression);
      });
      if (elements.length > 1) return;
      this.OPTION2(() => {
        this.CONSUME(T.RangeOperator);
        to = this.SUBRULE3(this.expression);
      });
      this.OPTION3(() => {
        generator = this.SUBRULE(this.generator);
      });
    });
    this.CONSUME(T.RightBracket);
    const span = this.spanFrom(start);
    const first = elements[0] as Expr;
    if (to !== undefined) return { kind: "rangeList", span, from: first, to };
    if (generator !== undefined) return { kind: "comprehension", span, element: first, ...(generator as Generator) };
    return { kind: "list", span, elements, ...(rest === undefined ? {} : { rest }) };
  });

  /** `for p in xs if c` in a comprehension */
  protected readonly generator: ParserMethod<[], Generator> = this.RULE("generator", (): Generator => {
    this.CONSUME(T.For);
    const pattern = this.SUBRULE(this.pattern);
    this.needIn();
    this.CONSUME(T.LowerName);
    const iterable = this.SUBRULE(this.expression);
    const condition = this.OPTION(() => {
      this.CONSUME(T.If);
      return this.SUBRULE2(this.expression);
    });
    return { pattern, iterable, ...(condition === undefined ? {} : { condition }) };
  });

  /** `in` is no keyword. */
  protected needIn(): void {
    if (!this.RECORDING_PHASE && this.next().image !== "in") this.fail(["`in`"]);
  }

  protected readonly struct: ParserMethod<[], Expr> = this.RULE("struct", (): Expr => {
    const start = this.CONSUME(T.RecordBrace) as Token;
    const fields: Ast.StructField[] = [];
    this.commaList(T.RightBrace, () => {
      const name = this.ident(this.CONSUME(T.AnyName) as Token);
      const value = this.OPTION2(() => {
        this.CONSUME(T.Colon);
        return this.SUBRULE(this.expression);
      });
      fields.push(value === undefined ? { name } : { name, value });
    });
    this.CONSUME(T.RightBrace);
    return { kind: "struct", span: this.spanFrom(start), fields };
  });

  protected readonly map: ParserMethod<[], Expr> = this.RULE("map", (): Expr => {
    const start = this.CONSUME(T.MapOpen) as Token;
    const entries: { key: Expr; value: Expr }[] = [];
    this.commaList(T.RightBrace, () => {
      const key = this.SUBRULE(this.expression);
      this.need(T.Colon, "`:` and the value");
      this.CONSUME(T.Colon);
      entries.push({ key, value: this.SUBRULE2(this.expression) });
    });
    this.CONSUME(T.RightBrace);
    return { kind: "map", span: this.spanFrom(start), entries };
  });

  protected readonly set: ParserMethod<[], Expr> = this.RULE("set", (): Expr => {
    const start = this.CONSUME(T.SetOpen) as Token;
    const elements: Expr[] = [];
    this.commaList(T.RightBrace, () => {
      elements.push(this.SUBRULE(this.expression));
    });
    this.CONSUME(T.RightBrace);
    return { kind: "set", span: this.spanFrom(start), elements };
  });

  protected readonly if: ParserMethod<[], Expr> = this.RULE("if", (): Expr => {
    const start = this.CONSUME(T.If) as Token;
    const branches: { condition: Expr; body: Expr }[] = [];
    const condition = this.SUBRULE(this.expression);
    this.needBody(["`then`", "`{`"]);
    this.OPTION(() => this.CONSUME(T.Then));
    branches.push({ condition, body: this.body(1) });
    this.MANY({
      GATE: () => this.second().tokenType === T.If,
      DEF: () => {
        this.CONSUME(T.Else);
        this.CONSUME2(T.If);
        const next = this.SUBRULE2(this.expression);
        this.needBody(["`then`", "`{`"]);
        this.OPTION2(() => this.CONSUME2(T.Then));
        branches.push({ condition: next, body: this.body(2) });
      },
    });
    const otherwise = this.OPTION3(() => {
      this.CONSUME3(T.Else);
      return this.body(3);
    });
    return { kind: "if", span: this.spanFrom(start), branches, ...(otherwise === undefined ? {} : { otherwise }) };
  });

  /** After a condition: names what is missing instead of complaining about the statement that should follow. */
  protected needBody(expected: readonly string[]): void {
    if (this.RECORDING_PHASE || this.at(T.Then)) return;
    if (EXPRESSION_STARTS[this.next().tokenTypeIdx] !== true && !this.at(T.Var)) this.fail(expected);
  }

  protected readonly match: ParserMethod<[], Expr> = this.RULE("match", (): Expr => {
    this.enter();
    const start = this.CONSUME(T.Match) as Token;
    if (!this.RECORDING_PHASE && this.lacksScrutinee()) this.fail(["a value to match"]);
    const scrutinee = this.SUBRULE(this.expression);
    this.need(T.LeftBrace, "`{` and the arms");
    const open = this.CONSUME(T.LeftBrace) as Token;
    if (!this.RECORDING_PHASE && this.next().at === open.partner) this.fail(["an arm"]);
    const arms = this.armsUntil(open.at);
    this.need(T.RightBrace, "`}`");
    this.CONSUME(T.RightBrace);
    this.leave();
    return { kind: "match", span: this.spanFrom(start), scrutinee, arms };
  });

  /** `match { arms }`: the braces are the arms, not a block to match. */
  protected lacksScrutinee(): boolean {
    const open = this.next();
    if (!tokenMatcher(open, T.LeftBrace)) return false;
    const behind = this.tokens[open.partner + 1] as Token;
    return (
      !tokenMatcher(behind, T.LeftBrace) && behind.tokenType !== T.Dot && ahead.isArmHead(this.tokens, open.at + 1)
    );
  }

  protected readonly receive: ParserMethod<[], Expr> = this.RULE("receive", (): Expr => {
    this.enter();
    const start = this.CONSUME(T.Receive) as Token;
    this.need(T.LeftBrace, "`{` and the arms");
    const open = this.CONSUME(T.LeftBrace) as Token;
    const arms = this.armsUntil(open.at);
    const after = this.OPTION(() => {
      this.CONSUME(T.After);
      const timeout = this.SUBRULE(this.expression);
      this.need(T.Arrow);
      const arrow = this.CONSUME(T.Arrow) as Token;
      const body = this.hasBody() ? this.body(1) : this.emptyBody(arrow);
      this.skipSeparator();
      return { timeout, body };
    });
    if (!this.RECORDING_PHASE && !this.at(T.RightBrace)) this.fail(["`}`"], "after `after`, which comes last");
    this.CONSUME(T.RightBrace);
    this.leave();
    return { kind: "receive", span: this.spanFrom(start), arms, ...(after === undefined ? {} : { after }) };
  });

  protected readonly arm: ParserMethod<[], Ast.Arm> = this.RULE("arm", (): Ast.Arm => {
    this.OPTION(() => this.CONSUME(T.Bar));
    const start = this.next();
    const pattern = this.SUBRULE(this.pattern);
    const guard = this.OPTION2(() => {
      this.CONSUME(T.When);
      return this.SUBRULE(this.expression);
    });
    if (!this.RECORDING_PHASE && !this.at(T.Arrow)) this.fail(guard === undefined ? ["`->`", "`when`"] : ["`->`"]);
    const arrow = this.CONSUME(T.Arrow) as Token;
    const body = this.hasBody() ? this.body(1) : this.emptyBody(arrow);
    const span = this.spanFrom(start);
    this.skipSeparator();
    return { span, pattern, ...(guard === undefined ? {} : { guard }), body };
  });

  /** Whether something stands behind the `->` of an arm before the next arm or the end. */
  protected hasBody(): boolean {
    if (this.RECORDING_PHASE) return true;
    const token = this.next();
    const type = token.tokenType;
    if (this.at(T.RightBrace) || type === T.Comma || type === T.Semicolon || type === T.Bar || type === T.After)
      return false;
    return !(token.newline && ahead.isArmHead(this.tokens, token.at));
  }

  protected emptyBody(arrow: Token): Expr {
    return { kind: "block", span: { source: this.source, start: arrow.end, end: arrow.end }, statements: [] };
  }

  protected skipSeparator(): void {
    if (this.RECORDING_PHASE) return;
    const type = this.next().tokenType;
    if (type === T.Comma || type === T.Semicolon || type === T.Bar) this.SKIP_TOKEN();
  }

  protected readonly try: ParserMethod<[], Expr> = this.RULE("try", (): Expr => {
    this.enter();
    const start = this.CONSUME(T.Try) as Token;
    const body = this.body(1);
    const arms = this.OPTION(() => {
      this.CONSUME(T.Catch);
      this.need(T.LeftBrace, "`{` and the arms");
      const open = this.CONSUME(T.LeftBrace) as Token;
      const found = this.armsUntil(open.at);
      this.need(T.RightBrace, "`}`");
      this.CONSUME(T.RightBrace);
      return found;
    });
    const finalizer = this.OPTION2(() => {
      this.CONSUME(T.Finally);
      return this.body(2);
    });
    this.leave();
    return {
      kind: "try",
      span: this.spanFrom(start),
      body,
      ...(arms === undefined ? {} : { arms }),
      ...(finalizer === undefined ? {} : { finalizer }),
    };
  });

  protected readonly while: ParserMethod<[], Expr> = this.RULE("while", (): Expr => {
    const start = this.CONSUME(T.While) as Token;
    const condition = this.SUBRULE(this.expression);
    this.needBody(["`{`"]);
    const body = this.body(1);
    return { kind: "while", span: this.spanFrom(start), condition, body };
  });

  /** `for i = a to b body` and `for p in xs body` */
  protected readonly for: ParserMethod<[], Expr> = this.RULE("for", (): Expr => {
    const start = this.CONSUME(T.For) as Token;
    this.needStart(PATTERN_STARTS, "a variable");
    return this.OR<Expr>([
      {
        GATE: () => this.second().tokenType === T.Assign,
        ALT: () => {
          const name = this.OR2([{ ALT: () => this.CONSUME(T.ValueName) }, { ALT: () => this.CONSUME(T.Underscore) }]);
          const variable = this.ident(name as Token);
          this.CONSUME(T.Assign);
          const from = this.SUBRULE(this.expression);
          this.need(T.To);
          this.CONSUME(T.To);
          const to = this.SUBRULE2(this.expression);
          this.needBody(["`{`"]);
          const body = this.body(1);
          return { kind: "for", span: this.spanFrom(start), variable, from, to, body };
        },
      },
      {
        ALT: () => {
          const pattern = this.SUBRULE(this.pattern);
          this.needIn();
          this.CONSUME(T.LowerName);
          const iterable = this.SUBRULE3(this.expression);
          this.needBody(["`{`"]);
          const body = this.body(2);
          return { kind: "forIn", span: this.spanFrom(start), pattern, iterable, body };
        },
      },
    ]);
  });

  /** `break`, `continue`, `return`; a value stands on the same line */
  protected readonly jump: ParserMethod<[], Expr> = this.RULE("jump", (): Expr => {
    const start = this.OR([
      { ALT: () => this.CONSUME(T.Break) },
      { ALT: () => this.CONSUME(T.Continue) },
      { ALT: () => this.CONSUME(T.Return) },
    ]) as Token;
    const value = this.OPTION({
      GATE: () => start.tokenType !== T.Continue && !this.next().newline,
      DEF: () => this.SUBRULE(this.expression),
    });
    const span = this.spanFrom(start);
    if (start.tokenType === T.Continue) return { kind: "continue", span };
    const kind = start.tokenType === T.Break ? "break" : "return";
    return { kind, span, ...(value === undefined ? {} : { value }) };
  });

  protected readonly spawn: ParserMethod<[], Expr> = this.RULE("spawn", (): Expr => {
    const start = this.OR([
      { ALT: () => this.CONSUME(T.Spawn) },
      { ALT: () => this.CONSUME(T.SpawnLink) },
      { ALT: () => this.CONSUME(T.SpawnMonitor) },
    ]) as Token;
    const how = start.image as "spawn" | "spawn_link" | "spawn_monitor";
    const isBlock = this.RECORDING_PHASE || this.at(T.LeftBrace);
    const body = this.SUBRULE(this.blockOrArgument);
    return { kind: "spawn", span: this.spanFrom(start), how, body, isBlock };
  });

  protected readonly quote: ParserMethod<[], Expr> = this.RULE("quote", (): Expr => {
    const start = this.CONSUME(T.Quote) as Token;
    const body = this.SUBRULE(this.blockOrArgument);
    return { kind: "quote", span: this.spanFrom(start), body };
  });

  /** `{ … }` or `(e)` behind `spawn` and `quote` */
  protected readonly blockOrArgument: ParserMethod<[], Expr> = this.RULE("blockOrArgument", (): Expr => {
    if (!this.RECORDING_PHASE && !this.at(T.LeftBrace)) this.need(T.LeftParen, "`{`", "`(`");
    return this.OR([
      { ALT: () => this.SUBRULE(this.block) },
      {
        ALT: () => {
          this.CONSUME(T.LeftParen);
          const expr = this.SUBRULE(this.expression);
          this.skipComma();
          this.need(T.RightParen);
          this.CONSUME(T.RightParen);
          return expr;
        },
      },
    ]);
  });
}
