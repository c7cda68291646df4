/**
 * Patterns, and the number and string literals that patterns and expressions share.
 */
import { type ParserMethod, tokenMatcher } from "chevrotain";
import type { Ident, Pattern } from "../ast.ts";
import { CharLiteral, PlainString } from "../lexer.ts";
import { type NumberLiteral, readEscapes, readNumber } from "../literals.ts";
import type { Token } from "../prepare.ts";
import { join } from "../source.ts";
import * as T from "../tokens.ts";
import { PATTERN_STARTS } from "./base.ts";
import { TypeRules } from "./types.ts";

export abstract class PatternRules extends TypeRules {
  protected plainText(token: Token): string {
    return readEscapes(token.image.slice(1, -1));
  }

  protected number(token: Token): NumberLiteral {
    return readNumber(token.image, token.tokenType === T.FloatNumber);
  }

  protected readonly pattern: ParserMethod<[], Pattern> = this.RULE("pattern", (): Pattern => {
    const first = this.SUBRULE(this.plainPattern);
    let alternatives: Pattern[] | undefined;
    this.MANY(() => {
      alternatives ??= [first];
      this.CONSUME(T.Bar);
      alternatives.push(this.SUBRULE2(this.plainPattern));
    });
    if (alternatives === undefined || this.RECORDING_PHASE) return first;
    const last = alternatives[alternatives.length - 1] as Pattern;
    return { kind: "or", span: join(first.span, last.span), alternatives };
  });

  /** A pattern without `|` of its own. */
  protected readonly plainPattern: ParserMethod<[], Pattern> = this.RULE("plainPattern", (): Pattern => {
    this.enter();
    this.needStart(PATTERN_STARTS, "a pattern");
    const start = this.next();
    const pattern = this.OR<Pattern>([
      {
        GATE: () => this.second().tokenType !== T.Dot,
        ALT: () => {
          const name = this.CONSUME(T.ValueName).image;
          return { kind: "variable", span: this.spanFrom(start), name };
        },
      },
      { ALT: () => this.SUBRULE(this.constructorPattern) },
      { ALT: () => this.CONSUME(T.Underscore) && { kind: "wildcard", span: this.spanFrom(start) } },
      { ALT: () => this.SUBRULE(this.numberPattern) },
      {
        ALT: () => {
          const value = this.plainText(this.CONSUME(PlainString) as Token);
          return { kind: "literal", span: this.spanFrom(start), literal: { kind: "string", value } };
        },
      },
      {
        ALT: () => {
          const value = this.plainText(this.CONSUME(CharLiteral) as Token);
          return { kind: "literal", span: this.spanFrom(start), literal: { kind: "char", value } };
        },
      },
      {
        ALT: () => {
          this.CONSUME(T.True);
          return { kind: "literal", span: this.spanFrom(start), literal: { kind: "bool", value: true } };
        },
      },
      {
        ALT: () => {
          this.CONSUME(T.False);
          return { kind: "literal", span: this.spanFrom(start), literal: { kind: "bool", value: false } };
        },
      },
      {
        ALT: () => {
          this.CONSUME(T.Caret);
          const name = this.CONSUME2(T.ValueName).image;
          return { kind: "pin", span: this.spanFrom(start), name };
        },
      },
      { ALT: () => this.SUBRULE(this.parenthesisedPattern) },
      { ALT: () => this.SUBRULE(this.listPattern) },
      {
        ALT: () => {
          const { fields } = this.SUBRULE(this.fieldPatterns);
          return { kind: "struct", span: this.spanFrom(start), fields };
        },
      },
      { ALT: () => this.SUBRULE(this.mapPattern) },
      { ALT: () => this.SUBRULE(this.setPattern) },
    ]);
    this.leave();
    return pattern;
  });

  /** A number with its sign, or a range of two. */
  protected readonly numberPattern: ParserMethod<[], Pattern> = this.RULE("numberPattern", (): Pattern => {
    const start = this.next();
    const from = this.SUBRULE(this.signedNumber);
    let operator: Token | undefined;
    const to = this.OPTION(() => {
      operator = this.CONSUME(T.RangeOperator) as Token;
      return this.SUBRULE2(this.signedNumber);
    });
    const span = this.spanFrom(start);
    if (to === undefined || this.RECORDING_PHASE) return { kind: "literal", span, literal: from };
    if (from.type !== "Int" || to.type !== "Int") {
      const found = this.source.text.slice(span.start, span.end);
      this.report({ code: "unexpected-token", span, expected: ["a range of two Ints"], found }, start);
    }
    return { kind: "range", span, from: from.text, to: to.text, inclusive: operator?.tokenType === T.DotDotEqual };
  });

  protected readonly signedNumber: ParserMethod<[], NumberLiteral> = this.RULE("signedNumber", (): NumberLiteral => {
    const sign = this.OPTION(() => this.CONSUME(T.Minus)) as Token | undefined;
    this.need(T.NumberToken, "a number");
    const token = this.CONSUME(T.NumberToken) as Token;
    const literal = this.RECORDING_PHASE ? readNumber("0", false) : this.number(token);
    if (sign !== undefined) return { ...literal, text: `-${literal.text}` };
    return literal;
  });

  /** `()`, `(p)` and `(p, q)` */
  protected readonly parenthesisedPattern: ParserMethod<[], Pattern> = this.RULE(
    "parenthesisedPattern",
    (): Pattern => {
      const start = this.CONSUME(T.LeftParen) as Token;
      const elements: Pattern[] = [];
      this.commaList(T.RightParen, () => {
        elements.push(this.SUBRULE(this.pattern));
      });
      this.CONSUME(T.RightParen);
      const span = this.spanFrom(start);
      if (elements.length === 0) return { kind: "literal", span, literal: { kind: "unit" } };
      if (elements.length === 1) return { ...(elements[0] as Pattern), span };
      return { kind: "tuple", span, elements };
    },
  );

  /** `[a, b | rest]`; alternatives inside need parentheses */
  protected readonly listPattern: ParserMethod<[], Pattern> = this.RULE("listPattern", (): Pattern => {
    const start = this.CONSUME(T.LeftBracket) as Token;
    const elements: Pattern[] = [];
    let rest: Pattern | undefined;
    this.commaList(T.RightBracket, () => {
      elements.push(this.SUBRULE(this.plainPattern));
      this.OPTION(() => {
        this.CONSUME(T.Bar);
        rest = this.SUBRULE(this.pattern);
      });
    });
    this.CONSUME(T.RightBracket);
    return { kind: "list", span: this.spanFrom(start), elements, ...(rest === undefined ? {} : { rest }) };
  });

  /** `Name`, `m.Name(p, f: q)`, `Name{f: p, g, _}` */
  protected readonly constructorPattern: ParserMethod<[], Pattern> = this.RULE("constructorPattern", (): Pattern => {
    this.enter();
    const start = this.next();
    const name = this.SUBRULE(this.qualifiedName);
    let args: { name?: Ident; pattern: Pattern }[] = [];
    let braces = false;
    let open = false;
    this.OPTION({
      GATE: () => !this.next().newline,
      DEF: () =>
        this.OR([
          {
            ALT: () => {
              args = this.SUBRULE(this.patternArguments);
            },
          },
          {
            ALT: () => {
              const found = this.SUBRULE(this.fieldPatterns);
              if (this.RECORDING_PHASE) return;
              braces = true;
              open = found.open;
              args = found.fields.map(({ name: field, pattern }) => ({
                name: field,
                pattern: pattern ?? { kind: "variable", span: field.span, name: field.name },
              }));
            },
          },
        ]),
    });
    this.leave();
    return { kind: "constructor", span: this.spanFrom(start), name, args, braces, open };
  });

  protected readonly patternArguments: ParserMethod<[], { name?: Ident; pattern: Pattern }[]> = this.RULE(
    "patternArguments",
    () => {
      const args: { name?: Ident; pattern: Pattern }[] = [];
      this.CONSUME(T.LeftParen);
      this.commaList(T.RightParen, () => {
        const name = this.OPTION2({
          GATE: () => this.second().tokenType === T.Colon,
          DEF: () => {
            const token = this.CONSUME(T.AnyName) as Token;
            this.CONSUME(T.Colon);
            return this.ident(token);
          },
        });
        const pattern = this.SUBRULE(this.pattern);
        args.push(name === undefined ? { pattern } : { name, pattern });
      });
      this.CONSUME(T.RightParen);
      return args;
    },
  );

  /** `{x, y: p, _}` */
  protected readonly fieldPatterns: ParserMethod<
    [],
    { readonly fields: { readonly name: Ident; readonly pattern?: Pattern }[]; readonly open: boolean }
  > = this.RULE("fieldPatterns", () => {
    const fields: { name: Ident; pattern?: Pattern }[] = [];
    let open = false;
    this.CONSUME(T.LeftBrace);
    this.commaList(T.RightBrace, () => {
      if (!this.at(T.Underscore)) this.need(T.AnyName, "a field");
      this.OR([
        {
          ALT: () => {
            this.CONSUME(T.Underscore);
            open = true;
          },
        },
        {
          ALT: () => {
            const token = this.CONSUME(T.AnyName) as Token;
            const pattern = this.OPTION2(() => {
              this.CONSUME(T.Colon);
              return this.SUBRULE(this.pattern);
            });
            if (this.RECORDING_PHASE) return;
            if (pattern === undefined) this.refusePun(token);
            const name = this.ident(token);
            fields.push(pattern === undefined ? { name } : { name, pattern });
          },
        },
      ]);
    });
    this.CONSUME(T.RightBrace);
    return { fields, open };
  });

  /** A field whose name is a keyword cannot be a variable at the same time. */
  protected refusePun(token: Token): void {
    const endsField = this.at(T.Comma) || this.at(T.RightBrace);
    if (tokenMatcher(token, T.ValueName) || !endsField) return;
    const expected = [`\`${token.image}: pattern\``];
    const hint = `\`${token.image}\` is a keyword and cannot be a variable; give it another name: \`${token.image}: x\``;
    this.report({ code: "unexpected-token", span: this.spanOfToken(token), expected, found: token.image, hint }, token);
  }

  protected readonly mapPattern: ParserMethod<[], Pattern> = this.RULE("mapPattern", (): Pattern => {
    const start = this.CONSUME(T.MapOpen) as Token;
    const entries: { key: Pattern; value: Pattern }[] = [];
    this.commaList(T.RightBrace, () => {
      const key = this.SUBRULE(this.plainPattern);
      if (!this.RECORDING_PHASE && key.kind !== "literal" && key.kind !== "pin") this.refuseKey(key);
      this.need(T.Colon, "`:` and a pattern");
      this.CONSUME(T.Colon);
      entries.push({ key, value: this.SUBRULE(this.pattern) });
    });
    this.CONSUME(T.RightBrace);
    return { kind: "map", span: this.spanFrom(start), entries };
  });

  protected refuseKey(key: Pattern): void {
    const found = this.source.text.slice(key.span.start, key.span.end);
    const hint = key.kind === "variable" ? `\`^${found}\` takes the key from the variable` : undefined;
    const expected = ["a literal", "`^name`"];
    const context = "as a key of a map pattern";
    const facts = { code: "unexpected-token", span: key.span, expected, found, context } as const;
    this.report(hint === undefined ? facts : { ...facts, hint }, this.previous());
  }

  protected readonly setPattern: ParserMethod<[], Pattern> = this.RULE("setPattern", (): Pattern => {
    const start = this.CONSUME(T.SetOpen) as Token;
    const elements: Pattern[] = [];
    this.commaList(T.RightBrace, () => {
      elements.push(this.SUBRULE(this.pattern));
    });
    this.CONSUME(T.RightBrace);
    return { kind: "set", span: this.spanFrom(start), elements };
  });
}
