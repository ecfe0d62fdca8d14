/** How long a request may be held, and how long a connection may be quiet, before something cuts it. */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { WebSocketConnection } from '../../wire/index.ts'
import { type Answer, ask, type Path, sessionBody } from './exchange.ts'
import { type Finding, type Open, span } from './finding.ts'
import { type Middlebox, nameOf, recognise, remedyFor } from './middlebox.ts'

export interface Held {
  readonly finding: Finding
  /** How long is safe, milliseconds; Infinity when nothing cut it. */
  readonly heldMs: number
  /** Who was seen to answer or cut. */
  readonly culprit?: Middlebox | undefined
}

/** Two ends within this time are the same cause. */
const TOLERANCE_MS = 250

export const lookAtHold = async (
  path: Path,
  waitMs: number,
  middlebox: Middlebox | undefined,
): Promise<Held> => {
  const subject = 'Long polling'
  const channel = `doctor/${randomUUID()}`
  const first = await post(path, { live: false, subscribe: { [channel]: { from: 'now' } } })
  const cursor = (JSON.parse(first.body) as { cursors?: Record<string, string> }).cursors?.[channel]
  if (cursor === undefined) {
    const text = `the node refused to serve (${first.status})`
    const remedy = ['Show it a token: --token T, or HOLDFAST_TOKEN.']
    return { finding: { subject, verdict: 'skipped', text, remedy }, heldMs: Infinity }
  }
  const begunMs = performance.now()
  const elapsed = (): number => performance.now() - begunMs
  try {
    const subscribe = { [channel]: { from: cursor } }
    const answer = await post(path, { live: 'long-poll', holdMs: waitMs, subscribe })
    const heldMs = elapsed()
    if (answer.status === 200) {
      const text = `a request was held for ${span(heldMs)}, and then answered by the node`
      return { finding: { subject, verdict: 'good', text }, heldMs: Infinity, culprit: middlebox }
    }
    const culprit = recognise(answer) ?? middlebox
    return cut(`${nameOf(culprit)} answered a held request with ${answer.status}`, heldMs, culprit)
  } catch {
    return cut(`${nameOf(middlebox)} cuts a held request`, elapsed(), middlebox)
  }
}

const post = (path: Path, fields: object): Promise<Answer> =>
  ask(path, { method: 'POST', path: '/session', json: sessionBody(path, fields) })

const cut = (what: string, heldMs: number, culprit: Middlebox | undefined): Held => ({
  finding: {
    subject: 'Long polling',
    verdict: heldMs < 1_000 ? 'bad' : 'limited',
    text: `${what} after ${span(heldMs)}`,
    remedy: [
      ...remedyFor('hold', culprit),
      'Until then the client shortens its holds by itself; `holdMs` saves it the tries.',
    ],
  },
  heldMs,
  culprit,
})

export interface QuietConnections {
  readonly websocket: Open<WebSocketConnection> | undefined
  readonly sse: Open<IncomingMessage> | undefined
}

interface Cut {
  readonly name: string
  /** How long it had said nothing. */
  readonly quietMs: number
}

/**
 * Watches what is open and says nothing, and ends it. Undefined when nothing is. The node pings a WebSocket after 25 s
 * of silence, and an SSE answer after 15 s.
 */
export const watch = async (
  { websocket, sse }: QuietConnections,
  waitMs: number,
): Promise<readonly Cut[] | undefined> => {
  if (websocket === undefined && sse === undefined) return undefined
  const endMs = performance.now() + waitMs
  const ends: Promise<Cut | undefined>[] = []
  if (websocket !== undefined) ends.push(endOf('WebSockets', websocket, websocket.what.closed, endMs))
  if (sse !== undefined)
    ends.push(endOf('SSE answers', sse, new Promise((resolve) => sse.what.once('close', resolve)), endMs))
  const cuts = await Promise.all(ends)
  websocket?.what.destroy()
  sse?.what.destroy()
  return cuts.filter((cut) => cut !== undefined).toSorted((a, b) => a.quietMs - b.quietMs)
}

const endOf = async (
  name: string,
  { quietSinceMs }: Open<unknown>,
  closed: Promise<unknown>,
  endMs: number,
): Promise<Cut | undefined> => {
  let timer: NodeJS.Timeout | undefined
  const patience = new Promise<'kept'>((resolve) => {
    timer = setTimeout(() => resolve('kept'), endMs - performance.now())
  })
  const first = await Promise.race([closed, patience])
  clearTimeout(timer)
  return first === 'kept' ? undefined : { name, quietMs: performance.now() - quietSinceMs }
}

export const judgeQuiet = (
  cuts: readonly Cut[] | undefined,
  waitMs: number,
  culprit: Middlebox | undefined,
): Held => {
  const subject = 'Quiet connections'
  if (cuts === undefined) {
    const text = 'not looked at: neither a WebSocket nor an SSE answer could be opened'
    return { finding: { subject, verdict: 'skipped', text }, heldMs: Infinity }
  }
  const [soonest, other] = cuts
  if (soonest === undefined) {
    const text = `none was cut within ${span(waitMs)}`
    return { finding: { subject, verdict: 'good', text }, heldMs: Infinity }
  }
  const both = other !== undefined && other.quietMs - soonest.quietMs < TOLERANCE_MS
  const what = both ? `${soonest.name} and ${other.name}` : soonest.name
  return {
    finding: {
      subject,
      verdict: 'limited',
      text: `${nameOf(culprit)} cuts ${what} after ${span(soonest.quietMs)} of silence`,
      remedy: [
        ...remedyFor('idle', culprit),
        'Or let the node speak sooner: `limits: { pingIntervalMs, ssePingIntervalMs }`.',
      ],
    },
    heldMs: soonest.quietMs,
  }
}
