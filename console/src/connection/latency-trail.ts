/** The latest latencies, each with the transport that brought it: what the sparkline draws. */
import type { TransportName } from 'holdfast'
import { useSyncExternalStore } from 'react'
import { client } from './client.ts'

export interface Delay {
  readonly id: number
  readonly ms: number
  readonly transport: TransportName
}

export const TRAIL_LENGTH = 48

let trail: readonly Delay[] = []
let delivered = 0
let ids = 0
const listeners = new Set<() => void>()

client.on('state', ({ latency, counts, transport }) => {
  if (latency.last === null || counts.delivered === delivered) return
  delivered = counts.delivered
  trail = [...trail.slice(1 - TRAIL_LENGTH), { id: ids++, ms: latency.last, transport }]
  for (const listener of listeners) listener()
})

export const useLatencyTrail = (): readonly Delay[] =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => trail,
  )
