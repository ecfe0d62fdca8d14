/**
 * Rules by name pattern: how a channel that is made on demand is kept. The first rule whose pattern matches
 * decides. A pattern is a name in which `*` stands for any characters; matching is linear in the name.
 */
import type { ChannelOptions } from './broker.ts'
import type { Expiry } from './expiry.ts'
import type { ContentType } from './publication.ts'
import { EPHEMERAL_RETENTION, FULL_RETENTION, MEMORY_RETENTION, type Retention } from './retention.ts'
import { presenceSubject } from './presence.ts'

export interface ChannelRule {
  /** For example `chat/*`. */
  readonly pattern: string
  readonly contentType?: ContentType
  readonly retention?: Partial<Retention>
  /** A log for readers in step: tiny retention, no gaps over what it has let go of. */
  readonly ephemeral?: boolean
  readonly conflated?: boolean
  readonly maxKeys?: number
  /** Members may announce themselves; true by default. */
  readonly presence?: boolean
  /** Whether `subscribe` and `publish` make the channel; true by default. */
  readonly create?: boolean
  /**
   * Whether clients may write: publish, remove, trim, and as a stream make, append, close and delete. True by default.
   * With false only the node's own process writes, whatever `authorize` says, and readers can rely on it.
   */
  readonly publish?: boolean
  /** When the channel goes by itself; by default never. */
  readonly expiry?: Expiry
}

export const MAX_KEYS: number = 10_000

export const matchesPattern = (pattern: string, name: string): boolean => {
  const parts = pattern.split('*')
  const first = parts[0] as string
  if (parts.length === 1) return name === pattern
  const last = parts[parts.length - 1] as string
  if (name.length < first.length + last.length || !name.startsWith(first) || !name.endsWith(last))
    return false
  let at = first.length
  const end = name.length - last.length
  for (const part of parts.slice(1, -1)) {
    const found = name.indexOf(part, at)
    if (found < 0 || found + part.length > end) return false
    at = found + part.length
  }
  return true
}

/** How a presence channel is kept: every member that is there, and the latest thousand changes. */
export const PRESENCE_OPTIONS: ChannelOptions = {
  contentType: 'json',
  retention: { count: 1_000, ageMs: 3_600_000, bytes: 4 * 1024 * 1024 },
  ephemeral: false,
  conflated: true,
  maxKeys: MAX_KEYS,
}

export class ChannelRules {
  readonly #rules: readonly ChannelRule[]
  readonly #retention: Retention

  /** @param retention what is kept where a rule does not say; a broker may have its own (`Broker.retention`) */
  constructor(rules: readonly ChannelRule[] = [], retention: Retention = MEMORY_RETENTION) {
    this.#rules = rules
    this.#retention = retention
  }

  /** How `channel` is made. */
  optionsFor(channel: string): ChannelOptions {
    if (presenceSubject(channel) !== undefined) return PRESENCE_OPTIONS
    const rule = this.#ruleFor(channel)
    const ephemeral = rule?.ephemeral ?? false
    return {
      contentType: rule?.contentType ?? 'json',
      retention: { ...(ephemeral ? EPHEMERAL_RETENTION : this.#retention), ...rule?.retention },
      ephemeral,
      conflated: rule?.conflated ?? false,
      maxKeys: rule?.maxKeys ?? MAX_KEYS,
      ...(rule?.expiry === undefined ? {} : { expiry: rule.expiry }),
    }
  }

  /**
   * How `channel` is made for somebody who asks for a stream of this content type: everything is kept that its rule
   * does not limit. Undefined where the channel is of another kind: of members, with keys, without history, or of
   * another content type.
   */
  streamOptionsFor(channel: string, contentType: ContentType): ChannelOptions | undefined {
    const rule = this.#ruleFor(channel)
    if (presenceSubject(channel) !== undefined || rule?.ephemeral === true || rule?.conflated === true) {
      return undefined
    }
    if (rule?.contentType !== undefined && rule.contentType !== contentType) return undefined
    const retention = { ...FULL_RETENTION, ...rule?.retention }
    return { ...this.optionsFor(channel), contentType, retention }
  }

  /** Whether `subscribe` and `publish` may make it. */
  mayCreate(channel: string): boolean {
    return this.#ruleFor(channel)?.create ?? true
  }

  /** Whether a client may write to it at all. Members are announced by other means, and have rules of their own. */
  mayPublish(channel: string): boolean {
    return this.#ruleFor(channel)?.publish ?? true
  }

  hasPresence(channel: string): boolean {
    return this.#ruleFor(channel)?.presence ?? true
  }

  #ruleFor(channel: string): ChannelRule | undefined {
    return this.#rules.find((rule) => matchesPattern(rule.pattern, channel))
  }
}
