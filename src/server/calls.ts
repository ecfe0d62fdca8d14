/** The methods that clients may call: request and answer, at most once, beside the logs. */
import { ProtocolError } from '../protocol/index.ts'
import type { Identity } from '../transport/index.ts'

/** Handles one call; what it returns must be JSON. An error that it throws reaches the caller as `call_failed`. */
export type CallHandler = (params: unknown, caller: Identity) => unknown

/** Thrown by a handler to tell its caller what is wrong; the message of any other error stays on the node. */
export class CallError extends Error {
  readonly code = 'call_failed' as const
}

export class Calls {
  readonly #handlers = new Map<string, CallHandler>()
  readonly #onError: (error: unknown) => void

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError
  }

  handle(method: string, handler: CallHandler): void {
    this.#handlers.set(method, handler)
  }

  /** @throws ProtocolError `unknown_method` | `call_failed` */
  async run(method: string, params: unknown, caller: Identity): Promise<unknown> {
    const handler = this.#handlers.get(method)
    if (handler === undefined)
      throw new ProtocolError('unknown_method', `there is no method ${JSON.stringify(method)}`)
    try {
      const result = (await handler(params, caller)) ?? null
      // What cannot be written must fail here, not when the reply is sent: a cycle, or nesting without end.
      JSON.stringify(result)
      return result
    } catch (error) {
      if (error instanceof CallError) throw new ProtocolError('call_failed', error.message)
      this.#onError(error)
      throw new ProtocolError('call_failed', `the method ${JSON.stringify(method)} failed`)
    }
  }
}
