/** What a browser tells about its network and its user; elsewhere nothing does, and nothing is watched. */

/** Calls `wake` when the network is back, or when the page is looked at again; returns what ends that. */
export const watchPlatform = (wake: () => void): (() => void) => {
  const { window, document } = globalThis
  if (!window || !document) return () => {}
  const visible = (): void => {
    if (document.visibilityState === 'visible') wake()
  }
  const watched = [
    [window, 'online', wake],
    [document, 'visibilitychange', visible],
  ] as const
  for (const [target, name, listener] of watched) target.addEventListener(name, listener)
  return () => {
    for (const [target, name, listener] of watched) target.removeEventListener(name, listener)
  }
}

/** False only where the platform knows that there is no network. */
export const isOnline = (): boolean => globalThis.navigator?.onLine !== false
