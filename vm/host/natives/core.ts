/** Host functions for any value: showing, copying, comparing, saying what it is. */
import { copying } from "../../values/copy.ts";
import { fieldAt, fieldsOf, makeTuple } from "../../values/data.ts";
import { equalWithin } from "../../values/equality.ts";
import { hashWithin } from "../../values/hash.ts";
import { typeName } from "../../values/kind.ts";
import { listOf } from "../../values/list.ts";
import { compareWithin } from "../../values/order.ts";
import { panic } from "../../values/raise.ts";
import { showing, showingNested, simpleText } from "../../values/show.ts";
import { Mapped } from "../../values/step.ts";
import { Data, Reactive, UNIT, type Value } from "../../values/value.ts";
import type { Native, NativeContext } from "../native.ts";
import { answering, chargeText, native, settle, stepped, textArgument } from "./arguments.ts";

/** Shows a value, and writes its text when it is whole. */
function writing(name: string, end: string, write: (context: NativeContext, text: string) => void): Native {
  return native(name, 1, (context, value) => {
    const put = (text: string): Value => {
      write(context, text + end);
      return UNIT;
    };
    const text = simpleText(value);
    if (text === undefined) return context.begin(new Mapped(showing(value), put));
    chargeText(context, text.length);
    return put(text);
  });
}

export const coreNatives: readonly Native[] = [
  answering("String", "show", 1, (context, value) => simpleText(value) ?? context.begin(showing(value))),
  answering("String", "showNested", 1, (context, value) => context.begin(showingNested(value))),
  writing("println", "\n", (context, text) => context.writeOut(text)),
  writing("print", "", (context, text) => context.writeOut(text)),
  writing("eprintln", "\n", (context, text) => context.writeError(text)),
  writing("eprint", "", (context, text) => context.writeError(text)),
  native("flushStdout", 0, (context) => {
    context.flushOut();
    return UNIT;
  }),
  native("flushStderr", 0, () => UNIT),
  native("copy", 1, (context, value) => context.begin(new Mapped(copying(value), (copied) => copied.value))),
  stepped("hash", 1, function* (context, value) {
    return (yield* settle(hashWithin(value, context), context)) >>> 0;
  }),
  stepped("equal", 2, (context, a, b) => settle(equalWithin(a, b, context), context)),
  stepped("compare", 2, function* (context, a, b) {
    return Math.sign(yield* settle(compareWithin(a, b, "total", context), context));
  }),
  answering("String", "typeOf", 1, (_, value) => typeName(value)),
  native("fieldOr", 3, (_, record, name, otherwise) => {
    const field = textArgument(name, "fieldOr");
    const position = record instanceof Data ? record.type.positions.get(field) : undefined;
    return position === undefined ? otherwise : fieldAt(record as Data, position)!;
  }),
  answering("String", "tagOf", 1, (_, value) =>
    value instanceof Data ? value.type.name : value instanceof Reactive ? value.declared.name : "",
  ),
  native("fields", 1, (_, value) => {
    if (value instanceof Data) return listOf(fieldsOf(value));
    if (value instanceof Reactive) return listOf(value.fields);
    return listOf([]);
  }),
  native("panic", 1, (_, message) => panic(textArgument(message, "panic"))),
  native("vmStats", 0, (context) => {
    const { spawned, exited, alive } = context.machine.counts();
    return makeTuple([spawned, exited, alive]);
  }),
];
