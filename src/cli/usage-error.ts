/** The command line was not understood: the message says what to type instead. */
export class UsageError extends Error {
  readonly code: 'usage' = 'usage'
}

/** The whole number that an option was given, within bounds. */
export const numberOption = (
  name: string,
  text: string | undefined,
  least: number,
  most: number,
): number | undefined => {
  if (text === undefined) return undefined
  const value = Number(text)
  if (text.trim() === '' || !Number.isInteger(value) || value < least || value > most) {
    throw new UsageError(`--${name} takes a whole number from ${least} to ${most}, not "${text}"`)
  }
  return value
}
