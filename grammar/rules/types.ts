/**
 * Types, and the names and parameters that types are made of.
 */
import type { ParserMethod } from "chevrotain";
import type * as Ast from "../ast.ts";
import type { Ident, TypeExpr } from "../ast.ts";
import type { Token } from "../prepare.ts";
import type { Span } from "../source.ts";
import * as T from "../tokens.ts";
import { BaseRules, TYPE_STARTS } from "./base.ts";

export abstract class TypeRules extends BaseRules {
  /** `[T: Eq + Show, U]` */
  protected readonly typeParams: ParserMethod<[], Ast.TypeParam[]> = this.RULE("typeParams", (): Ast.TypeParam[] => {
    const params: Ast.TypeParam[] = [];
    this.CONSUME(T.LeftBracket);
    this.commaList(T.RightBracket, () => {
      params.push(this.SUBRULE(this.typeParam));
    });
    this.CONSUME(T.RightBracket);
    return params;
  });

  protected readonly typeParam: ParserMethod<[], Ast.TypeParam> = this.RULE("typeParam", (): Ast.TypeParam => {
    const name = this.ident(this.SUBRULE(this.pathName));
    const bounds: Ast.QualifiedName[] = [];
    this.OPTION(() => {
      this.CONSUME(T.Colon);
      bounds.push(this.SUBRULE(this.qualifiedName));
      this.MANY(() => {
        this.CONSUME(T.Plus);
        bounds.push(this.SUBRULE2(this.qualifiedName));
      });
    });
    return { name, bounds };
  });

  /** `(A, B)` of a constructor */
  protected readonly typeList: ParserMethod<[], TypeExpr[]> = this.RULE("typeList", (): TypeExpr[] => {
    const types: TypeExpr[] = [];
    this.CONSUME(T.LeftParen);
    this.commaList(T.RightParen, () => {
      types.push(this.SUBRULE(this.type));
    });
    this.CONSUME(T.RightParen);
    return types;
  });

  /** `{ a: Int, private b: T }` */
  protected readonly fieldDecls: ParserMethod<[], Ast.FieldDecl[]> = this.RULE("fieldDecls", (): Ast.FieldDecl[] => {
    const fields: Ast.FieldDecl[] = [];
    this.CONSUME(T.LeftBrace);
    this.commaList(T.RightBrace, () => {
      const isPrivate =
        this.OPTION({
          GATE: () => this.second().tokenType !== T.Colon,
          DEF: () => this.CONSUME(T.Private),
        }) !== undefined;
      this.need(T.AnyName, "a field name");
      const name = this.ident(this.CONSUME(T.AnyName) as Token);
      this.need(T.Colon, "`:` and a type");
      this.CONSUME(T.Colon);
      fields.push({ name, type: this.SUBRULE(this.type), isPrivate });
    });
    this.CONSUME(T.RightBrace);
    return fields;
  });

  /** `a.b.Name` */
  protected readonly qualifiedName: ParserMethod<[], Ast.QualifiedName> = this.RULE(
    "qualifiedName",
    (): Ast.QualifiedName => {
      const start = this.SUBRULE(this.pathName);
      const path = [this.ident(start)];
      this.MANY(() => {
        this.CONSUME(T.Dot);
        path.push(this.ident(this.SUBRULE2(this.pathName)));
      });
      const name = path.pop() as Ident;
      return { span: this.spanFrom(start), path, name };
    },
  );

  protected readonly pathName: ParserMethod<[], Token> = this.RULE("pathName", (): Token => {
    this.needName("a name");
    return this.OR([{ ALT: () => this.CONSUME(T.AnyUpper) }, { ALT: () => this.CONSUME(T.ValueName) }]) as Token;
  });

  protected readonly type: ParserMethod<[], TypeExpr> = this.RULE("type", (): TypeExpr => {
    this.enter();
    this.needStart(TYPE_STARTS, "a type");
    const start = this.next();
    let params: TypeExpr[] | undefined;
    const plain = this.OR<TypeExpr>([
      { ALT: () => this.SUBRULE(this.namedType) },
      {
        ALT: () => {
          this.CONSUME(T.LeftBracket);
          const element = this.SUBRULE(this.type);
          this.need(T.RightBracket);
          this.CONSUME(T.RightBracket);
          return { kind: "list", span: this.spanFrom(start), element };
        },
      },
      {
        ALT: () => {
          params = this.SUBRULE(this.typeList);
          return this.parenthesisedType(params, this.spanFrom(start));
        },
      },
      {
        ALT: () => {
          const fields = this.SUBRULE(this.fieldDecls);
          return { kind: "struct", span: this.spanFrom(start), fields };
        },
      },
    ]);
    const result = this.OPTION(() => {
      this.CONSUME(T.Arrow);
      return this.SUBRULE2(this.type);
    });
    this.leave();
    if (result === undefined) return plain;
    return { kind: "function", span: this.spanFrom(start), params: params ?? [plain], result };
  });

  protected parenthesisedType(types: readonly TypeExpr[], span: Span): TypeExpr {
    if (types.length === 0) return { kind: "unit", span };
    if (types.length === 1) return types[0] as TypeExpr;
    return { kind: "tuple", span, elements: types };
  }

  protected readonly namedType: ParserMethod<[], TypeExpr> = this.RULE("namedType", (): TypeExpr => {
    const start = this.next();
    const name = this.SUBRULE(this.qualifiedName);
    const args =
      this.OPTION({
        GATE: () => !this.next().newline,
        DEF: () => this.SUBRULE(this.typeArgs),
      }) ?? [];
    return { kind: "name", span: this.spanFrom(start), name, args };
  });

  /** `[A, B]` */
  protected readonly typeArgs: ParserMethod<[], TypeExpr[]> = this.RULE("typeArgs", (): TypeExpr[] => {
    const types: TypeExpr[] = [];
    this.CONSUME(T.LeftBracket);
    this.commaList(T.RightBracket, () => {
      types.push(this.SUBRULE(this.type));
    });
    this.CONSUME(T.RightBracket);
    return types;
  });
}
