// Loaded into the server that is measured, before it: the built server does not know of the bench.
import { monitorEventLoopDelay } from 'node:perf_hooks'

const resolutionMs = 5
const delays = monitorEventLoopDelay({ resolution: resolutionMs })
delays.enable()

/** A timer of so many milliseconds is late by so much more. */
const lateMs = (nanoseconds) => Math.max(0, nanoseconds / 1e6 - resolutionMs)

process.on('message', (message) => {
  if (message === 'reset') return delays.reset()
  process.send?.({ p95Ms: lateMs(delays.percentile(95)), maxMs: lateMs(delays.max) })
})
// The channel to the bench does not keep the server alive.
process.channel?.unref()
