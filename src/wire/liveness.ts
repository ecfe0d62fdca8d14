// When a connection has waited long enough: for a sign of life, for a peer that reads, for the end of a closing
// handshake. It only judges, in ticks of the shared sweep; what follows from a verdict is the connection's affair.

import { deadlines, TICK_MS, type DeadlineSweep, type Timed } from './deadline.ts'

export interface LivenessSettings {
  /** 0 for never. */
  readonly pingIntervalMs: number
  readonly pongTimeoutMs: number
  readonly stallTimeoutMs: number
  readonly closeTimeoutMs: number
}

/** gone: a ping was not answered. stalled: nothing was read. unclosed: closing took too long. */
export type Verdict = 'gone' | 'stalled' | 'unclosed'

export interface LivenessOwner {
  /** Reading is paused, so that no sign of life can be seen. */
  readonly isPaused: boolean
  /** The high-water mark is reached. */
  readonly isOver: boolean
  ping(): void
  timedOut(verdict: Verdict): void
}

export class Liveness implements Timed {
  dueTick = 0
  private readonly settings: LivenessSettings
  private readonly owner: LivenessOwner
  private readonly sweep: DeadlineSweep
  private awaitingPong = false
  private pongOverdue = false
  private closing = false
  private heardTick = 0
  private pingedTick = 0
  private progressTick = 0

  constructor(settings: LivenessSettings, owner: LivenessOwner, sweep: DeadlineSweep = deadlines) {
    this.sweep = sweep
    this.settings = settings
    this.owner = owner
  }

  /** Watches the peer from now on. */
  begin(): void {
    // Arming first: it brings the sweep's tick up to date.
    if (this.settings.pingIntervalMs > 0) this.sweep.arm(this, this.settings.pingIntervalMs)
    this.heard()
  }

  /** Something came from the peer; any frame proves life. */
  heard(): void {
    this.heardTick = this.sweep.tick
    this.awaitingPong = false
  }

  /** The high-water mark was reached: from now on there must be progress. */
  watchProgress(): void {
    if (!this.closing) this.sweep.arm(this, this.settings.stallTimeoutMs)
    this.progressTick = this.sweep.tick
  }

  /** The kernel took something. */
  progressed(): void {
    this.progressTick = this.sweep.tick
  }

  /** A closing handshake, or then the end of the socket, is awaited; nothing else is from now on. */
  watchClose(): void {
    this.closing = true
    this.sweep.disarm(this)
    this.sweep.arm(this, this.settings.closeTimeoutMs)
  }

  end(): void {
    this.sweep.disarm(this)
  }

  expire(): number {
    if (this.closing) return this.verdict('unclosed')
    const stallMs = this.owner.isOver ? this.untilStall() : Infinity
    if (stallMs <= 0) return this.verdict('stalled')
    const pingMs = this.settings.pingIntervalMs > 0 ? this.untilPing() : Infinity
    if (pingMs <= 0) return this.verdict('gone')
    const nextMs = Math.min(stallMs, pingMs)
    return nextMs === Infinity ? 0 : nextMs
  }

  private verdict(verdict: Verdict): number {
    this.owner.timedOut(verdict)
    return 0
  }

  private untilStall(): number {
    return this.settings.stallTimeoutMs - (this.sweep.tick - this.progressTick) * TICK_MS
  }

  /** How long until a ping or its pong is due; 0 when the peer is gone. */
  private untilPing(): number {
    const { pingIntervalMs, pongTimeoutMs } = this.settings
    if (this.owner.isPaused) return pingIntervalMs
    if (!this.awaitingPong) {
      const silentMs = (this.sweep.tick - this.heardTick) * TICK_MS
      if (silentMs < pingIntervalMs) return pingIntervalMs - silentMs
      this.owner.ping()
      this.awaitingPong = true
      this.pongOverdue = false
      this.pingedTick = this.sweep.tick
      return pongTimeoutMs
    }
    const leftMs = pongTimeoutMs - (this.sweep.tick - this.pingedTick) * TICK_MS
    if (leftMs > 0) return leftMs
    // Timers run before sockets are read: after a long turn the pong may be there, unread. One more tick tells.
    if (this.pongOverdue) return 0
    this.pongOverdue = true
    return TICK_MS
  }
}
