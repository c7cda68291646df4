/** The package's face for TypeScript and JavaScript: see docs/typescript.md. */
export { type Diagnostic, NostosError } from "./errors.ts";
export { Machine, type MachineOptions, type ReceiveOptions, type RunResult, type SpawnOptions } from "./machine.ts";
export { compileFile, compileText, Module } from "./module.ts";
export type { Output } from "./sink.ts";
export { Char, Float, Opaque, Pid, Ref, record, recordType, Tuple, tuple, Variant, variant } from "./values.ts";
