/** A document of Yjs as a channel: published as `holdfast/yjs`. */
export { bindDocument, type BindOptions, type DocumentBinding } from './binding.ts'
export type { DocumentState } from './document-state.ts'
export { DocumentError, type DocumentErrorCode } from './errors.ts'
export type { UnsentStore } from './unsent.ts'
export type { AcceptState } from './awareness-link.ts'
