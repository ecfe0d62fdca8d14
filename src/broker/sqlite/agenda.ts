/**
 * What time does to channels: whose oldest entry grows too old, which of them go by themselves, and how long the
 * markers of deleted ones are kept. It holds names and times, and changes nothing.
 */
import { type Expiry, hasExpired } from '../../channel/index.ts'

/** Channels that one sweep ages or deletes. */
const DUE_AT_ONCE = 1_000

export class Agenda {
  /** Names of deleted channels and when that was, the longest deleted first. */
  readonly #markers = new Map<string, number>()
  /** Channels that go by themselves, and when they were used last; NaN where that is not known. */
  readonly #expiring = new Map<string, { readonly expiry: Expiry; usedMs: number }>()
  /** When the oldest entry of a channel is too old. */
  readonly #ageing = new Map<string, number>()

  /** It exists, and may go by itself; when it was used last is not known. */
  found(name: string, expiry: Expiry | undefined): void {
    if (expiry !== undefined) this.#expiring.set(name, { expiry, usedMs: Number.NaN })
  }

  /** It has been used: an idle channel has as long again. */
  used(name: string, expiry: Expiry | undefined, nowMs: number): void {
    if (expiry !== undefined) this.#expiring.set(name, { expiry, usedMs: nowMs })
  }

  /** Its oldest entry will be too old then; undefined when none will be. */
  ages(name: string, dueMs: number | undefined): void {
    if (dueMs === undefined) this.#ageing.delete(name)
    else this.#ageing.set(name, dueMs)
  }

  deleted(name: string, nowMs: number): void {
    this.#expiring.delete(name)
    this.#ageing.delete(name)
    this.#markers.delete(name)
    this.#markers.set(name, nowMs)
  }

  markerGone(name: string): void {
    this.#markers.delete(name)
  }

  hasExpired(name: string, nowMs: number): boolean {
    const use = this.#expiring.get(name)
    return use !== undefined && hasExpired(use.expiry, use.usedMs, nowMs)
  }

  /** The marker that goes when there are more than `most`. */
  markerBeyond(most: number): string | undefined {
    const [oldest] = this.#markers.keys()
    return this.#markers.size > most ? oldest : undefined
  }

  /** Markers of what was deleted then or before. */
  markersUntil(deletedMs: number): string[] {
    const names: string[] = []
    for (const [name, at] of this.#markers) {
      if (at > deletedMs) break
      names.push(name)
    }
    return names
  }

  /** Channels whose oldest entry is too old, or whose time is over: no more than one sweep does. */
  dueAt(nowMs: number): string[] {
    const due: string[] = []
    for (const [name, dueMs] of this.#ageing) if (dueMs <= nowMs && due.length < DUE_AT_ONCE) due.push(name)
    for (const [name, use] of this.#expiring) {
      // When it was used last is not known: it counts from now on.
      if (Number.isNaN(use.usedMs)) use.usedMs = nowMs
      if (due.length < DUE_AT_ONCE && hasExpired(use.expiry, use.usedMs, nowMs)) due.push(name)
    }
    return due
  }

  /** Forgets everything, but for when channels were used: that stands in no file. Those that exist are `kept`. */
  renew(): { readonly kept: (name: string, expiry: Expiry | undefined) => void } {
    const before = new Map(this.#expiring)
    this.#markers.clear()
    this.#ageing.clear()
    this.#expiring.clear()
    return {
      kept: (name, expiry) => {
        const usedMs = before.get(name)?.usedMs
        if (usedMs === undefined) this.found(name, expiry)
        else this.used(name, expiry, usedMs)
      },
    }
  }
}
