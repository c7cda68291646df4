/** `.ttb` files: a Unit as bytes and back. What is read still has to be verified (../verify.ts). */
export { isTtb, type ReadProblem, readUnit } from "./read.ts";
export { type WrittenUnit, writeUnit } from "./write.ts";
