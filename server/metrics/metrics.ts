import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import { readVersion } from '../site/read-version.ts'

/** How an upload ended. `broken_off`: the client went away. `failed`: a fault of the server, or of its disk or database. */
export type UploadOutcome = 'stored' | 'refused' | 'broken_off' | 'failed'

export type OperationOutcome = 'ok' | 'refused' | 'error'

/** What a server counts. Labels have few values: no UUID, no name that a client chooses. */
export type Metrics = ReturnType<typeof createMetrics>

const prefix = 'builder_hub_'

/** Seconds: from answers out of memory to uploads of gigabytes. */
const requestBuckets = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60]
const uploadBuckets = [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 1_800]
const transactionBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5, 20]

/**
 * Names follow https://prometheus.io/docs/practices/naming: base units in the name, counters end in `_total`.
 * docs/operating.md, "Health and metrics" lists them.
 */
export function createMetrics() {
  const registry = new Registry()
  const registers = [registry]
  const counter = <Label extends string>(name: string, help: string, labelNames: readonly Label[]) =>
    new Counter({ name: `${prefix}${name}`, help, labelNames, registers })
  const histogram = <Label extends string>(
    name: string,
    help: string,
    labelNames: readonly Label[],
    buckets: number[],
  ) => new Histogram({ name: `${prefix}${name}`, help, labelNames, buckets, registers })

  new Gauge({
    name: `${prefix}build_info`,
    help: 'Always 1; the label says which version runs.',
    labelNames: ['version'],
    registers,
  }).set({ version: readVersion() }, 1)

  return {
    registry,
    httpRequests: counter('http_requests_total', 'Requests that were answered or broken off.', [
      'method',
      'route',
      'status',
    ]),
    httpDuration: histogram(
      'http_request_duration_seconds',
      'Time until the last byte of an answer was given to the system.',
      ['route'],
      requestBuckets,
    ),
    operations: counter('graphql_operations_total', 'Operations of the GraphQL API.', [
      'operation',
      'outcome',
    ]),
    cacheRequests: counter('cache_requests_total', 'Answers that were looked for in memory.', [
      'cache',
      'outcome',
    ]),
    webhookDeliveries: counter('webhook_deliveries_total', 'Attempts to tell receivers of events.', [
      'outcome',
    ]),
    mails: counter('mails_total', 'Mails that were given to the mail server, or could not be.', ['outcome']),
    uploads: counter('uploads_total', 'Uploads of known users that have ended.', ['outcome']),
    uploadBytes: counter('upload_bytes_total', 'Bytes of records that were read.', []),
    uploadDuration: histogram(
      'upload_duration_seconds',
      'Time of uploads that were stored: until the record was read, and from then until it was durable.',
      ['phase'],
      uploadBuckets,
    ),
    uploadsInProgress: new Gauge({
      name: `${prefix}uploads_in_progress`,
      help: 'Uploads that are read or written now.',
      registers,
    }),
    storeRequests: counter(
      'object_store_requests_total',
      'Requests to the object store, each try; an answer that something is absent is ok.',
      ['operation', 'outcome'],
    ),
    storeRequestDuration: histogram(
      'object_store_request_duration_seconds',
      'Time until the object store began to answer, with the time to send it content.',
      ['operation'],
      requestBuckets,
    ),
    hookRuns: counter('hook_runs_total', 'Attempts of local hooks that have ended.', ['outcome']),
    runTries: counter('run_tries_total', 'Tries of runs that have ended.', ['ending']),
    schedulingLatency: histogram(
      'scheduling_latency_seconds',
      'Time until a run was given to a worker, from when both were there.',
      [],
      transactionBuckets,
    ),
    transactionDuration: histogram(
      'db_transaction_duration_seconds',
      'Time of transactions that write, with the wait for those before them.',
      ['outcome'],
      transactionBuckets,
    ),
  }
}
