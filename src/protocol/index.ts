/** The protocol room: commands, events, errors and their codec, shared by server and client. No I/O. */
export * from './base64.ts'
export * from './codec.ts'
export * from './commands.ts'
export * from './errors.ts'
export * from './events.ts'
export * from './session-request.ts'
