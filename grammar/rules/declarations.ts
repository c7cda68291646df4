/**
 * Declarations, and the file that they make.
 */
import { type ParserMethod, type TokenType, tokenMatcher } from "chevrotain";
import type * as Ast from "../ast.ts";
import type { Ident, Item, SyntaxProblem } from "../ast.ts";
import { docAbove } from "../doc-comment.ts";
import { PlainString } from "../lexer.ts";
import * as ahead from "../lookahead.ts";
import type { Token } from "../prepare.ts";
import { join } from "../source.ts";
import * as T from "../tokens.ts";
import { EXPRESSION_STARTS, Failure, TYPE_STARTS } from "./base.ts";
import { StatementRules } from "./statements.ts";

interface Header {
  readonly start: Token;
  readonly isPublic: boolean;
  readonly doc?: string;
  readonly decorators?: readonly Ast.Decorator[];
}

export abstract class DeclarationRules extends StatementRules {
  /** Declarations up to the end of the file or, in a module, to its `end`. */
  protected itemsUntil(close: TokenType): Item[] {
    const items: Item[] = [];
    let isFree = true;
    let anchor = this.next();
    do {
      const start = this.next();
      const { depth } = this;
      try {
        if (!this.RECORDING_PHASE) {
          if (start.tokenType === T.Semicolon) {
            this.SKIP_TOKEN();
            isFree = true;
            continue;
          }
          if (this.at(close) || start.tokenType === T.EndOfFile) break;
          if (start.tokenType === T.End && (this.problems.length > 0 || !this.isSound)) {
            // most likely of a declaration that could not be read
            this.SKIP_TOKEN();
            continue;
          }
          if (!isFree && !start.newline) this.fail(["an operator", "a new line"]);
        }
        anchor = start;
        items.push(this.SUBRULE(this.item));
        isFree = false;
      } catch (failure) {
        this.recover(failure, anchor, depth, -1);
        isFree = true;
      }
    } while (!this.RECORDING_PHASE);
    return items;
  }

  protected readonly file: ParserMethod<[], Item[]> = this.RULE("file", (): Item[] => {
    const items = this.itemsUntil(T.EndOfFile);
    this.CONSUME(T.EndOfFile);
    return items;
  });

  protected readonly item: ParserMethod<[], Item> = this.RULE("item", (): Item => {
    const first = this.next();
    const decorators: Ast.Decorator[] = [];
    this.MANY(() => decorators.push(this.SUBRULE(this.decorator)));
    const start = this.next();
    const isPublic = this.OPTION(() => this.CONSUME(T.Pub)) !== undefined;
    const kind = this.RECORDING_PHASE ? "statement" : this.itemKind(isPublic || decorators.length > 0);
    const doc = this.RECORDING_PHASE ? undefined : docAbove(this.source.text, first.startOffset);
    const header: Header = {
      start,
      isPublic,
      ...(doc === undefined ? {} : { doc }),
      ...(decorators.length === 0 ? {} : { decorators }),
    };
    // what it is is known: an alternation would only look again
    return this.SUBRULE(this.ruleOf(kind), { ARGS: [header] });
  });

  protected ruleOf(kind: ahead.ItemKind): ParserMethod<[Header], Item> {
    switch (kind) {
      case "function":
        return this.functionDecl;
      case "bind":
        return this.bindingDecl;
      case "type":
        return this.typeDecl;
      case "use":
        return this.useDecl;
      case "const":
        return this.constDecl;
      case "mvar":
        return this.mvarDecl;
      case "module":
        return this.moduleDecl;
      case "trait":
        return this.traitDecl;
      case "impl":
        return this.implDecl;
      case "template":
        return this.templateDecl;
      case "extern":
        return this.externDecl;
      case "test":
        return this.testDecl;
      case "statement":
        return this.statementItem;
    }
  }

  protected itemKind(mustDeclare: boolean): ahead.ItemKind {
    const { tokens } = this;
    const token = this.next();
    const keyword = ahead.ITEM_KEYWORDS.get(token.tokenType);
    if (keyword !== undefined) return keyword;
    if (token.tokenType === T.Var && this.second().tokenType === T.Type) return "type";
    if (ahead.isFunction(tokens, token.at)) return "function";
    if (ahead.isImpl(tokens, token.at)) return "impl";
    const kind = ahead.statementKind(tokens, token.at, false);
    if (kind === "var" || kind === "bind") return "bind";
    if (mustDeclare) this.fail(["a declaration"]);
    this.needStart(EXPRESSION_STARTS, "a declaration");
    return "statement";
  }

  protected readonly decorator: ParserMethod<[], Ast.Decorator> = this.RULE("decorator", (): Ast.Decorator => {
    const start = this.CONSUME(T.At) as Token;
    const name = this.ident(this.CONSUME(T.ValueName) as Token);
    const args = this.OPTION({
      GATE: () => !this.next().newline,
      DEF: () => this.SUBRULE(this.callArguments),
    });
    return { span: this.spanFrom(start), name, args: args ?? [] };
  });

  protected readonly statementItem: ParserMethod<[Header], Item> = this.RULE("statementItem", (): Item => {
    const statement = this.SUBRULE(this.statement, { ARGS: [false] });
    return { kind: "statement", span: statement.span, statement };
  });

  protected readonly bindingDecl: ParserMethod<[Header], Item> = this.RULE("bindingDecl", (header: Header): Item => {
    const isVar = this.OPTION(() => this.CONSUME(T.Var)) !== undefined;
    const { pattern, type, value } = this.bindingRest();
    const shared = this.declared(header);
    return { kind: "binding", ...shared, isVar, pattern, ...(type === undefined ? {} : { type }), value };
  });

  protected declared(header: Header): Pick<Ast.FunctionDecl, "span" | "isPublic" | "doc" | "decorators"> {
    if (this.RECORDING_PHASE) return { span: { source: this.source, start: 0, end: 0 }, isPublic: false };
    const { start, ...rest } = header;
    return { span: this.spanFrom(start), ...rest };
  }

  protected readonly functionDecl: ParserMethod<[Header], Item> = this.RULE("functionDecl", (header: Header): Item => {
    const clause = this.SUBRULE(this.clause);
    return { kind: "function", ...this.declared(header), ...clause };
  });

  protected readonly typeDecl: ParserMethod<[Header], Item> = this.RULE("typeDecl", (header: Header): Item => {
    const isMutable = this.OPTION(() => this.CONSUME(T.Var)) !== undefined;
    const isReactive = this.OR([
      { ALT: () => this.CONSUME(T.Type) && false },
      { ALT: () => this.CONSUME(T.Reactive) && true },
    ]);
    this.need(T.AnyUpper, "a type name with a capital");
    const name = this.ident(this.CONSUME(T.AnyUpper) as Token);
    const typeParams = this.OPTION2(() => this.SUBRULE(this.typeParams)) ?? [];
    const body: Ast.TypeBody = this.OPTION3(() => {
      this.CONSUME(T.Assign);
      return this.SUBRULE(this.typeBody);
    }) ?? { kind: "empty" };
    return { kind: "type", ...this.declared(header), name, typeParams, isMutable, isReactive, body };
  });

  protected readonly typeBody: ParserMethod<[], Ast.TypeBody> = this.RULE("typeBody", (): Ast.TypeBody => {
    const kind = this.RECORDING_PHASE ? "alias" : this.typeBodyKind();
    return this.OR<Ast.TypeBody>([
      {
        GATE: () => kind === "record",
        ALT: () => ({ kind: "record", fields: this.SUBRULE(this.fieldDecls) }),
      },
      {
        GATE: () => kind === "variants",
        ALT: () => {
          const constructors: Ast.ConstructorDecl[] = [];
          this.OPTION(() => this.CONSUME(T.Bar));
          constructors.push(this.SUBRULE(this.constructorDecl));
          this.MANY(() => {
            this.CONSUME2(T.Bar);
            constructors.push(this.SUBRULE2(this.constructorDecl));
          });
          return { kind: "variants", constructors };
        },
      },
      { GATE: () => kind === "alias", ALT: () => ({ kind: "alias", type: this.SUBRULE(this.type) }) },
    ]);
  });

  protected typeBodyKind(): Ast.TypeBody["kind"] {
    const token = this.next();
    if (this.at(T.LeftBrace)) return "record";
    if (token.tokenType === T.Bar) return "variants";
    this.needStart(TYPE_STARTS, "a type");
    if (!this.at(T.AnyUpper)) return "alias";
    const second = this.second();
    if (second.tokenType === T.Bar) return "variants";
    if (second.newline) return "alias";
    return second.tokenType === T.LeftParen || tokenMatcher(second, T.LeftBrace) ? "variants" : "alias";
  }

  protected readonly constructorDecl: ParserMethod<[], Ast.ConstructorDecl> = this.RULE(
    "constructorDecl",
    (): Ast.ConstructorDecl => {
      this.need(T.AnyUpper, "a constructor");
      const start = this.CONSUME(T.AnyUpper) as Token;
      const fields: Ast.ConstructorDecl["fields"] = this.OPTION({
        GATE: () => !this.next().newline,
        DEF: () =>
          this.OR<Ast.ConstructorDecl["fields"]>([
            { ALT: () => ({ kind: "positional", types: this.SUBRULE(this.typeList) }) },
            { ALT: () => ({ kind: "named", fields: this.SUBRULE(this.fieldDecls) }) },
          ]),
      }) ?? { kind: "none" };
      return { span: this.spanFrom(start), name: this.ident(start), fields };
    },
  );

  protected readonly constDecl: ParserMethod<[Header], Item> = this.RULE("constDecl", (header: Header): Item => {
    this.CONSUME(T.Const);
    const name = this.ident(this.SUBRULE(this.pathName));
    const type = this.OPTION(() => {
      this.CONSUME(T.Colon);
      return this.SUBRULE(this.type);
    });
    this.need(T.Assign);
    this.CONSUME(T.Assign);
    const value = this.SUBRULE(this.expression);
    return { kind: "const", ...this.declared(header), name, ...(type === undefined ? {} : { type }), value };
  });

  protected readonly mvarDecl: ParserMethod<[Header], Item> = this.RULE("mvarDecl", (header: Header): Item => {
    this.CONSUME(T.Mvar);
    const name = this.ident(this.CONSUME(T.ValueName) as Token);
    this.need(T.Colon, "`:` and a type");
    this.CONSUME(T.Colon);
    const type = this.SUBRULE(this.type);
    this.need(T.Assign);
    this.CONSUME(T.Assign);
    const value = this.SUBRULE(this.expression);
    return { kind: "mvar", ...this.declared(header), name, type, value };
  });

  protected readonly moduleDecl: ParserMethod<[Header], Item> = this.RULE("moduleDecl", (header: Header): Item => {
    this.enter();
    const start = this.CONSUME(T.Module) as Token;
    this.need(T.AnyUpper, "a module name with a capital");
    const name = this.ident(this.CONSUME(T.AnyUpper) as Token);
    const items = this.itemsUntil(T.End);
    if (!this.RECORDING_PHASE && !this.at(T.End)) {
      const opened = this.spanOfToken(start);
      const problem: SyntaxProblem = {
        code: "unbalanced",
        span: this.spanOfToken(this.next()),
        bracket: "end",
        opened,
      };
      throw new Failure(problem, this.next());
    }
    this.CONSUME(T.End);
    this.leave();
    return { kind: "module", ...this.declared(header), name, items };
  });

  protected readonly useDecl: ParserMethod<[Header], Item> = this.RULE("useDecl", (header: Header): Item => {
    const start = this.CONSUME(T.Use) as Token;
    const path: Ident[] = [this.ident(this.SUBRULE(this.anyIdentifier))];
    let what: Ast.UseDecl["what"] | undefined;
    this.MANY({
      GATE: () => what === undefined,
      DEF: () => {
        this.CONSUME(T.Dot);
        const next = this.RECORDING_PHASE ? undefined : this.next();
        if (next !== undefined && !this.isImportable(next)) this.fail(["a name", "`*`", "`{`"]);
        what = this.OR<Ast.UseDecl["what"] | undefined>([
          { ALT: () => this.CONSUME(T.Star) && { kind: "all" } },
          { ALT: () => ({ kind: "names", names: this.SUBRULE(this.useNames) }) },
          {
            ALT: () => {
              path.push(this.ident(this.SUBRULE2(this.anyIdentifier)));
              return undefined;
            },
          },
        ]);
      },
    });
    const alias = this.SUBRULE(this.useAlias);
    if (what === undefined && !this.RECORDING_PHASE) {
      const name = path.pop() as Ident;
      if (path.length === 0) {
        const next = this.next();
        if (!next.newline && next.tokenType !== T.Semicolon) this.fail(["`.`"]);
        this.reportBareUse(name, start);
      }
      what = { kind: "names", names: [alias === undefined ? { name } : { name, alias }] };
    }
    return { kind: "use", ...this.declared(header), path, what: what ?? { kind: "all" } };
  });

  protected isImportable(token: Token): boolean {
    const type = token.tokenType;
    if (type === T.Star || tokenMatcher(token, T.LeftBrace)) return true;
    return tokenMatcher(token, T.AnyUpper) || tokenMatcher(token, T.AnyName);
  }

  protected reportBareUse(name: Ident, start: Token): void {
    const hint = `\`use ${name.name}.*\` takes all of its public names, \`use ${name.name}.{a, b}\` some`;
    const expected = ["`.*`", "`.{names}`", "`.name`"];
    const next = this.next();
    const found = next.tokenType === T.EndOfFile ? "end of file" : next.newline ? "end of line" : next.image;
    const span = join(this.spanOfToken(start), name.span);
    this.report({ code: "unexpected-token", span, expected, found, hint }, next);
  }

  protected readonly useNames: ParserMethod<[], Ast.UseName[]> = this.RULE("useNames", (): Ast.UseName[] => {
    const names: Ast.UseName[] = [];
    this.CONSUME(T.LeftBrace);
    this.commaList(T.RightBrace, () => {
      const name = this.ident(this.SUBRULE(this.anyIdentifier));
      const alias = this.SUBRULE(this.useAlias);
      names.push(alias === undefined ? { name } : { name, alias });
    });
    this.CONSUME(T.RightBrace);
    return names;
  });

  /** `as name`; `as` is no keyword */
  protected readonly useAlias: ParserMethod<[], Ident | undefined> = this.RULE("useAlias", (): Ident | undefined =>
    this.OPTION({
      GATE: () => this.next().image === "as" && !this.next().newline,
      DEF: () => {
        this.CONSUME(T.LowerName);
        return this.ident(this.SUBRULE(this.anyIdentifier));
      },
    }),
  );

  protected readonly anyIdentifier: ParserMethod<[], Token> = this.RULE("anyIdentifier", (): Token => {
    if (!this.RECORDING_PHASE && !this.at(T.AnyUpper)) this.need(T.AnyName, "a name");
    return this.OR([{ ALT: () => this.CONSUME(T.AnyUpper) }, { ALT: () => this.CONSUME(T.AnyName) }]) as Token;
  });

  protected readonly traitDecl: ParserMethod<[Header], Item> = this.RULE("traitDecl", (header: Header): Item => {
    this.CONSUME(T.Trait);
    this.need(T.AnyUpper, "a trait name with a capital");
    const name = this.ident(this.CONSUME(T.AnyUpper) as Token);
    const supers: Ast.QualifiedName[] = [];
    this.OPTION(() => {
      this.CONSUME(T.Colon);
      supers.push(this.SUBRULE(this.qualifiedName));
      this.MANY(() => {
        this.OR([{ ALT: () => this.CONSUME(T.Comma) }, { ALT: () => this.CONSUME(T.Plus) }]);
        supers.push(this.SUBRULE2(this.qualifiedName));
      });
    });
    const methods: Ast.TraitMethod[] = [];
    this.methods(() => {
      methods.push(this.SUBRULE(this.traitMethod));
    });
    this.OPTION2(() => this.CONSUME(T.End));
    return { kind: "trait", ...this.declared(header), name, supers, methods };
  });

  /** Methods as long as they come: the `end` behind them may be missing. */
  protected methods(read: () => void): void {
    do {
      const start = this.next();
      const { depth } = this;
      try {
        if (!this.RECORDING_PHASE && !this.atMethod()) return;
        read();
      } catch (failure) {
        this.recover(failure, start, depth, -1);
      }
    } while (!this.RECORDING_PHASE);
  }

  protected atMethod(): boolean {
    if (!this.at(T.ValueName) && !this.at(T.Operator)) return false;
    const { tokenType } = this.second();
    return tokenType === T.LeftParen || tokenType === T.LeftBracket;
  }

  protected readonly traitMethod: ParserMethod<[], Ast.TraitMethod> = this.RULE("traitMethod", (): Ast.TraitMethod => {
    const start = this.OR([{ ALT: () => this.CONSUME(T.ValueName) }, { ALT: () => this.CONSUME(T.Operator) }]) as Token;
    const params = this.SUBRULE(this.params);
    const result = this.OPTION(() => {
      this.CONSUME(T.Arrow);
      return this.SUBRULE(this.type);
    });
    const body = this.OPTION2(() =>
      this.OR2([
        {
          ALT: () => {
            this.CONSUME(T.Assign);
            return this.SUBRULE(this.expression);
          },
        },
        { ALT: () => this.SUBRULE(this.block) },
      ]),
    );
    return {
      span: this.spanFrom(start),
      name: this.ident(start),
      params,
      ...(result === undefined ? {} : { result }),
      ...(body === undefined ? {} : { body }),
    };
  });

  protected readonly implDecl: ParserMethod<[Header], Item> = this.RULE("implDecl", (header: Header): Item => {
    const type = this.SUBRULE(this.type);
    this.CONSUME(T.Colon);
    const trait = this.SUBRULE(this.qualifiedName);
    const where: Ast.TypeParam[] = [];
    this.OPTION(() => {
      this.CONSUME(T.When);
      where.push(this.SUBRULE(this.typeParam));
      this.MANY(() => {
        this.CONSUME(T.Comma);
        where.push(this.SUBRULE2(this.typeParam));
      });
    });
    const methods: Ast.FunctionDecl[] = [];
    this.methods(() => {
      methods.push(this.SUBRULE(this.method));
    });
    this.OPTION2(() => this.CONSUME(T.End));
    return { kind: "impl", ...this.declared(header), type, trait, where, methods };
  });

  protected readonly method: ParserMethod<[], Ast.FunctionDecl> = this.RULE("method", (): Ast.FunctionDecl => {
    const start = this.next();
    const clause = this.SUBRULE(this.clause);
    const doc = this.RECORDING_PHASE ? undefined : docAbove(this.source.text, start.startOffset);
    return {
      kind: "function",
      span: this.spanFrom(start),
      isPublic: false,
      ...(doc === undefined ? {} : { doc }),
      ...clause,
    };
  });

  protected readonly templateDecl: ParserMethod<[Header], Item> = this.RULE("templateDecl", (header: Header): Item => {
    this.CONSUME(T.Template);
    const name = this.ident(this.CONSUME(T.ValueName) as Token);
    const params = this.SUBRULE(this.params);
    this.need(T.Assign);
    this.CONSUME(T.Assign);
    const body = this.SUBRULE(this.expression);
    return { kind: "template", ...this.declared(header), name, params, body };
  });

  protected readonly externDecl: ParserMethod<[Header], Item> = this.RULE("externDecl", (header: Header): Item => {
    this.CONSUME(T.Extern);
    if (!this.RECORDING_PHASE && !this.at(T.Type)) this.need(T.ValueName, "`type`", "a function name");
    const found = this.OR<Pick<Ast.ExternDecl, "name" | "what">>([
      {
        ALT: () => {
          this.CONSUME(T.Type);
          return { name: this.ident(this.CONSUME(T.AnyUpper) as Token), what: { kind: "type" } };
        },
      },
      {
        ALT: () => {
          const name = this.ident(this.CONSUME(T.ValueName) as Token);
          const params = this.SUBRULE(this.params);
          const result = this.OPTION(() => {
            this.CONSUME(T.Arrow);
            return this.SUBRULE(this.type);
          });
          this.CONSUME(T.From);
          const library = this.plainText(this.CONSUME(PlainString) as Token);
          return { name, what: { kind: "function", params, ...(result === undefined ? {} : { result }), library } };
        },
      },
    ]);
    return { kind: "extern", ...this.declared(header), ...found };
  });

  protected readonly testDecl: ParserMethod<[Header], Item> = this.RULE("testDecl", (header: Header): Item => {
    this.CONSUME(T.Test);
    this.need(PlainString, "the test's title");
    const title = this.plainText(this.CONSUME(PlainString) as Token);
    this.need(T.Assign);
    this.CONSUME(T.Assign);
    const body = this.SUBRULE(this.expression);
    return { kind: "test", ...this.declared(header), title, body };
  });
}
