/**
 * (a * b + c) % m on machine integers: one WebAssembly function, for products that doubles cannot hold.
 *
 * JavaScript has 64-bit integers only as BigInts, whose values V8 keeps in machine registers in some code and allocates
 * in other; a WebAssembly function takes its 10 ns everywhere. It takes and gives doubles, since those are what Ints are.
 * It is made when it is first needed, which is under a millisecond; where there is no WebAssembly (node --jitless),
 * BigInts do the work.
 */

/** Operands are safe integers, m is not 0; the product and the sum wrap at 64 bits. Exact, never -0. */
export type MulAddMod = (a: number, b: number, c: number, m: number) => number;

const F64 = 0x7c;
const LOCAL_GET = 0x20;
const I64_TRUNC_SAT_F64_S = [0xfc, 0x06];
const I64_MUL = 0x7e;
const I64_ADD = 0x7c;
const I64_REM_S = 0x81;
const F64_CONVERT_I64_S = 0xb9;
const END = 0x0b;

const argument = (index: number): number[] => [LOCAL_GET, index, ...I64_TRUNC_SAT_F64_S];

/** What is counted in the binary format, all of it here below 128, stands behind its count. */
const counted = (items: readonly number[]): number[] => [items.length, ...items];
const vector = (...items: readonly (readonly number[])[]): number[] => [items.length, ...items.flat()];
const section = (id: number, content: readonly number[]): number[] => [id, ...counted(content)];

const NAME = "f".charCodeAt(0);
const NO_LOCALS = 0;
const MODULE = Uint8Array.from([
  ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0], // "\0asm", version 1
  ...section(1, vector([0x60, ...counted([F64, F64, F64, F64]), ...counted([F64])])), // types: one function's
  ...section(3, vector([0])), // functions: one, of that type
  ...section(7, vector([...counted([NAME]), 0x00, 0])), // exports: it, as a function, by its index
  ...section(
    10, // code
    vector(
      counted([
        NO_LOCALS,
        ...argument(0),
        ...argument(1),
        I64_MUL,
        ...argument(2),
        I64_ADD,
        ...argument(3),
        I64_REM_S,
        F64_CONVERT_I64_S,
        END,
      ]),
    ),
  ),
]);

/** What of the global of that name is used; Node's types have it as a namespace of types only. */
interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: { readonly f: MulAddMod } };
}

export function makeMulAddMod(): MulAddMod {
  const api = (globalThis as { readonly WebAssembly?: WebAssemblyApi }).WebAssembly;
  if (api === undefined) return mulAddModByBigInt;
  return new api.Instance(new api.Module(MODULE)).exports.f;
}

export function mulAddModByBigInt(a: number, b: number, c: number, m: number): number {
  const sum = BigInt.asIntN(64, BigInt.asIntN(64, BigInt(a) * BigInt(b)) + BigInt(c));
  return Number(sum % BigInt(m));
}
