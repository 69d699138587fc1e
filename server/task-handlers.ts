import { fetchAdvisoriesHandler } from './advisories/fetch-advisories-handler.ts'
import { analysisHandlers, type AnalysisOptions } from './analyses/analysis-handlers.ts'
import { attestBackfillHandler } from './attestations/attest-backfill-handler.ts'
import { attestHandler } from './attestations/attest-handler.ts'
import type { Deps } from './deps.ts'
import { watchSiteHandler } from './event-log/watch-site-handler.ts'
import { pruneEventsHandler } from './event-log/prune-events-handler.ts'
import { describeJobHandler } from './jobs/describe-job-handler.ts'
import { rebuildFactsHandler } from './facts/rebuild-facts-handler.ts'
import { pruneHookRunsHandler } from './hooks/prune-hook-runs-handler.ts'
import { runHookHandler } from './hooks/run-hook-handler.ts'
import { mirrorHandler } from './imports/remote/mirror-handler.ts'
import { judgeAllHandler, judgeHandler } from './policy/judge-handler.ts'
import { publishHandler } from './repositories/publish-handler.ts'
import type { TaskHandler } from './runner/handler.ts'
import { applyRetentionHandler } from './retention/apply-retention-handler.ts'
import { notifyHandler } from './notifications/notify-handler.ts'
import { sendMailHandler } from './notifications/send-mail-handler.ts'
import { removeEndedSessionsHandler } from './sessions/remove-ended-sessions-handler.ts'
import { collectBlobsHandler } from './storage/collect-blobs-handler.ts'
import { deliverWebhooksHandler } from './webhooks/deliver-webhooks-handler.ts'
import { dispatchEventsHandler } from './webhooks/dispatch-events-handler.ts'
import { pruneRunsHandler } from './scheduling/prune-runs-handler.ts'
import { reproduceHandler } from './scheduling/reproduce-handler.ts'
import { scrubHandler } from './verify/scrub-handler.ts'

/** All handlers of queued tasks. A new one has its line here. */
export function taskHandlers(
  deps: Pick<
    Deps,
    | 'blobs'
    | 'clock'
    | 'config'
    | 'copies'
    | 'damage'
    | 'db'
    | 'fetch'
    | 'hooks'
    | 'log'
    | 'metrics'
    | 'onUploadStep'
    | 'storedBlobs'
    | 'workers'
    | 'writer'
  >,
  analyses: AnalysisOptions,
): TaskHandler[] {
  return [
    rebuildFactsHandler(deps),
    describeJobHandler(deps),
    runHookHandler(deps),
    pruneHookRunsHandler(deps),
    ...analysisHandlers(deps, analyses),
    applyRetentionHandler(deps),
    removeEndedSessionsHandler(deps),
    dispatchEventsHandler(deps),
    deliverWebhooksHandler(deps),
    pruneEventsHandler(deps),
    watchSiteHandler(deps),
    reproduceHandler(deps),
    pruneRunsHandler(deps),
    collectBlobsHandler(deps),
    scrubHandler(deps),
    publishHandler(deps),
    mirrorHandler({ ...deps, analyses }),
    fetchAdvisoriesHandler(deps),
    attestHandler(deps),
    attestBackfillHandler(deps),
    judgeHandler(deps),
    judgeAllHandler(deps),
    notifyHandler({ ...deps, kinds: analyses.kinds }),
    sendMailHandler(deps),
  ]
}
