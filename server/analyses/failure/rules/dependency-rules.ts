import { anyOf, type FailureRule } from '../failure-rule.ts'

/** Packages that do not exist, or do not fit together. */
export const dependencyRules: readonly FailureRule[] = [
  {
    name: 'opam-no-solution',
    class: 'DEPENDENCY_NOT_SOLVABLE',
    rank: 'FAILURE',
    because: 'opam found no set of packages that fit together',
    pattern: anyOf(
      String.raw`^No solution found, exiting$`,
      String.raw`^(?:\[ERROR\] )?Sorry, no solution found`,
      String.raw`^\[ERROR\] No solution (?:for|found)\b`,
      String.raw`^\[ERROR\] Package conflict!`,
      String.raw`^\[ERROR\] Could not (?:determine which packages to install for this switch|resolve set of base packages)`,
      String.raw`^\[ERROR\] (?:The actions to process have cyclic dependencies|Conflicting (?:dependencies|packages))`,
      String.raw`^(?:\[ERROR\] )?(?:Your request can't be satisfied|The following dependencies couldn't be met|Can't find all required versions)`,
      String.raw`^\S{1,60}: \[ERROR\] (?:Can't find all required versions|No solution)`,
      String.raw`^\[ERROR\] \S{1,200} is not available because `,
    ),
  },
  {
    name: 'opam-no-package',
    class: 'DEPENDENCY_NOT_SOLVABLE',
    rank: 'FAILURE',
    because: 'opam knows no such package, or version',
    pattern: anyOf(
      String.raw`^\[ERROR\] No (?:package named|package matching|compiler matching) `,
      String.raw`^\[ERROR\] Package \S{1,200} has no version `,
      String.raw`^\[ERROR\] (?:[Uu]nknown package \S|Package \S{1,200} (?:not found|is unknown))`,
    ),
  },
  {
    name: 'opam-solver-timeout',
    class: 'DEPENDENCY_NOT_SOLVABLE',
    rank: 'FAILURE',
    because: "opam's solver found nothing in the time that it had",
    pattern: /^(?:\[ERROR\] )?(?:Sorry, )?resolution of the request timed out/,
  },
  {
    name: 'system-package',
    class: 'DEPENDENCY_NOT_SOLVABLE',
    rank: 'FAILURE',
    because: 'a system package is not there, or does not fit the others',
    pattern: anyOf(
      String.raw`^E: (?:Unable to locate package|Couldn't find any package|Unable to correct problems|Unmet dependencies)`,
      String.raw`^E: Version '[^']{1,200}' for '[^']{1,200}' was not found`,
      String.raw`^(?:E: )?Package '?\S{1,200} has no installation candidate`,
      String.raw`^The following packages have unmet dependencies:`,
      String.raw`^pkg(?:-static)?: (?:No packages? available to install matching|Cannot solve problem using SAT solver|wrong architecture: )`,
      String.raw`^dpkg: dependency problems prevent configuration`,
      String.raw`^\[ERROR\] System package install failed\b`,
      String.raw`^ERROR: unable to select packages:`,
      String.raw`^Error: Unable to find a match: `,
      String.raw`^error: target not found: `,
    ),
  },
  {
    name: 'language-package',
    class: 'DEPENDENCY_NOT_SOLVABLE',
    rank: 'FAILURE',
    because: 'a package of another language is not there, or does not fit the others',
    pattern: anyOf(
      String.raw`^ERROR: (?:No matching distribution found for|Could not find a version that satisfies|ResolutionImpossible|Cannot install \S{1,200} (?:and|because))`,
      String.raw`^npm (?:ERR!|error) code (?:E404|ETARGET|ERESOLVE|EUNSUPPORTEDPROTOCOL)\b`,
      String.raw`^(?:ERR_PNPM_(?:NO_MATCHING_VERSION|FETCH_404)|error Couldn't find package )`,
      String.raw`^error: (?:no matching package named|no matching package found|failed to select a version for)`,
      String.raw`\bno required module provides package\b`,
      String.raw`^go: \S{1,300}: (?:unknown revision|no matching versions for query|invalid version: unknown revision)`,
    ),
  },
]
