/**
 * Statements and blocks, and what a function is made of wherever it stands.
 */
import type { ParserMethod, TokenType } from "chevrotain";
import type * as Ast from "../ast.ts";
import type { Expr, Ident, Pattern, Statement, TypeExpr } from "../ast.ts";
import * as ahead from "../lookahead.ts";
import type { Token } from "../prepare.ts";
import * as T from "../tokens.ts";
import { EXPRESSION_STARTS, Failure } from "./base.ts";
import { ExpressionRules } from "./expressions.ts";

interface Clause {
  readonly name: Ident;
  readonly typeParams: readonly Ast.TypeParam[];
  readonly params: readonly Ast.Param[];
  readonly guard?: Expr;
  readonly result?: TypeExpr;
  readonly body: Expr;
}

export abstract class StatementRules extends ExpressionRules {
  /** Statements up to the closing bracket or `end`. */
  protected statementsUntil(close: TokenType, open: number): Statement[] {
    const statements: Statement[] = [];
    let isFree = true;
    let anchor = this.next();
    do {
      const start = this.next();
      const { depth } = this;
      try {
        if (!this.RECORDING_PHASE) {
          if (start.tokenType === T.Comma || start.tokenType === T.Semicolon) {
            this.SKIP_TOKEN();
            isFree = true;
            continue;
          }
          if (this.at(close)) break;
          if (!isFree && !start.newline) this.fail(["an operator", "a new line"]);
        }
        anchor = start;
        statements.push(this.SUBRULE(this.statement, { ARGS: [true] }));
        isFree = false;
      } catch (failure) {
        this.recover(failure, anchor, depth, open);
        isFree = true;
      }
    } while (!this.RECORDING_PHASE);
    return statements;
  }

  /** `pattern [: T] = e`; used by two rules. */
  protected bindingRest(): { pattern: Pattern; type: TypeExpr | undefined; value: Expr } {
    const pattern = this.SUBRULE(this.pattern);
    const type = this.OPTION8(() => {
      this.CONSUME(T.Colon);
      return this.SUBRULE(this.type);
    });
    this.need(T.Assign);
    this.CONSUME(T.Assign);
    this.needValue();
    const value = this.SUBRULE(this.expression);
    return { pattern, type, value };
  }

  /** Behind a `=`: a next line that is a definition of its own is not the value. */
  protected needValue(): void {
    const token = this.next();
    if (this.RECORDING_PHASE || !token.newline) return;
    if (ahead.statementKind(this.tokens, token.at, true) === "expression" && !ahead.ITEM_KEYWORDS.has(token.tokenType))
      return;
    const { end } = this.previous();
    const span = { source: this.source, start: end, end };
    throw new Failure({ code: "unexpected-token", span, expected: ["an expression"], found: "end of line" }, token);
  }

  /** `name[T](params) [when g] [-> T]` and `= e` or a block */
  protected readonly clause: ParserMethod<[], Clause> = this.RULE("clause", (): Clause => {
    const name = this.ident(this.CONSUME(T.ValueName) as Token);
    const typeParams = this.OPTION(() => this.SUBRULE(this.typeParams)) ?? [];
    const params = this.SUBRULE(this.params);
    const guard = this.OPTION2(() => {
      this.CONSUME(T.When);
      return this.SUBRULE(this.expression);
    });
    const result = this.OPTION3(() => {
      this.CONSUME(T.Arrow);
      return this.SUBRULE(this.type);
    });
    if (!this.RECORDING_PHASE && !this.at(T.Assign) && !this.at(T.LeftBrace)) this.fail(["`=`", "`{`"]);
    const body = this.OR([
      {
        ALT: () => {
          this.CONSUME(T.Assign);
          this.needValue();
          return this.SUBRULE2(this.expression);
        },
      },
      { ALT: () => this.SUBRULE(this.block) },
    ]);
    return {
      name,
      typeParams,
      params,
      ...(guard === undefined ? {} : { guard }),
      ...(result === undefined ? {} : { result }),
      body,
    };
  });

  protected readonly params: ParserMethod<[], Ast.Param[]> = this.RULE("params", (): Ast.Param[] => {
    const params: Ast.Param[] = [];
    this.need(T.LeftParen);
    this.CONSUME(T.LeftParen);
    this.commaList(T.RightParen, () => {
      params.push(this.SUBRULE(this.param));
    });
    this.CONSUME(T.RightParen);
    return params;
  });

  protected readonly param: ParserMethod<[], Ast.Param> = this.RULE("param", (): Ast.Param => {
    const start = this.next();
    const pattern = this.SUBRULE(this.pattern);
    const type = this.OPTION(() => {
      this.CONSUME(T.Colon);
      return this.SUBRULE(this.type);
    });
    const value = this.OPTION2(() => {
      this.CONSUME(T.Assign);
      return this.SUBRULE(this.expression);
    });
    return {
      span: this.spanFrom(start),
      pattern,
      ...(type === undefined ? {} : { type }),
      ...(value === undefined ? {} : { default: value }),
    };
  });

  protected readonly statement: ParserMethod<[boolean], Statement> = this.RULE(
    "statement",
    (mayDefine: boolean): Statement => {
      const start = this.next();
      const kind = this.RECORDING_PHASE ? "expression" : ahead.statementKind(this.tokens, start.at, mayDefine);
      if (kind === "expression") this.needStart(EXPRESSION_STARTS, "a statement");
      return this.OR<Statement>([
        {
          GATE: () => kind === "expression",
          ALT: () => {
            const expr = this.SUBRULE2(this.expression);
            const value = this.OPTION2({
              GATE: () => expr.kind === "field" || expr.kind === "index",
              DEF: () => {
                this.CONSUME2(T.Assign);
                return this.SUBRULE3(this.expression);
              },
            });
            const span = this.spanFrom(start);
            if (value === undefined) return { kind: "expr", span, expr };
            return { kind: "assign", span, target: expr as Ast.FieldExpr | Ast.IndexExpr, value };
          },
        },
        {
          GATE: () => kind === "function",
          ALT: () => {
            const { typeParams, guard, ...clause } = this.SUBRULE(this.clause);
            if (!this.RECORDING_PHASE) this.refuseInLocalFunction(typeParams, guard);
            return { kind: "localFunction", span: this.spanFrom(start), ...clause };
          },
        },
        {
          GATE: () => kind === "var" || kind === "bind",
          ALT: () => {
            const isVar = this.OPTION(() => this.CONSUME(T.Var)) !== undefined;
            const { pattern, type, value } = this.bindingRest();
            const span = this.spanFrom(start);
            return { kind: "bind", span, isVar, pattern, ...(type === undefined ? {} : { type }), value };
          },
        },
      ]);
    },
  );

  protected refuseInLocalFunction(typeParams: readonly Ast.TypeParam[], guard: Expr | undefined): void {
    const refused = guard?.span ?? typeParams[0]?.name.span;
    if (refused === undefined) return;
    const found = this.source.text.slice(refused.start, refused.end);
    const expected = [guard === undefined ? "parameters" : "`=`"];
    const hint = "a local function has no type parameters and no guard; move it out of the block, or use `if`";
    this.report({ code: "unexpected-token", span: refused, expected, found, hint }, this.previous());
  }

  /** A body where an assignment may stand: a branch, an arm, a loop. */
  protected body(idx: number): Expr {
    const statement = this.subrule(idx, this.statement, { ARGS: [false] });
    if (statement.kind === "expr") return statement.expr;
    return { kind: "statement", span: statement.span, statement };
  }

  protected readonly block: ParserMethod<[], Expr> = this.RULE("block", (): Expr => {
    this.enter();
    const start = this.CONSUME(T.LeftBrace) as Token;
    const statements = this.statementsUntil(T.RightBrace, start.at);
    this.CONSUME(T.RightBrace);
    this.leave();
    return { kind: "block", span: this.spanFrom(start), statements };
  });

  protected readonly doBlock: ParserMethod<[], Expr> = this.RULE("doBlock", (): Expr => {
    this.enter();
    const start = this.CONSUME(T.Do) as Token;
    const statements = this.statementsUntil(T.End, start.at);
    this.CONSUME(T.End);
    this.leave();
    return { kind: "block", span: this.spanFrom(start), statements };
  });
}
