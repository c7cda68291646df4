/**
 * The one opcode table: every (mnemonic, form) that the machine knows, in one row each.
 *
 * TinyTotVM's mnemonics keep their name, and their number where they have one. A *form* is a meaning: form 0 is
 * TinyTotVM's own, other forms are the language's under the same mnemonic. What has no TinyTotVM mnemonic has a number
 * from 0x0100 up. Assembler, disassembler, linker, interpreter and docs/opcodes.md are typed by this table.
 *
 * Stays true: the row's index is the internal opcode, the first word of an instruction in Unit code; rows are only
 * appended to a family and a (code, form) pair is never reused. Stack comments read `before -- after`, top on the right.
 */

export type OperandRole =
  /** a signed 32-bit number */
  | "i32"
  /** index into Unit.constants */
  | "const"
  /** frame slot */
  | "slot"
  /** index into Unit.functions */
  | "function"
  | "count"
  /** word offset in the same function */
  | "address"
  /** index into Unit.natives */
  | "native"
  /** index into Unit.dataTypes */
  | "dataType"
  | "mvar"
  | "global"
  /** index into Unit.lockSets */
  | "lockSet"
  /** position of a field or item */
  | "position"
  /** index into VALUE_KINDS */
  | "valueKind"
  /** reductions, at least 1 */
  | "cost";

export interface OpcodeRow {
  readonly code: number;
  readonly name: string;
  readonly form: number;
  /** how the form is written after the mnemonic: `ADD.val`; "" for the first */
  readonly formName: string;
  readonly operands: readonly OperandRole[];
  /** a number, or the operand that says it: "operand0"; plus what is popped beside it */
  readonly pops: number | { readonly operand: number; readonly plus: number; readonly times?: number };
  readonly pushes: number;
  /** "next": goes on; "jump": always to its address; "branch": to its address or on; "end": leaves the frame or throws */
  readonly flow: "next" | "jump" | "branch" | "end";
  /** reductions; calls charge by frame size at function entry, backward jumps 1, natives by their work */
  readonly cost: number;
  /** kinds of the (kind, message) tuples it may throw */
  readonly fails: readonly string[];
  /** whose code may hold it: a Unit of the language, one of TinyTotVM code, or either */
  readonly dialect: "nostos" | "tiny" | "both";
  readonly doc: string;
}

type Facts = Partial<Pick<OpcodeRow, "operands" | "flow" | "cost" | "fails" | "dialect">>;

/** A row whose form has a written name, `ADD.val`. */
function form<const Name extends string, const FormName extends string>(
  code: number,
  name: Name,
  pops: OpcodeRow["pops"],
  pushes: number,
  doc: string,
  facts: Facts & { readonly form: number; readonly formName: FormName },
) {
  return { code, name, pops, pushes, doc, operands: [], flow: "next", cost: 0, fails: [], dialect: "nostos", ...facts } as const;
}

/** A row of the mnemonic's first form. */
function row<const Name extends string>(code: number, name: Name, pops: OpcodeRow["pops"], pushes: number, doc: string, facts: Facts = {}) {
  return form(code, name, pops, pushes, doc, { ...facts, form: 0, formName: "" });
}

const val = { form: 1, formName: "val" } as const;
const fn = { form: 1, formName: "fn" } as const;
const TYPE_ERROR = ["TypeError"] as const;
const both = { dialect: "both" } as const;
const tiny = { dialect: "tiny" } as const;
/** a mnemonic's own meaning, where the first row of the name is a form of the language's */
const own = { dialect: "tiny", form: 0, formName: "" } as const;
/** what the first form has as its operand stands on top of the operand stack */
const stacked = { dialect: "tiny", form: 1, formName: "stack" } as const;
const name = { dialect: "tiny", form: 1, formName: "name", operands: ["const"] } as const;

export const OPCODES = [
  // constants and the operand stack
  row(0x01, "PUSH_INT", 0, 1, "-- n. The operand itself; larger Ints are PUSH_CONST.", { ...both, operands: ["i32"] }),
  row(0x0a, "PUSH_FLOAT", 0, 1, "-- x.", { ...both, operands: ["const"] }),
  row(0x02, "PUSH_STR", 0, 1, "-- s.", { ...both, operands: ["const"] }),
  row(0x03, "TRUE", 0, 1, "-- true.", both),
  row(0x04, "FALSE", 0, 1, "-- false.", both),
  row(0x0100, "PUSH_UNIT", 0, 1, "-- (). TinyTotVM's NULL is another value."),
  row(0x0101, "PUSH_CONST", 0, 1, "-- c. Any constant: Ints beyond 32 bits, Char, sized numbers, BigInt, Decimal.", { ...both, operands: ["const"] }),
  row(0x09, "DUP", 1, 2, "a -- a a. Values are immutable, so the reference is copied.", both),
  row(0x0102, "POP", 1, 0, "a --. TinyTotVM has no way to drop a value."),
  row(0x51, "LOAD", 0, 1, "-- v. The variable's slot; the verifier knows that it is set.", { operands: ["slot"] }),
  row(0x50, "STORE", 1, 0, "v --.", { operands: ["slot"] }),

  // arithmetic
  row(0x10, "ADD", 2, 1, "a b -- a+b. Two Ints wrap at 64 bits; with a Float the result is a Float.", { ...both, fails: TYPE_ERROR }),
  row(0x11, "SUB", 2, 1, "a b -- a-b. As ADD.", { ...both, fails: TYPE_ERROR }),
  row(0x13, "MUL", 2, 1, "a b -- a*b. As ADD.", { ...both, fails: TYPE_ERROR }),
  row(0x14, "DIV", 2, 1, "a b -- a/b. Ints truncate toward zero; a zero divisor of either kind fails.", { ...both, fails: ["DivisionByZero", "TypeError"] }),
  row(0x15, "ADD_F", 2, 1, "a b -- a+b. Floats only.", { ...both, fails: TYPE_ERROR }),
  row(0x16, "SUB_F", 2, 1, "a b -- a-b. Floats only.", { ...both, fails: TYPE_ERROR }),
  row(0x17, "MUL_F", 2, 1, "a b -- a*b. Floats only.", { ...both, fails: TYPE_ERROR }),
  form(0x18, "DIV_F", 2, 1, "a b -- a/b. Floats only, IEEE: x/0.0 is inf or NaN (form 0, TinyTotVM's, fails on zero).", { form: 1, formName: "ieee", fails: TYPE_ERROR }),
  form(0x10, "ADD", 2, 1, "a b -- a+b. Any two numbers that the language adds, or a String with anything shown.", { ...val, fails: TYPE_ERROR }),
  form(0x11, "SUB", 2, 1, "a b -- a-b. Any two numbers.", { ...val, fails: TYPE_ERROR }),
  form(0x13, "MUL", 2, 1, "a b -- a*b. Any two numbers.", { ...val, fails: TYPE_ERROR }),
  form(0x14, "DIV", 2, 1, "a b -- a/b. Any two numbers; Float by Float is IEEE, otherwise zero fails.", { ...val, fails: ["DivisionByZero", "TypeError"] }),
  row(0x0103, "MOD", 2, 1, "a b -- a%b. Sign of a; zero fails. TinyTotVM names it in its documents only.", { fails: ["DivisionByZero", "TypeError"] }),
  row(0x0104, "POW", 2, 1, "a b -- a**b. An Int to a negative Int fails.", { fails: ["Panic", "TypeError"] }),
  row(0x0105, "NEG", 1, 1, "a -- -a.", { fails: TYPE_ERROR }),

  // comparison and logic: the language's give a Bool, TinyTotVM's 1 or 0
  form(0x20, "EQ", 2, 1, "a b -- Bool. Structural; NaN differs from itself; functions fail.", { ...val, ...both, fails: TYPE_ERROR }),
  form(0x23, "NE", 2, 1, "a b -- Bool. Not EQ.val.", { ...val, fails: TYPE_ERROR }),
  form(0x22, "LT", 2, 1, "a b -- Bool. Structural order.", { ...val, fails: TYPE_ERROR }),
  form(0x21, "GT", 2, 1, "a b -- Bool.", { ...val, fails: TYPE_ERROR }),
  form(0x25, "LE", 2, 1, "a b -- Bool.", { ...val, fails: TYPE_ERROR }),
  form(0x24, "GE", 2, 1, "a b -- Bool.", { ...val, fails: TYPE_ERROR }),
  row(0x06, "NOT", 1, 1, "a -- Bool. A Bool inverted; an Int: whether it is 0.", { ...both, fails: TYPE_ERROR }),
  row(0x12, "CONCAT", 2, 1, "a b -- ab. Two Strings.", { ...both, fails: TYPE_ERROR }),
  form(0x12, "CONCAT", 2, 1, "a b -- ab. Two Strings or two Lists.", { ...val, fails: TYPE_ERROR }),
  row(0x0106, "INTERPOLATE", { operand: 0, plus: 0 }, 1, "x1 .. xn -- s. The display texts in a row.", { operands: ["count"] }),

  // control
  row(0x30, "JMP", 0, 0, "--. Backward jumps are safepoints and charge 1.", { ...both, operands: ["address"], flow: "jump" }),
  row(0x31, "JZ", 1, 0, "a --. Jumps if a is Int 0, false or Null.", { ...both, operands: ["address"], flow: "branch" }),
  row(0x0107, "JNZ", 1, 0, "Bool --. Jumps if true: `||` without a NOT.", { operands: ["address"], flow: "branch", fails: TYPE_ERROR }),
  form(0x32, "CALL", { operand: 1, plus: 0 }, 1, "a1 .. an -- r. A known function; arguments become its first slots.", { ...fn, operands: ["function", "count"], fails: ["StackOverflow"] }),
  row(0x0108, "TAIL_CALL", { operand: 1, plus: 0 }, 0, "a1 .. an --. CALL and RET in one, in the frame's own place.", { operands: ["function", "count"], flow: "end" }),
  form(0x33, "RET", 1, 0, "r --. Exactly one value goes to the caller.", { ...val, flow: "end" }),
  form(0x34, "CALL_FUNCTION", { operand: 0, plus: 1 }, 1, "f a1 .. an -- r. A function value, below its arguments.", { ...fn, operands: ["count"], fails: ["TypeError", "StackOverflow"] }),
  row(0x0109, "TAIL_CALL_FUNCTION", { operand: 0, plus: 1 }, 0, "f a1 .. an --.", { operands: ["count"], flow: "end", fails: TYPE_ERROR }),
  row(0x010a, "CALL_NATIVE", { operand: 1, plus: 0 }, 1, "a1 .. an -- r. A host function; charges by its work and may wait.", { operands: ["native", "count"], fails: ["*"] }),
  form(0x35, "MAKE_FUNCTION", 0, 1, "-- f. A named function as a value.", { ...fn, operands: ["function"] }),
  form(0x36, "MAKE_LAMBDA", { operand: 1, plus: 0 }, 1, "c1 .. cn -- f. A closure; captures follow the parameters in its frames.", { ...fn, operands: ["function", "count"] }),
  row(0x010b, "PATCH_CAPTURE", 2, 1, "f v -- f. Sets f's capture at the position: a local function that names itself.", { operands: ["position"] }),
  row(0x012e, "ENTER", 0, 0, "--. What the call of a function charges whose code stands here in its place: a safepoint, then the charge.", { operands: ["cost"] }),
  row(0x012f, "REENTER", 0, 0, "--. A call of oneself as a jump: a safepoint, then the charge, and no other for jumping backward.", { operands: ["address", "cost"], flow: "jump" }),
  row(0x0130, "NOTE_TAIL_CALL", 0, 0, "--. A tail call between functions was here, for traces; the function's code stands here in its place."),

  // variables that outlive or leave a frame
  row(0x010c, "MAKE_CELL", 1, 1, "v -- cell. A `var` that a closure captures."),
  row(0x010d, "CELL_GET", 1, 1, "cell -- v."),
  row(0x010e, "CELL_SET", 2, 0, "cell v --."),
  row(0x010f, "LOAD_GLOBAL", 0, 1, "-- v. Computes a lazy one on first use; others wait meanwhile.", { operands: ["global"], fails: ["UnsetVariable"] }),
  row(0x0110, "STORE_GLOBAL", 1, 0, "v --.", { operands: ["global"] }),

  // data
  row(0x60, "MAKE_LIST", { operand: 0, plus: 0 }, 1, "x1 .. xn -- [x1, .., xn].", { ...both, operands: ["count"] }),
  row(0x0111, "CONS", 2, 1, "h t -- [h | t].", { fails: TYPE_ERROR }),
  row(0x0112, "APPEND", { operand: 0, plus: 1 }, 1, "x1 .. xn t -- [x1, .., xn | t].", { operands: ["count"], fails: TYPE_ERROR }),
  row(0x0131, "LIST_BEGIN", 0, 1, "-- open. A list that grows at its end and is no value yet: recursion that ends in `[x | f(…)]` is a loop with one."),
  row(0x0132, "LIST_ADD", 2, 1, "v open -- open. One more element.", { fails: TYPE_ERROR }),
  row(0x0133, "LIST_IS_EMPTY", 1, 1, "open -- Bool. Whether nothing was added.", { fails: TYPE_ERROR }),
  row(0x0134, "LIST_END", 2, 1, "t open -- [x1, .., xn | t]. If nothing was added, t, whatever it is.", { fails: TYPE_ERROR }),
  row(0x0113, "MAKE_TUPLE", { operand: 0, plus: 0 }, 1, "x1 .. xn -- (x1, .., xn).", { operands: ["count"] }),
  row(0x0114, "MAKE_MAP", { operand: 0, plus: 0, times: 2 }, 1, "k1 v1 .. kn vn -- map. A later key wins.", { operands: ["count"], fails: TYPE_ERROR }),
  row(0x0115, "MAKE_SET", { operand: 0, plus: 0 }, 1, "x1 .. xn -- set.", { operands: ["count"], fails: TYPE_ERROR }),
  row(0x0116, "MAKE_DATA", { operand: 1, plus: 0 }, 1, "x1 .. xn -- data. A variant, record or structural record; n is its arity.", { operands: ["dataType", "count"] }),
  row(0x0117, "MAKE_MUTABLE", { operand: 1, plus: 0 }, 1, "x1 .. xn -- record. A record of a `var type`.", { operands: ["dataType", "count"] }),
  form(0x65, "GET_FIELD", 1, 1, "data -- v. Field of known position.", { form: 1, formName: "at", operands: ["position"], fails: TYPE_ERROR }),
  form(0x65, "GET_FIELD", 1, 1, "data -- v. Field by name, in any record.", { form: 2, formName: "val", operands: ["const"], fails: TYPE_ERROR }),
  form(0x64, "SET_FIELD", 2, 0, "record v --. In place; only `var type` records.", { form: 1, formName: "at", operands: ["position"], fails: ["Panic", "TypeError"] }),
  form(0x64, "SET_FIELD", 2, 0, "record v --. In place, by name.", { form: 2, formName: "val", operands: ["const"], fails: ["Panic", "TypeError"] }),
  row(0x0118, "TUPLE_ITEM", 1, 1, "tuple -- v.", { operands: ["position"], fails: TYPE_ERROR }),
  row(0x0119, "HEAD", 1, 1, "[h | t] -- h. Of what is no List with elements: a failure.", { fails: TYPE_ERROR }),
  row(0x011a, "TAIL", 1, 1, "[h | t] -- t. As HEAD.", { fails: TYPE_ERROR }),
  form(0x62, "INDEX", 2, 1, "c i -- v. List, String, Tuple, Map (() if absent), Set (Bool), typed array.", { ...val, fails: ["Panic", "TypeError"] }),
  row(0x011b, "UPDATED", 3, 1, "c i v -- c'. List and Map: a copy; typed array: itself, changed.", { fails: ["Panic", "TypeError"] }),

  // pattern tests: leave a Bool
  row(0x011c, "IS_CONS", 1, 1, "v -- Bool. A List with at least one element."),
  row(0x011d, "IS_NIL", 1, 1, "v -- Bool. The empty List."),
  row(0x011e, "IS_TUPLE", 1, 1, "v -- Bool. A Tuple of so many items.", { operands: ["count"] }),
  row(0x011f, "IS_CONSTRUCTOR", 1, 1, "v -- Bool. Made by this constructor.", { operands: ["dataType"] }),
  row(0x0120, "IS_TYPE", 1, 1, "v -- Bool. Made by any constructor of this constructor's type.", { operands: ["dataType"] }),
  row(0x0121, "IS_KIND", 1, 1, "v -- Bool. Of this kind.", { operands: ["valueKind"] }),
  form(0x66, "HAS_FIELD", 1, 1, "v -- Bool. A record of any sort with this field.", { ...val, operands: ["const"] }),

  // failure
  row(0x0122, "MATCH_FAIL", 1, 0, "v --. Throws (\"MatchFailed\", …) that shows v. Operand: a function's name, or \"\" for `match`.", { operands: ["const"], flow: "end", fails: ["MatchFailed"] }),
  row(0x37, "TRY", 0, 0, "--. From here to END_TRY a throw goes to the address with the operands of now and the thrown value.", { ...both, operands: ["address"] }),
  row(0x39, "END_TRY", 0, 0, "--. Leaves the newest TRY.", both),
  form(0x3a, "THROW", 1, 0, "v --. Any value.", { ...val, flow: "end", fails: ["*"] }),
  row(0x0123, "RETHROW", 1, 0, "v --. A caught value goes on with its first trace: unmatched catch, finally.", { flow: "end", fails: ["*"] }),
  row(0x0135, "CATCH", 1, 1, "v -- v. Begins what catches: what `exit(reason)` has thrown goes on, as by RETHROW.", { fails: ["*"] }),

  // processes
  form(0x80, "SPAWN", 1, 1, "f -- pid. A function value without parameters.", { ...fn, fails: TYPE_ERROR }),
  row(0x0124, "SELF", 0, 1, "-- pid."),
  form(0x8d, "SEND", 2, 0, "pid v --. Never waits on one scheduler; a dead pid is ignored.", { form: 1, formName: "top", fails: TYPE_ERROR }),
  row(0x8b, "YIELD", 0, 0, "--. Ends the slice.", both),
  form(0x74, "SLEEP", 1, 0, "ms --.", { form: 1, formName: "val", fails: TYPE_ERROR }),
  row(0x0125, "RECEIVE_BEGIN", 0, 0, "--. Starts a scan at the oldest message, without deadline."),
  row(0x0126, "RECEIVE_BEGIN_AFTER", 1, 0, "ms --. Starts a scan whose deadline is so far from now; 0 or less: what is there now.", { fails: TYPE_ERROR }),
  form(0x8c, "RECEIVE", 0, 1, "-- v. The next message of the scan, left in the mailbox; waits for one. At the deadline jumps, pushing nothing.", { form: 1, formName: "match", operands: ["address"], flow: "branch" }),
  row(0x0127, "RECEIVE_TAKE", 0, 0, "--. Removes the message that RECEIVE gave and ends the scan."),
  row(0x0128, "RECEIVE_SKIP", 0, 0, "--. Leaves that message where it is and goes on behind it."),
  row(0x0138, "RECEIVE_MARK", 1, 0, "v --. Behind RECEIVE_BEGIN: only messages that hold v are wanted. If it is a Ref that this process made, what came before that is passed over."),
  row(0x0150, "RECEIVE_SEEK", 0, 0, "--. Behind RECEIVE_BEGIN, names a receive whose choice depends on the message alone: what it has passed over before, it passes over.", { operands: ["const"] }),
  row(0x0151, "RECEIVE_KEEP", 0, 0, "--. Keeps how far the receive of that name has come, before RECEIVE_TAKE and at its deadline.", { operands: ["const"] }),

  // mvars
  row(0x0129, "MVAR_GET", 0, 1, "-- v. Inside a lock that covers it.", { operands: ["mvar"] }),
  row(0x012a, "MVAR_SET", 1, 0, "v --. Inside a lock that covers it; also sets its first value.", { operands: ["mvar"] }),
  row(0x012b, "MVAR_LOCK", 0, 0, "--. Takes each mvar of the set in turn, waiting fairly; re-entrant.", { operands: ["lockSet"], fails: ["Deadlock"] }),
  row(0x012c, "MVAR_UNLOCK", 0, 0, "--. Releases what the matching MVAR_LOCK took.", { operands: ["lockSet"] }),

  // TinyTotVM's own code: one operand stack for all its labels, variables by name, errors in its words
  row(0x05, "NULL", 0, 1, "-- null.", tiny),
  row(0x07, "AND", 2, 1, "a b -- Bool. Two Bools.", tiny),
  row(0x08, "OR", 2, 1, "a b -- Bool. Two Bools.", tiny),
  form(0x18, "DIV_F", 2, 1, "a b -- a/b. Floats only; zero fails.", own),
  form(0x20, "EQ", 2, 1, "a b -- 1 or 0. Two of one simple kind; Floats are equal within 2.2e-16.", own),
  form(0x23, "NE", 2, 1, "a b -- 1 or 0. As EQ.", own),
  form(0x21, "GT", 2, 1, "a b -- 1 or 0. Two Ints.", own),
  form(0x22, "LT", 2, 1, "a b -- 1 or 0. Two Ints.", own),
  form(0x24, "GE", 2, 1, "a b -- 1 or 0. Two Ints.", own),
  form(0x25, "LE", 2, 1, "a b -- 1 or 0. Two Ints.", own),
  row(0x26, "EQ_F", 2, 1, "a b -- 1 or 0. Two Floats, within 2.2e-16.", tiny),
  row(0x27, "NE_F", 2, 1, "a b -- 1 or 0. As EQ_F.", tiny),
  row(0x28, "GT_F", 2, 1, "a b -- 1 or 0. Two Floats.", tiny),
  row(0x29, "LT_F", 2, 1, "a b -- 1 or 0. Two Floats.", tiny),
  row(0x2a, "GE_F", 2, 1, "a b -- 1 or 0. Two Floats.", tiny),
  row(0x2b, "LE_F", 2, 1, "a b -- 1 or 0. Two Floats.", tiny),
  form(0x32, "CALL", 0, 0, "a1 .. an --. Binds the names of the type's fields in a new scope and goes to the address.", { ...own, operands: ["address", "dataType"], flow: "branch" }),
  form(0x33, "RET", 0, 0, "--. Leaves the scope; results stay on the operand stack.", { ...own, flow: "end" }),
  row(0x40, "PRINT", 1, 0, "a --. One line.", tiny),
  form(0x50, "STORE", 1, 0, "a --. In the newest scope, by name.", name),
  form(0x51, "LOAD", 0, 1, "-- a. From the newest scope only.", name),
  row(0x52, "DELETE", 0, 0, "--. Forgets the variable.", { ...tiny, operands: ["const"] }),
  row(0x61, "LEN", 1, 1, "a -- n. Of a List or an Object.", tiny),
  form(0x62, "INDEX", 2, 1, "list i -- a.", own),
  row(0x63, "MAKE_OBJECT", 0, 1, "-- {}.", tiny),
  form(0x64, "SET_FIELD", 2, 1, "object a -- object'.", { ...own, operands: ["const"] }),
  form(0x65, "GET_FIELD", 1, 1, "object -- a. Null where there is none.", { ...own, operands: ["const"] }),
  form(0x66, "HAS_FIELD", 1, 1, "object -- 1 or 0.", { ...own, operands: ["const"] }),
  row(0x67, "DELETE_FIELD", 1, 1, "object -- object'.", { ...tiny, operands: ["const"] }),
  row(0x68, "KEYS", 1, 1, "object -- list. In the order in which they were set.", tiny),
  row(0x70, "DUMP_SCOPE", 0, 0, "--. Prints the newest scope.", tiny),
  form(0x80, "SPAWN", 1, 1, "a -- pid. A label of the program, a file, a template, else a process that says its name.", own),
  row(0x81, "REGISTER", 0, 1, "-- text. This process under a name.", { ...tiny, operands: ["const"] }),
  row(0x83, "WHEREIS", 0, 1, "-- pid, or 0.", { ...tiny, operands: ["const"] }),
  row(0x84, "SENDNAMED", 1, 1, "a -- text. To the process of that name.", { ...tiny, operands: ["const"] }),
  form(0x8c, "RECEIVE", 0, 1, "-- a. The oldest message; waits for one.", own),
  form(0x8d, "SEND", 1, 0, "a --. To the process whose number is the operand.", { ...own, operands: ["const"] }),
  row(0xff, "HALT", 0, 0, "--. Ends the process.", { ...tiny, flow: "end" }),
  row(0x012d, "STARTS_WITH", 1, 1, "a -- Bool. Whether it is a text that begins so. TinyTotVM cannot look into texts.", { ...tiny, operands: ["const"] }),
  form(0x8d, "SEND", 2, 0, "a pid --. To the process whose number is the operand on top.", { ...tiny, form: 2, formName: "stack" }),
  row(0x82, "UNREGISTER", 0, 1, "-- text. The name is free.", { ...tiny, operands: ["const"] }),
  row(0x85, "MONITOR", 0, 1, "-- ref. This process will receive `down:PID:REF:REASON` when that one ends.", { ...tiny, operands: ["const"] }),
  form(0x85, "MONITOR", 1, 1, "pid -- ref. As MONITOR.", stacked),
  row(0x8e, "DEMONITOR", 0, 1, "-- text. The monitor of that ref ends, and its message with it.", { ...tiny, operands: ["const"] }),
  form(0x8e, "DEMONITOR", 1, 1, "ref -- text. As DEMONITOR.", stacked),
  row(0x86, "LINK", 0, 1, "-- text. When one of both fails the other does, or receives `exit:PID` if it traps exits.", { ...tiny, operands: ["const"] }),
  form(0x86, "LINK", 1, 1, "pid -- text. As LINK.", stacked),
  row(0x87, "UNLINK", 0, 1, "-- text.", { ...tiny, operands: ["const"] }),
  form(0x87, "UNLINK", 1, 1, "pid -- text. As UNLINK.", stacked),
  row(0x8f, "TRAP_EXIT", 1, 0, "Bool --. Whether exits of linked processes are messages.", tiny),
  row(0x88, "START_SUPERVISOR", 0, 1, "-- text. This process may have children.", tiny),
  row(0x89, "SUPERVISE_CHILD", 0, 1, "-- text. The process of that name, else a new one as by SPAWN: restarted when it fails, 3 times in 60 seconds at most.", { ...tiny, operands: ["const"] }),
  row(0x8a, "RESTART_CHILD", 0, 1, "-- text. Starts the child anew if it does not run; counts as a restart.", { ...tiny, operands: ["const"] }),
  form(0x3a, "THROW", 1, 0, "a --. A text becomes an Exception, which an Exception stays.", { ...own, flow: "end" }),
  form(0x38, "CATCH", 0, 0, "--. Only says that here is what a TRY names.", { ...tiny, form: 1, formName: "mark" }),
  row(0x90, "RECEIVE_MATCH", 0, 1, "-- a. The oldest message that fits the pattern; waits for one.", { ...tiny, operands: ["const"] }),
  row(0x0136, "STR_LEN", 1, 1, "s -- n. Its characters.", tiny),
  row(0x0137, "STR_SPLIT", 1, 1, "s -- list. The parts between the text that is the operand; by \"\", its characters.", { ...tiny, operands: ["const"] }),
  form(0x35, "MAKE_FUNCTION", 0, 1, "-- f. The code at the address; its parameters are the names of the type's fields.", { ...own, operands: ["address", "dataType"] }),
  row(0x3b, "CAPTURE", 0, 0, "--. The variable's value will be one of the next MAKE_LAMBDA.", { ...tiny, operands: ["const"] }),
  form(0x36, "MAKE_LAMBDA", 0, 1, "-- f. As MAKE_FUNCTION, with what CAPTURE has taken.", { ...own, operands: ["address", "dataType"] }),
  form(0x34, "CALL_FUNCTION", 1, 0, "a1 .. an f --. As CALL: a scope with what f has captured, then its parameters.", own),
  row(0x3c, "IMPORT", 0, 0, "--. Runs the file once, then binds what it exports in the newest scope.", { ...tiny, operands: ["const"] }),
  row(0x3d, "EXPORT", 0, 0, "--. The variable's value of now, for who imports this file.", { ...tiny, operands: ["const"] }),
  row(0x49, "EXIT", 1, 0, "n --. Ends the whole run with this exit code.", { ...tiny, flow: "end" }),
  form(0x74, "SLEEP", 1, 0, "ms --. An Int or a Float.", own),
  row(0x0184, "LIMIT_MAILBOX", 1, 0, "n --. So many messages may wait for this process, 0: any number; with one more the sender waits (`block`), it is lost (`drop`), or the process fails (`crash`).", { ...tiny, operands: ["const"] }),
  // what reaches outside of the machine (vm/host/tiny)
  row(0x72, "READ_FILE", 1, 1, "name -- text. A file of the working directory, in UTF-8.", tiny),
  row(0x73, "WRITE_FILE", 2, 0, "text name --. Instead of what was there.", tiny),
  row(0x75, "APPEND_FILE", 2, 0, "text name --. Behind what was there.", tiny),
  row(0x76, "READ_BYTES", 1, 1, "name -- Bytes.", tiny),
  row(0x77, "WRITE_BYTES", 2, 0, "Bytes name --.", tiny),
  row(0x78, "FILE_SIZE", 1, 1, "name -- n. In bytes.", tiny),
  row(0x79, "FILE_EXISTS", 1, 1, "name -- Bool.", tiny),
  row(0x7a, "LIST_DIR", 1, 1, "name -- list. The names in a folder, sorted.", tiny),
  row(0x7b, "DELETE_FILE", 1, 0, "name --.", tiny),
  row(0x41, "READ_LINE", 0, 1, "-- text. The next line of standard input; empty at its end.", tiny),
  row(0x42, "READ_CHAR", 0, 1, "-- text. The next character of standard input.", tiny),
  row(0x43, "READ_INPUT", 0, 1, "-- text. All that is left of standard input.", tiny),
  row(0x44, "GET_ENV", 1, 1, "name -- text, or null.", tiny),
  row(0x45, "SET_ENV", 2, 0, "name text --. For this run and the programs that it starts.", tiny),
  row(0x46, "GET_ARGS", 0, 1, "-- list. The words of the command line.", tiny),
  row(0x47, "EXEC", 2, 1, "command list -- n. Runs a program without a shell; its exit code, -1 if a signal ended it.", tiny),
  row(0x48, "EXEC_CAPTURE", 2, 1, "command list -- object. As EXEC, with `stdout`, `stderr` and `exit_code`.", tiny),
  row(0x4a, "GET_TIME", 0, 1, "-- n. Seconds since 1970.", tiny),
  row(0x4b, "FORMAT_TIME", 2, 1, "seconds pattern -- text. As C's strftime, in UTC.", tiny),
  row(0x91, "HTTP_GET", 1, 1, "url -- text. The body; a status that is no success fails.", tiny),
  row(0x92, "HTTP_POST", 2, 1, "url text -- text. As HTTP_GET.", tiny),
  row(0x93, "TCP_CONNECT", 2, 1, "host port -- connection.", tiny),
  row(0x94, "TCP_LISTEN", 1, 1, "port -- connection. A listener on 127.0.0.1; port 0: any that is free.", tiny),
  row(0x95, "TCP_SEND", 2, 1, "connection data -- n. The bytes that were sent.", tiny),
  row(0x96, "TCP_RECV", 2, 1, "connection size -- text. At most so many bytes; size 0 or less: Bytes, what is there. Empty at the end.", tiny),
  row(0x97, "UDP_BIND", 1, 1, "port -- connection. A socket on 127.0.0.1.", tiny),
  row(0x98, "UDP_SEND", 4, 1, "connection host port text -- n. The bytes that were sent.", tiny),
  row(0x99, "UDP_RECV", 2, 1, "connection size -- object. `data`, `sender_host`, `sender_port`.", tiny),
  row(0x9a, "DNS_RESOLVE", 1, 1, "host -- text, or null.", tiny),
  row(0x9b, "ASYNC_READ", 1, 1, "name -- future. Begins to read the file.", tiny),
  row(0x9c, "ASYNC_WRITE", 2, 1, "text name -- future. Begins to write the file.", tiny),
  row(0x9d, "AWAIT", 1, 1, "future -- a. What was read; true for what was written.", tiny),
  row(0x9e, "STREAM_CREATE", 1, 1, "type -- stream. In memory; `read:FILE`, `write:FILE`, `append:FILE`: of a file.", tiny),
  row(0x9f, "STREAM_READ", 2, 1, "stream n -- text. At most so many bytes of what is there; n 0 or less: all of it.", tiny),
  row(0xa0, "STREAM_WRITE", 2, 1, "stream data -- n. The bytes that were written.", tiny),
  row(0xa1, "STREAM_CLOSE", 1, 1, "stream -- true.", tiny),
  row(0xa2, "JSON_PARSE", 1, 1, "text -- a.", tiny),
  row(0xa3, "JSON_STRINGIFY", 1, 1, "a -- text.", tiny),
  row(0xa4, "CSV_PARSE", 1, 1, "text -- list. A list of texts for each row.", tiny),
  row(0xa5, "CSV_WRITE", 1, 1, "list -- text.", tiny),
  row(0xa6, "COMPRESS", 1, 1, "data -- Bytes. By gzip.", tiny),
  row(0xa7, "DECOMPRESS", 1, 1, "Bytes -- text.", tiny),
  row(0xa8, "ENCRYPT", 2, 1, "data key -- Bytes. AES-256-GCM with a key made by scrypt.", tiny),
  row(0xa9, "DECRYPT", 2, 1, "Bytes key -- text.", tiny),
  row(0xaa, "HASH", 1, 1, "data -- text. SipHash-1-3 of Rust, in hexadecimal.", tiny),
  row(0xab, "DB_CONNECT", 1, 1, "text --. Fails: databases come later.", tiny),
  row(0xac, "DB_QUERY", 2, 1, "connection text --. As DB_CONNECT.", tiny),
  row(0xad, "DB_EXEC", 2, 1, "connection text --. As DB_CONNECT.", tiny),
  row(0x0180, "TCP_ACCEPT", 1, 1, "listener -- connection. Waits for the next one.", tiny),
  row(0x0181, "LOCAL_PORT", 1, 1, "connection -- n.", tiny),
  row(0x0182, "CLOSE", 1, 1, "connection -- true.", tiny),
  row(0x0183, "DIGEST", 2, 1, "data algorithm -- text. sha256 and its like, in hexadecimal.", tiny),
] as const satisfies readonly OpcodeRow[];

type Row = (typeof OPCODES)[number];
/** Row by row, so that no name is joined to another row's form. */
type WrittenName<R> = R extends { name: infer N extends string; formName: infer F extends string } ? (F extends "" ? N : `${N}.${F}`) : never;
/** `ADD`, `ADD.val`, `CALL.fn` …: the union of all rows' written names */
export type OpName = WrittenName<Row>;

export function nameOf(row: Row | OpcodeRow): OpName {
  return (row.formName === "" ? row.name : `${row.name}.${row.formName}`) as OpName;
}

/** written name → internal opcode (the index of the row) */
export const OP: Readonly<Record<OpName, number>> = Object.freeze(
  Object.fromEntries(OPCODES.map((row, index) => [nameOf(row), index])),
) as Readonly<Record<OpName, number>>;

/** Operand of IS_KIND: what a program can tell apart at run time. Appended to only. */
export const VALUE_KINDS = [
  "Int", "Float", "BigInt", "Decimal", "Float32", "Int8", "Int16", "Int32", "UInt8", "UInt16", "UInt32", "UInt64",
  "Bool", "Char", "String", "Unit", "Tuple", "List", "Map", "Set", "Function", "Pid", "Ref", "Record", "Struct",
  "Int64Array", "Float64Array", "Float32Array", "Int64List", "Buffer",
] as const; // biome-ignore format: a table
export type ValueKind = (typeof VALUE_KINDS)[number];
