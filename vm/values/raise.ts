/** Language exceptions of the machine itself: a tuple (kind, message), as catch arms see it. */
import { Raise } from "../host/native.ts";
import { makePair } from "./data.ts";

export type RaiseKind = "DivisionByZero" | "Panic" | "TypeError";

export function raise(kind: RaiseKind, message: string): never {
  throw new Raise(makePair(kind, message));
}

export function typeError(message: string): never {
  return raise("TypeError", message);
}

export function panic(message: string): never {
  return raise("Panic", message);
}

export function divisionByZero(): never {
  return raise("DivisionByZero", "Division by zero");
}
