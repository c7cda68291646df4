/** Host functions for any value: showing, copying, comparing, saying what it is. */
import { copyForSend } from "../../values/copy.ts";
import { fieldsOf } from "../../values/data.ts";
import { equalValues } from "../../values/equality.ts";
import { hashValue } from "../../values/hash.ts";
import { typeName } from "../../values/kind.ts";
import { listOf } from "../../values/list.ts";
import { compareTotal } from "../../values/order.ts";
import { panic } from "../../values/raise.ts";
import { display, showNested } from "../../values/show.ts";
import { Data, Reactive, Tuple, UNIT, type Value } from "../../values/value.ts";
import type { Native, NativeContext } from "../native.ts";
import { chargeElements, chargeText, native, textArgument } from "./arguments.ts";

function shown(context: NativeContext, value: Value): string {
  const text = display(value);
  if (typeof value !== "string") chargeText(context, text.length * 4);
  return text;
}

export const coreNatives: readonly Native[] = [
  native("show", 1, shown),
  native("showNested", 1, (context, value) => {
    const text = showNested(value);
    chargeText(context, text.length * 4);
    return text;
  }),
  native("println", 1, (context, value) => {
    const text = shown(context, value);
    chargeText(context, text.length);
    context.writeOut(`${text}\n`);
    return UNIT;
  }),
  native("print", 1, (context, value) => {
    const text = shown(context, value);
    chargeText(context, text.length);
    context.writeOut(text);
    return UNIT;
  }),
  native("eprintln", 1, (context, value) => {
    context.writeError(`${shown(context, value)}\n`);
    return UNIT;
  }),
  native("eprint", 1, (context, value) => {
    context.writeError(shown(context, value));
    return UNIT;
  }),
  native("flushStdout", 0, (context) => {
    context.flushOut();
    return UNIT;
  }),
  native("flushStderr", 0, () => UNIT),
  native("copy", 1, (context, value) => {
    const copied = copyForSend(value);
    chargeElements(context, copied.work);
    return copied.value;
  }),
  native("hash", 1, (_, value) => hashValue(value) >>> 0),
  native("equal", 2, (_, a, b) => equalValues(a, b)),
  native("compare", 2, (_, a, b) => Math.sign(compareTotal(a, b))),
  native("typeOf", 1, (_, value) => typeName(value)),
  native("tagOf", 1, (_, value) => (value instanceof Data || value instanceof Reactive ? value.type.name : "")),
  native("fields", 1, (_, value) => {
    if (value instanceof Data) return listOf(fieldsOf(value));
    if (value instanceof Reactive) return listOf(value.fields);
    return value instanceof Tuple ? listOf(value.items) : listOf([]);
  }),
  native("panic", 1, (_, message) => panic(textArgument(message, "panic"))),
  native("vmStats", 0, (context) => {
    const { spawned, exited, alive } = context.machine.counts();
    return new Tuple([spawned, exited, alive]);
  }),
];
