/**
 * The inspector's half on the node: opens nodes to look at, tells their pages what passes, and closes them when nobody
 * looks any more. There are a few at a time, on loopback, each known to whoever opened it by a name that nobody guesses.
 */
import { randomUUID } from 'node:crypto'
import { CallError, type ChannelRule, type HoldfastServer } from 'holdfast/server'
import { InspectedNode } from './inspected-node.ts'

export const rules: readonly ChannelRule[] = [
  {
    pattern: 'inspector/*',
    contentType: 'bytes',
    ephemeral: true,
    presence: false,
    publish: false,
    retention: { count: 1_000, bytes: 4 * 1024 * 1024, ageMs: 30_000 },
  },
]

const MOST = 8
const SWEEP_MS = 5_000
/** How long a page may take to begin to follow. */
const GRACE_MS = 15_000
/** A page asks for counts every other second: one that has not for so long makes room for another, if it has to. */
const QUIET_MS = 20_000
const MOST_TEXT = 32_768

interface Opened {
  readonly channel: string
  readonly openedMs: number
  askedMs: number
  readonly node: InspectedNode
}

export const start = (server: HoldfastServer): (() => void) => {
  const opened = new Map<string, Opened>()
  const close = (id: string): void => {
    const each = opened.get(id)
    opened.delete(id)
    each?.node.close().catch((error: unknown) => console.error(error))
  }
  const nodeOf = (params: unknown): InspectedNode => {
    const found = opened.get(textOf(params, 'id'))
    if (found === undefined) throw new CallError('that inspection is over: open another')
    found.askedMs = performance.now()
    return found.node
  }
  /** A page may vanish without a word. */
  const makeRoom = (): void => {
    for (const [id, { node, askedMs }] of opened)
      if (node.isDeserted || performance.now() - askedMs > QUIET_MS) close(id)
  }
  let opening = 0
  let ended = false
  server.handle('inspector/open', async (params) => {
    const origin = textOf(params, 'origin')
    if (opened.size >= MOST) makeRoom()
    if (opened.size + opening >= MOST) {
      throw new CallError(
        `${MOST} connections are being inspected: close another page of the inspector first`,
      )
    }
    opening++
    try {
      const id = randomUUID()
      const channel = `inspector/${id}`
      const tell = (records: Uint8Array): void => void server.publish(channel, records).catch(() => close(id))
      const { node, url } = await InspectedNode.open(origin, tell)
      const openedMs = performance.now()
      if (ended) {
        await node.close()
        throw new CallError('the node is going away')
      }
      opened.set(id, { channel, node, openedMs, askedMs: openedMs })
      return { id, port: Number(new URL(url).port) }
    } finally {
      opening--
    }
  })
  server.handle('inspector/publish', (params) => nodeOf(params).publish(textOf(params, 'text')))
  server.handle('inspector/traffic', (params) => nodeOf(params).traffic)
  server.handle('inspector/upgrade', (params) =>
    nodeOf(params).change({ upgrade: textOf(params, 'upgrade') === 'stripped' ? 'stripped' : 'passed' }),
  )
  server.handle('inspector/close', (params) => close(textOf(params, 'id')))
  const sweep = setInterval(() => {
    for (const [id, { channel, openedMs }] of opened) {
      if (performance.now() - openedMs > GRACE_MS && !server.isFollowed(channel)) close(id)
    }
  }, SWEEP_MS)
  sweep.unref()
  return () => {
    ended = true
    clearInterval(sweep)
    for (const id of opened.keys()) close(id)
  }
}

const textOf = (params: unknown, name: string): string => {
  const value = (params as Readonly<Record<string, unknown>> | null)?.[name]
  if (typeof value !== 'string' || value.length > MOST_TEXT) throw new CallError(`${name} has to be a text`)
  return value
}
