import { Build } from '../../builds/build.graphql.ts'
import { builder } from '../../graphql/builder.ts'
import { analysedColumns, type AnalysedBuild } from '../kind.ts'
import { loadResult, loadSummary } from '../load-analyses.ts'
import { consoleFailure, failureSummary } from '../stored-results.ts'
import type { Excerpt } from './excerpt.ts'
import { explainFailure, type Failure } from './explain-failure.ts'
import type { FailureClass } from './failure-rule.ts'

const FailureClassEnum = builder.enumType('FailureClass', {
  description: 'Why a build failed.',
  values: {
    DEPENDENCY_NOT_SOLVABLE: {
      description: 'No set of packages fits what was asked for, or a package does not exist.',
    },
    DOWNLOAD_FAILED: { description: 'Something could not be downloaded, or was not what it should be.' },
    COMPILE_ERROR: { description: 'A package or program could not be compiled or linked.' },
    TEST_FAILED: { description: 'A test failed.' },
    OUT_OF_SPACE: { description: 'A disk was full.' },
    OUT_OF_MEMORY: { description: 'There was not enough memory.' },
    TIMEOUT: { description: 'It took longer than it may.' },
    KILLED: { description: 'A signal ended it, or one of its processes.' },
    NO_BINARY: { description: 'It succeeded, but did not make exactly one file in `bin/`.' },
    UNKNOWN: {
      description: 'Neither the result nor the console of the build shows a reason of another class.',
    },
  } satisfies Record<FailureClass, unknown>,
})

const ConsoleExcerpt = builder
  .objectRef<Excerpt & { matchedLine: number | null }>('ConsoleExcerpt')
  .implement({
    description: 'Lines of a console that follow each other.',
    fields: (t) => ({
      firstLine: t.exposeInt('firstLine', {
        description: 'Number of the first line, as in `console` and in page anchors such as `#L12`.',
      }),
      lines: t.exposeStringList('lines', {
        description:
          'Text of the lines without colours and control characters, at most 24 lines. Very long lines are cut.',
      }),
      matchedLine: t.exposeInt('matchedLine', {
        nullable: true,
        description:
          'Number of the line that matched `rule`. It can be less than `firstLine`: of a long report only the end is shown. Null if the reason comes from the result of the build or is unknown.',
      }),
    }),
  })

const FailureRef = builder.objectRef<Failure & { build: AnalysedBuild }>('Failure').implement({
  description: 'Why a build failed, by how it ended and by what its console says.',
  fields: (t) => ({
    class: t.field({
      type: FailureClassEnum,
      description: 'Class of the failure.',
      resolve: (failure) => failure.class,
    }),
    rule: t.exposeString('rule', {
      nullable: true,
      description:
        'Name of the rule that found the reason, such as `opam-no-solution`. Names of rules that look at the result begin with `result-`. Null if no rule applies.',
    }),
    reason: t.string({
      nullable: true,
      description:
        'Reason in words that complete a sentence after "because"; for a time limit also the command that ran last. Null if the reason is unknown. It can be known for the class UNKNOWN, too: a program of the build script that is missing belongs to no other class.',
      resolve: ({ because }) => because,
    }),
    excerpt: t.field({
      type: ConsoleExcerpt,
      nullable: true,
      description:
        'Lines of the console that explain the failure; if there are none, the last lines. Null if the console is empty, has not been analysed yet, or could not be analysed; `Build.analyses` shows which.',
      complexity: 20,
      resolve: async ({ build, fromConsole }, _args, context) => {
        const found = await loadResult(context, 'FAILURE', consoleFailure, build)
        if (fromConsole && found?.excerpt) return { ...found.excerpt, matchedLine: found.line }
        return found?.ending ? { ...found.ending, matchedLine: null } : null
      },
    }),
  }),
})

builder.prismaObjectField(Build, 'failure', (t) =>
  t.field({
    type: FailureRef,
    nullable: true,
    description:
      'Why the build failed, or why it has no main binary. Null if the build succeeded with a main binary, and while no reason is known. The state of the FAILURE analysis in `analyses` shows whether the console is still to be read or could not be read.',
    select: {
      ...analysedColumns,
      resultKind: true,
      resultCode: true,
      resultMessage: true,
      startedAt: true,
      finishedAt: true,
    },
    resolve: async (build, _args, context) => {
      const failure = explainFailure(build, await loadSummary(context, 'FAILURE', failureSummary, build))
      return failure && { ...failure, build }
    },
  }),
)
