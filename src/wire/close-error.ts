// How a connection ended, for whoever waited for something else of it.

export interface CloseInfo {
  /** The peer's code, 1005 if it gave none, 1006 if no Close frame came, or the code that this side failed it with. */
  readonly code: number
  readonly reason: string
}

/** Whether it was closed because it was done: 1000, 1001, or no code at all. */
export function isOrderly({ code }: CloseInfo): boolean {
  return code === 1000 || code === 1001 || code === 1005
}

/** Something waited for a connection that is over. */
export class CloseError extends Error {
  override readonly name = 'CloseError'
  readonly code = 'closed'
  readonly closeCode: number
  readonly reason: string

  constructor({ code, reason }: CloseInfo) {
    super(`the connection was closed with ${code}${reason === '' ? '' : `: ${reason}`}`)
    this.closeCode = code
    this.reason = reason
  }
}
