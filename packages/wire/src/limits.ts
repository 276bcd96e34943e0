/** Every limit of the codecs. A message from the network can cost no more than these allow. */

/** The two-octet size of a frame cannot say more, and a UDP payload is shorter (RFC 6926 §6.1, RFC 5460 §5.1). */
export const messageLengthMax = 65_535;

/** BOOTP header and magic cookie (RFC 2131 §3). */
export const messageLengthMin4 = 240;

/** msg-type and transaction-id (RFC 9915 §8). */
export const messageLengthMin6 = 4;

/** msg-type, hop-count, link-address, peer-address (RFC 9915 §9). */
export const relayMessageLengthMin6 = 34;

/**
 * Options in one v4 message. A code can be used once, and again only for every further 255 octets of its value (RFC 3396), so that
 * an honest message of the greatest length has fewer than 255 + 65535 / 257.
 */
export const optionCountMax4 = 1_024;

/** Options in one v6 option area: more than the IAADDR options that fit in the greatest message (65535 / 28). */
export const optionCountMax6 = 4_096;

/**
 * Relay messages inside one another. HOP_COUNT_LIMIT is 8 (RFC 9915 §7.6), older relays used 32 (RFC 3315 §5.6); what a relay may
 * forward is for the engine to decide, this bounds what is followed at all.
 */
export const relayNestingMax = 32;

/** HOP_COUNT_LIMIT (RFC 9915 §7.6): a relay does not forward a message whose hop-count is that high. */
export const hopCountLimit = 8;

/** Levels of options within options that are described; what lies deeper is shown in hex. */
export const describeDepthMax = 24;

/** Labels of one domain name: 255 octets hold no more than 127 (RFC 1035 §3.1). */
export const domainLabelsMax = 127;

/** Domain names in one option: with compression a few octets could otherwise stand for very many labels. */
export const domainNamesMax = 256;
