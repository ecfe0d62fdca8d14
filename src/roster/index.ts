/** The roster room: who is there. No I/O, no clock. */
export * from './roster.ts'
