/**
 * What this compiler and standard library are, as a hash of both: "" when they run from their sources, where they may
 * change under us and nothing is cached. The bundle has this file replaced (build/bundle.mjs).
 */
export const BUILD_ID: string = "";
