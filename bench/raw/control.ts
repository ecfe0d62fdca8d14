/**
 * The measured process's side of a measurement: it reports what the operating system says it used, publishes on
 * request, and can write down where its time went. What it serves is the caller's.
 */
import { setImmediate as nextTurn, setInterval as every } from 'node:timers/promises'
import { Profile, type Hotspot } from './profile.ts'

export interface ServerOptions {
  readonly deflate: boolean
}

export interface Usage {
  /** CPU time of all threads since the process began: its own, and the kernel's on its behalf. */
  readonly userSeconds: number
  readonly systemSeconds: number
  readonly residentBytes: number
  /** The JavaScript heap in use, and what it holds outside itself. */
  readonly heldBytes: number
}

export interface Broadcast {
  readonly payload: string
  readonly publications: number
  readonly burst: number
  readonly intervalMs: number
}

export type ServerRequest =
  | { readonly kind: 'usage'; readonly collect: boolean }
  | { readonly kind: 'broadcast'; readonly broadcast: Broadcast }
  | { readonly kind: 'profile' }
  | { readonly kind: 'hotspots' }

export type ServerReport =
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'usage'; readonly usage: Usage }
  | { readonly kind: 'broadcast' }
  | { readonly kind: 'profile' }
  | { readonly kind: 'hotspots'; readonly hotspots: readonly Hotspot[] }

export const serverOptions = (): ServerOptions => JSON.parse(process.argv[2] ?? '{}') as ServerOptions

export function serveMeasurements(port: number, publish: (payload: string) => void): void {
  const profile = new Profile()
  const answer = async (request: ServerRequest): Promise<ServerReport> => {
    switch (request.kind) {
      case 'usage':
        if (request.collect) await collect()
        return { kind: 'usage', usage: usage() }
      case 'broadcast':
        await broadcast(request.broadcast, publish)
        return { kind: 'broadcast' }
      case 'profile':
        await profile.start()
        return { kind: 'profile' }
      case 'hotspots':
        return { kind: 'hotspots', hotspots: await profile.stop() }
    }
  }
  process.on('message', (request: ServerRequest) => {
    void answer(request).then((report) => process.send?.(report))
  })
  process.once('disconnect', () => process.exit(0))
  process.send?.({ kind: 'listening', port } satisfies ServerReport)
}

function usage(): Usage {
  const { user, system } = process.cpuUsage()
  const { rss, heapUsed, external } = process.memoryUsage()
  return {
    userSeconds: user / 1e6,
    systemSeconds: system / 1e6,
    residentBytes: rss,
    heldBytes: heapUsed + external,
  }
}

/** Until nothing more is to be had: what a finaliser lets go of, the next collection finds. */
async function collect(): Promise<void> {
  let before = Infinity
  for (let round = 0; round < 10; round++) {
    globalThis.gc?.()
    await nextTurn()
    const { heldBytes } = usage()
    if (before - heldBytes < 4_096) return
    before = heldBytes
  }
}

async function broadcast(round: Broadcast, publish: (payload: string) => void): Promise<void> {
  let left = round.publications
  for await (const _ of every(round.intervalMs)) {
    for (let i = 0; i < round.burst && left > 0; i++, left--) publish(round.payload)
    if (left === 0) return
  }
}
