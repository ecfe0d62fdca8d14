/** The simulated bidders, as the log shows them. No other bidder's id begins like theirs, or has a space at that place. */

export const RIVALS: readonly { readonly id: string; readonly name: string }[] = [
  'Ines Vogel',
  'Theo Marsh',
  'Rosa Lindqvist',
  'Kemal Aydin',
].map((name) => ({ id: `rival ${name}`, name }))

export const isRival = (id: string): boolean => id.startsWith('rival ')
