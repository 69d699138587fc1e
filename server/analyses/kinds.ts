// The kinds of analysis that the hub does. To add what a kind does:
//
// 1. write `analyseX(bytes: Uint8Array): XResult` in `server/analyses/<kind>/`: pure, bounded in time
//    and memory whatever the bytes are, its result JSON (see `defineKind` for what it may throw);
// 2. register it below with `defineKind`: version 1, the input (rules in kind.ts), the limits. The
//    engine then runs it for every build that is uploaded, and finds those that are stored already;
// 3. show it in `server/analyses/<kind>/<kind>.graphql.ts`: `loadResult(context, kind, build)` gives
//    the result, `loadSummary` what the row has of it (load-analyses.ts). Select `analysedColumns`.
//
// When the result for an input changes, raise `version`: all are made again in the background, and the
// old ones are shown until then, or not, when `readableSince` says that their shape is another.
import { analyseDependencies } from './dependencies/analyse-dependencies.ts'
import { analyseBinarySize } from './binary-size/analyse-binary-size.ts'
import { analyseFailure, summarizeFailure } from './failure/analyse-failure.ts'
import {
  consoleOfFailed,
  debugOrMainBinary,
  defineKind,
  mainBinary,
  opamSwitch,
  type KindRegistry,
} from './kind.ts'
import { analyseSolo5, summarizeSolo5 } from './solo5/analyse-solo5.ts'

const mebibyte = 1024 ** 2

export const kinds: KindRegistry = {
  SOLO5: defineKind({
    version: 2,
    description: 'Solo5 target and devices',
    inputOf: mainBinary,
    // No more of it is read than headers and notes.
    maxInputBytes: 2 ** 40,
    maxCpuMs: 10_000,
    analyseFile: analyseSolo5,
    summarize: summarizeSolo5,
  }),
  FAILURE: defineKind({
    version: 1,
    description: 'why a build failed',
    inputOf: consoleOfFailed,
    maxInputBytes: 256 * mebibyte,
    maxCpuMs: 10_000,
    analyse: analyseFailure,
    summarize: summarizeFailure,
  }),
  DEPENDENCIES: defineKind({
    version: 2,
    description: 'which package depends on which',
    inputOf: opamSwitch,
    maxInputBytes: 16 * mebibyte,
    maxCpuMs: 20_000,
    analyse: analyseDependencies,
  }),
  BINARY_SIZE: defineKind({
    version: 2,
    description: 'where the bytes of the binary come from',
    inputOf: debugOrMainBinary,
    maxInputBytes: 512 * mebibyte,
    maxCpuMs: 60_000,
    // Symbols and debug information, and as much again.
    maxMemoryMiB: 1_536,
    analyseFile: analyseBinarySize,
    summarize: ({ tree: _tree, ...facts }) => facts,
  }),
}
