/** The agent's version, told to servers and applications. */
export const agentVersion = '0.1.0';
