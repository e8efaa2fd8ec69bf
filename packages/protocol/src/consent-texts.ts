/** Versions of the consent text that were published to members. A consent to any other text is not recorded; what the text says stays with the agent. */
export const consentTextVersions = ['2026-11'] as const;

export type ConsentTextVersion = (typeof consentTextVersions)[number];
