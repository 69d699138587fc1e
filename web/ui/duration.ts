const pad = (value: number) => String(value).padStart(2, '0')

/**
 * A duration for reading: `0.35 s`, `42.3 s`, `7m 02s`, `1h 07m 02s`, `3d 04h 10m`. A negative one, from a
 * clock that ran backwards, carries a minus sign.
 */
export function formatDuration(durationMs: number): string {
  if (durationMs < 0) return `−${formatDuration(-durationMs)}`
  if (durationMs < 9_995) return `${(durationMs / 1000).toFixed(2)} s`
  if (durationMs < 59_950) return `${(durationMs / 1000).toFixed(1)} s`
  const seconds = Math.round(durationMs / 1000)
  const minutes = Math.floor(seconds / 60)
  const hours = Math.floor(minutes / 60)
  if (hours === 0) return `${minutes}m ${pad(seconds % 60)}s`
  if (hours < 24) return `${hours}h ${pad(minutes % 60)}m ${pad(seconds % 60)}s`
  return `${Math.floor(hours / 24)}d ${pad(hours % 24)}h ${pad(minutes % 60)}m`
}
