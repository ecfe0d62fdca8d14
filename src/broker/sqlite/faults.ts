/**
 * What can go wrong between the store and its disk, told apart by what follows from it, and said in sentences
 * that name the file and what to do. It decides nothing about retries.
 */

/**
 * - `full`: nothing was stored; the next append may succeed.
 * - `damaged`: what was asked for cannot be read as it was written; everything else can.
 * - `stopped`: writing has failed in a way after which nothing may be acknowledged until the file is opened again.
 * - `unusable`: the file cannot be opened.
 * - `failed`: a fault of this program; nothing was stored.
 */
export type FaultKind = 'full' | 'damaged' | 'stopped' | 'unusable' | 'failed'

export class StoreFault extends Error {
  readonly kind: FaultKind

  constructor(kind: FaultKind, message: string, options?: ErrorOptions) {
    super(message, options)
    this.kind = kind
  }
}

const FULL = 13
const BUSY = 5
const LOCKED = 6
const CORRUPT = 11
const NOT_A_DATABASE = 26

/** SQLite's primary result code, or undefined for an error that is not SQLite's. */
const codeOf = (error: unknown): number | undefined => {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number')
    return undefined
  return error.errcode & 255
}

export const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** A failed read: of which channel, and from which offset. */
export const damagedAt = (
  file: string,
  place: { readonly channel: string; readonly offset: number; readonly what: string },
  cause?: unknown,
): StoreFault =>
  new StoreFault(
    'damaged',
    `${file} is damaged: channel ${JSON.stringify(place.channel)}, offset ${place.offset}: ${place.what}. ` +
      `Restore the file from a backup, or trim the channel to ${place.offset + 1}: its readers are then told of the gap.`,
    { cause },
  )

/** Whether SQLite itself found that a page is not what it wrote. */
export const isCorruption = (error: unknown): boolean => {
  const code = codeOf(error)
  return code === CORRUPT || code === NOT_A_DATABASE
}

export const isFull = (error: unknown): boolean => codeOf(error) === FULL

export const isSqliteError = (error: unknown): boolean => codeOf(error) !== undefined

/** A failed read that is no damage: the disk did not answer. */
export const readFault = (file: string, error: unknown): StoreFault =>
  new StoreFault('failed', `${file}: reading failed (${textOf(error)}). Look at the disk.`, { cause: error })

/** A failed write or commit. */
export const writeFault = (file: string, error: unknown): StoreFault => {
  if (error instanceof StoreFault) return error
  const cause = { cause: error }
  if (isFull(error))
    return new StoreFault(
      'full',
      `${file}: the disk is full; nothing was stored. Make room and publish again.`,
      cause,
    )
  return new StoreFault(
    'stopped',
    `${file}: writing failed (${textOf(error)}). Whether this was stored is in doubt, and nothing more is ` +
      'acknowledged until the file is opened again; reading goes on. Look at the disk, then restart the node.',
    cause,
  )
}

/** A file that cannot be opened. */
export const openFault = (file: string, error: unknown): StoreFault => {
  if (error instanceof StoreFault) return error
  const cause = { cause: error }
  const code = codeOf(error)
  if (code === BUSY || code === LOCKED)
    return new StoreFault('unusable', `${file} is in use by another process: one node to a file.`, cause)
  if (code === CORRUPT || code === NOT_A_DATABASE)
    return new StoreFault(
      'unusable',
      `${file} is damaged, or no Holdfast store (${textOf(error)}). Restore it from a backup, or move it away to begin anew.`,
      cause,
    )
  return new StoreFault('unusable', `${file} cannot be opened: ${textOf(error)}`, cause)
}
