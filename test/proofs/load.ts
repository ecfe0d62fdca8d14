/** What the loaded node and its test agree on. */
export const CHANNEL = 'load'
export const PER_SECOND = 500
/** More than a minute and a half of it. */
export const RETAINED = 50_000

export type Report =
  | { readonly kind: 'listening'; readonly url: string; readonly cursor: string }
  | { readonly kind: 'memory'; readonly bytes: number; readonly published: number }
