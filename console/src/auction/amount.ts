/** An amount as people write it. */

/** What somebody typed, `1,250` or `$1250.5`, in cents; undefined when it is no amount. */
export const parseCents = (text: string): number | undefined => {
  const [, whole, cents = ''] =
    /^\$?\s*(\d{1,3}(?:,?\d{3}){0,3}|\d{1,9})(?:\.(\d{1,2}))?$/.exec(text.trim()) ?? []
  return whole === undefined
    ? undefined
    : Number(whole.replaceAll(',', '')) * 100 + Number(cents.padEnd(2, '0'))
}
