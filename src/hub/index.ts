/** The hub room: who waits on which channel, and what they are woken with. No I/O, no clock. */
export * from './active-channel.ts'
export * from './hub.ts'
