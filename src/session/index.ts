/** The session room: one client's cursors, whatever carries them. No I/O. */
export * from './session.ts'
export * from './subscription.ts'
