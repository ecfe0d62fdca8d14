/** Replies to commands: refusals among them, and the text of each. */
import { encodeEvent, ProtocolError, type Reply } from '../protocol/index.ts'

export const refuse = (id: number, cause: unknown): Reply => {
  const error = cause instanceof ProtocolError ? cause : new ProtocolError('internal', 'the command failed')
  return { type: 'reply', id, error: error.toWire() }
}

/** The text of a reply; one that cannot be written, since it is nested too deeply, becomes a refusal. */
export const encodeReply = (reply: Reply): string => {
  try {
    return encodeEvent(reply)
  } catch {
    return encodeEvent(refuse(reply.id, new ProtocolError('internal', 'the reply cannot be written')))
  }
}
