// One attempt to dial, with its deadline: every step of it ends when its time is up or its caller gives up, and then
// leaves nothing behind. It retries nothing.

import { DialError } from './errors.ts'

export interface AttemptOptions {
  /** How long until the server must have answered; 10,000. */
  readonly handshakeTimeoutMs?: number | undefined
  /** Gives up the handshake; without effect on the connection once it is open. */
  readonly signal?: AbortSignal | undefined
}

interface Settle<T> {
  readonly resolve: (value: T) => void
  readonly reject: (error: Error) => void
}

const HANDSHAKE_TIMEOUT_MS = 10_000

export class Attempt {
  private readonly controller = new AbortController()
  private readonly timer: NodeJS.Timeout
  private readonly outer: AbortSignal | undefined
  private readonly aborted: () => void

  /** `name` is what is dialled, for messages. Rejects every step from its deadline on, in milliseconds. */
  constructor(name: string, { handshakeTimeoutMs = HANDSHAKE_TIMEOUT_MS, signal }: AttemptOptions) {
    this.outer = signal
    this.timer = setTimeout(() => {
      const message = `${name} did not answer within ${handshakeTimeoutMs} ms`
      this.controller.abort(new DialError('timeout', message))
    }, handshakeTimeoutMs)
    this.aborted = () => {
      const cause: unknown = signal!.reason
      this.controller.abort(new DialError('aborted', `dialling ${name} was aborted`, { cause }))
    }
    if (signal?.aborted) this.aborted()
    else signal?.addEventListener('abort', this.aborted)
  }

  /** Begins a step and waits until it settles, or abandons it. */
  step<T>(begin: (settle: Settle<T>) => void, abandon: () => void): Promise<T> {
    const { signal } = this.controller
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason as DialError)
      const abort = (): void => {
        reject(signal.reason as DialError)
        abandon()
      }
      signal.addEventListener('abort', abort)
      const settled = (): void => signal.removeEventListener('abort', abort)
      begin({
        resolve: (value) => (settled(), resolve(value)),
        reject: (error) => (settled(), reject(error)),
      })
    })
  }

  /** Its deadline and its caller's signal have no effect any more. */
  end(): void {
    clearTimeout(this.timer)
    this.outer?.removeEventListener('abort', this.aborted)
  }
}
