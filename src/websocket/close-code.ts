// Close codes (RFC 6455 §7.4 and the IANA registry): their names and which of them may stand in a Close frame.
// It refuses the codes that exist only to be reported locally (1005, 1006, 1015).

export const CloseCode = {
  normal: 1000,
  goingAway: 1001,
  protocolError: 1002,
  unsupportedData: 1003,
  /** §7.1.5: reported when the peer's Close frame carried no code. */
  noStatus: 1005,
  /** §7.1.5: reported when the connection ended without a Close frame. */
  abnormal: 1006,
  invalidPayload: 1007,
  policyViolation: 1008,
  messageTooBig: 1009,
  mandatoryExtension: 1010,
  internalError: 1011,
  serviceRestart: 1012,
  tryAgainLater: 1013,
  badGateway: 1014,
} as const

/**
 * Whether a code may be sent and received in a Close frame. §7.4.2: 0-999 are unused, 1000-2999 belong to the protocol
 * (only the registered ones are in use), 3000-3999 are registered by libraries and 4000-4999 are private.
 */
export function isWireCloseCode(code: number): boolean {
  if (!Number.isInteger(code)) return false
  if (code >= 3000) return code <= 4999
  if (code < 1000 || code > 1014) return false
  return code <= 1003 || code >= 1007
}
