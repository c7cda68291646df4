/**
 * The names that a user's function may not take, because the public implementation always calls its own for them.
 *
 * Data only. Locals, parameters, constructors, types and mvars may carry these names, and so may numeric conversions
 * (`toInt`, `toFloat32`, …) and functions of the standard library.
 */
export const BUILTIN_FUNCTION_NAMES: ReadonlySet<string> = new Set(
  `println print eprintln eprint flushStdout flushStderr show toString copy hash inspect assert assert_eq assertType throw
  panic sleep vmStats self spawn send receive sqrt sin cos tan floor ceil round abs min max pow log log10 length len head
  tail init last nth push pop get set slice concat reverse sort map filter fold any all find position unique flatten zip
  unzip take drop split join range replicate toIntList intListRange empty isEmpty sum product maximum minimum indexOf
  sortBy intersperse spanList groupBy transpose pairwise isSorted isSortedBy takeWhile dropWhile partition flatMap zipWith
  enumerate optUnwrap optUnwrapOr optMap optFlatMap optIsSome optIsNone resUnwrap resUnwrapOr resMap resMapErr resFlatMap
  resIsOk resIsErr resToOption newInt64Array newFloat64Array newFloat32Array sumInt64Array asInt8 asInt16 asInt32 asInt64
  asInt asUInt8 asUInt16 asUInt32 asUInt64 asFloat32 asFloat64 asFloat asBigInt toBigInt toChar eval typeInfo typeOf
  reactiveId tagOf reflect jsonToType fromJson makeRecord makeVariant makeRecordByName makeVariantByName jsonToTypeByName
  typeNameOf requestToType`.split(/\s+/),
);

/**
 * Files of the standard library that must be imported; every other one belongs to the prelude: its functions and types
 * are global names, and its upper-case modules global namespaces.
 */
export const IMPORTED_LIBRARY_MODULES: ReadonlySet<string> = new Set(
  `json html html_parser rhtml rhtml_session rhttp_server rweb rweb_state server ws url validation db pool logging traits`.split(
    /\s+/,
  ),
);
