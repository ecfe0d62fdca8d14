/**
 * How the editor's channels are kept. A document's log is kept until it is trimmed behind a snapshot: what its
 * clients do not shorten is bounded here. Cursors are kept for half a minute, which is how long one counts without
 * being renewed, so that a newcomer sees them all. The node does nothing else: it never looks into a document.
 */
import type { ChannelRule, HoldfastServer } from 'holdfast/server'

const DAY_MS = 86_400_000
const MIB = 1024 * 1024

export const rules: readonly ChannelRule[] = [
  {
    pattern: 'editor/*/awareness',
    contentType: 'bytes',
    ephemeral: true,
    presence: false,
    retention: { count: 4_000, ageMs: 30_000, bytes: 4 * MIB },
  },
  {
    pattern: 'editor/*',
    contentType: 'bytes',
    retention: { count: 100_000, ageMs: 365 * DAY_MS, bytes: 64 * MIB },
  },
]

export const start =
  (_server: HoldfastServer): (() => void) =>
  () =>
    undefined
