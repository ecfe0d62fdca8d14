/** The node's admin interface as this page asks it. The secret is kept for as long as the tab is open, and sent in a header only. */
import { forget, recall, remember } from '../page/storage.ts'

export type AdminMode = 'open' | 'secret' | 'off'

export interface Overview {
  readonly now: number
  readonly startedMs: number
  readonly standing: 'serving' | 'draining'
  readonly memory: { readonly rssBytes: number; readonly heapBytes: number; readonly externalBytes: number }
  readonly cpuMs: number
  readonly loop: {
    readonly utilisation: number
    readonly delay?: { readonly p50Ms: number; readonly p99Ms: number; readonly maxMs: number }
  }
  readonly connections: number
  readonly carriers: number
  readonly held: number
  readonly followed: number
  readonly sessions: Readonly<Record<string, number>>
  readonly totals: Readonly<
    Record<'publications' | 'deliveries' | 'deliveredBytes' | 'requests' | 'commands', number>
  >
  readonly refusals: Readonly<Record<string, number>>
}

export interface ChannelRow {
  readonly name: string
  readonly kind: string
  readonly contentType: string
  readonly status: string
  readonly floor: number
  readonly top: number
  readonly bytes: number
  readonly createdMs: number
  readonly followers: number
}

export interface ChannelDetail extends ChannelRow {
  readonly entries: readonly {
    readonly offset: number
    readonly time: number
    readonly key?: string
    readonly removed?: true
    readonly text: string
    readonly cut: boolean
  }[]
  readonly followerSessions: readonly {
    readonly id: string
    readonly user?: string
    readonly transports: readonly string[]
    readonly lag: number
  }[]
}

export interface SessionRow {
  readonly id: string
  readonly user?: string
  readonly address: string
  readonly transports: readonly string[]
  readonly sinceMs: number
  readonly askedMs?: number
  readonly channels: number
  readonly lag: number
  readonly unsentBytes: number
}

export interface SessionDetail extends SessionRow {
  readonly standings: readonly {
    readonly channel: string
    readonly cursor?: string
    readonly offset?: number
    readonly top?: number
    readonly lag: number
  }[]
}

const KEY = 'holdfast.admin.secret'
const tab = (): Storage => sessionStorage

export const hasSecret = (): boolean => recall(KEY, tab) !== undefined
export const keepSecret = (secret: string): void => remember(KEY, secret, tab)
export const dropSecret = (): void => forget(KEY, tab)

/** What the node said no to, or `away` when it said nothing. */
export class AdminError extends Error {
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

const ask = async (path: string, init: RequestInit): Promise<unknown> => {
  const secret = recall(KEY, tab)
  const headers = new Headers(init.headers)
  if (secret !== undefined) headers.set('authorization', `Bearer ${secret}`)
  let response: Response
  try {
    response = await fetch(`/api/admin${path}`, { ...init, headers, cache: 'no-store' })
  } catch {
    throw new AdminError('away', 'The node does not answer.')
  }
  const body = (await response.json().catch(() => ({}))) as { error?: { code: string; message: string } }
  if (response.ok) return body
  throw new AdminError(
    body.error?.code ?? 'away',
    body.error?.message ?? `The node answered ${response.status}.`,
  )
}

export const question = (path: string, signal?: AbortSignal): Promise<unknown> =>
  ask(path, { signal: signal ?? null })

export const act = (path: string, fields: object): Promise<unknown> =>
  ask(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(fields) })

/** What the node offers to its page. Off where the node cannot be asked. */
export const adminMode = async (): Promise<AdminMode> => {
  const response = await fetch('/console/features.json')
  const { admin } = (await response.json()) as { admin?: AdminMode }
  return admin ?? 'off'
}
