import type { ReasonText } from '@taika/protocol/schema';
import type { AgentState } from './agent-state.ts';
import type { WorkView } from './work/work-view.ts';

/** Everything the agent shows of itself (AGENT.md T1); there is nothing that it does not show. */
export interface AgentStatus {
  readonly version: string;
  readonly state: AgentState['kind'];
  readonly reason: ReasonText;
  /** For a pause with an end. */
  readonly pausedUntil?: string;
  readonly cores: number;
  readonly memoryMiB: number;
  /** 0 nothing, 1 Node permissions, 2 resource limits too, 3 bubblewrap too; absent before the first unit. */
  readonly isolationLevel?: number;
  readonly runs: WorkView['runs'];
  readonly units: WorkView['counts'];
  /** Cores' worth of computing over the last minute. */
  readonly busyCores: number;
  /** Estimates, from computing time and a typical power of one core. */
  readonly kWhToday: number;
  readonly points?: {
    readonly pendingMilli: string;
    readonly availableMilli: string;
    readonly heldMilli: string;
    readonly spentMilli: string;
    readonly evidenceMilli?: string;
    readonly debtMilli?: string;
  };
  readonly registrations: readonly RegistrationStatus[];
  readonly applications: readonly {
    readonly name: string;
    readonly build: string;
    readonly isLeased: boolean;
  }[];
  readonly sockets: { readonly link: string; readonly control: string };
  readonly home: string;
  /** The process that computes and answers. */
  readonly pid: number;
}

export interface RegistrationStatus {
  readonly product: string;
  readonly kind: 'application' | 'service';
  readonly title: string;
  readonly vendor: string;
  readonly vendorUrl: string;
  readonly registrationId: string;
  readonly state: string;
  readonly licenseKeyHint?: string;
  readonly hasConsent: boolean;
  readonly license: {
    readonly state:
      | 'licensed'
      | 'offline'
      | 'none'
      | 'not-computing'
      | 'suspended'
      | 'revoked'
      | 'ended'
      | 'not-needed';
    readonly reason?: ReasonText;
    /** How long applications go on without another word from the vendor, in milliseconds. */
    readonly leftMs?: number;
  };
}
