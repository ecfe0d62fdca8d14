/** The component of the example that is shown: scripts/example.mjs says which file it is in. */
declare module 'virtual:example' {
  export const View: unknown
}
