/** How a server of a measurement is to be, told as its one argument; see peers/control.mjs. */

export interface Settings {
  /** Publications that a channel keeps, at most, on servers that keep any; 10,000. */
  readonly keeps?: number
  /** How many it keeps before anybody comes. */
  readonly history?: number
  /** permessage-deflate without context takeover, level 3. */
  readonly deflate?: boolean
  /** Files with a certificate and its key, PEM. */
  readonly tls?: { readonly cert: string; readonly key: string }
}
