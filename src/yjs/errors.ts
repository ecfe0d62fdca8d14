/** What can go wrong with a document on a channel, beyond what the client reports itself. */
import { HoldfastError } from '../client/index.ts'

export type DocumentErrorCode =
  /** A publication that no binding wrote, or that is no update of Yjs. It was left out. */
  | 'unreadable'
  /** The log has let go of something that no snapshot covers: what was in it may be missing here. */
  | 'incomplete'

export class DocumentError extends HoldfastError<DocumentErrorCode> {}
