/**
 * The load generator, a process of its own: opens connections, counts publications on them, asks and is answered.
 * Whatever fails ends it, which is how the other side hears.
 */
import { type ClientName, CLIENTS } from './clients.ts'
import { Count, type Counted } from './count.ts'
import { type Exchange, exchange } from './exchange.ts'
import type { Late } from './lateness.ts'
import type { Spent } from './span.ts'
import { type Target, Wire } from './wire.ts'

export interface Opening extends Target {
  readonly client: ClientName
  readonly connections: number
  /** How many there are in all, and how many each connection follows. */
  readonly channels: number
  readonly follows: number
}

export type LoadRequest =
  | ({ readonly kind: 'open' } & Opening)
  /** Ends every connection. */
  | { readonly kind: 'close' }
  /** Counts from now until so many have come. */
  | { readonly kind: 'count'; readonly deliveries: number }
  | ({ readonly kind: 'exchange' } & Exchange)
  | { readonly kind: 'finish' }

export type LoadReport =
  | { readonly kind: 'ready' | 'open' | 'closed' | 'counting' }
  | ({ readonly kind: 'exchanged' } & Spent & Late)
  | ({ readonly kind: 'counted' } & Counted)

/** Connections that are being opened at the same time. */
const AT_ONCE = 50

const wires: Wire[] = []
const count = new Count()

const lost = (): void => {
  throw new Error('the server closed a connection')
}

/**
 * What the connection of that number follows. Channels that a connection has in common lie far apart, so that what is
 * published to one after the other goes to other connections.
 */
const followed = (at: number, { channels, follows }: Opening): number[] => {
  const apart = Math.ceil(channels / follows)
  return Array.from({ length: follows }, (_, i) => (at + i * apart) % channels)
}

const openAll = async (request: Opening): Promise<void> => {
  let left = request.connections
  const lane = async (): Promise<void> => {
    while (left > 0) {
      const channels = followed(--left, request)
      await new Promise<void>((resolve) => {
        const wire = new Wire({ ...request, channels }, CLIENTS[request.client], count, resolve)
        wire.socket.once('close', lost)
        wires.push(wire)
      })
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, lane))
}

const closeAll = (): Promise<unknown> =>
  Promise.all(
    wires
      .splice(0)
      .map(
        ({ socket }) => new Promise((resolve) => socket.off('close', lost).once('close', resolve).destroy()),
      ),
  )

const work = async (request: LoadRequest): Promise<LoadReport | undefined> => {
  switch (request.kind) {
    case 'open':
      await openAll(request)
      return { kind: 'open' }
    case 'close':
      await closeAll()
      return { kind: 'closed' }
    case 'count': {
      const counted = count.until(request.deliveries)
      report({ kind: 'counting' })
      return { kind: 'counted', ...(await counted) }
    }
    case 'exchange':
      return { kind: 'exchanged', ...(await exchange(wires, request)) }
    case 'finish':
      count.finish()
      return undefined
  }
}

const report = (message: LoadReport): void => void process.send?.(message)

process.on('message', (request: LoadRequest) => {
  void work(request).then((done) => done && report(done))
})
process.once('disconnect', () => process.exit(0))
report({ kind: 'ready' })
