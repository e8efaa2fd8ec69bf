import type { DispatchRouter } from './access/router.ts';
import { registerBillingRoutes } from './billing/routes.ts';
import { registerBookRoutes } from './books/routes.ts';
import { registerCapacityRoutes } from './capacity/routes.ts';
import { registerClaimDocumentRoutes } from './claim-documents/routes.ts';
import type { DispatchContext } from './context.ts';
import { registerContractorRoutes } from './contractor/routes.ts';
import { registerCreditRoutes } from './credits/routes.ts';
import { registerCustomerRoutes } from './customers/routes.ts';
import { registerDeletionRoutes } from './deletion/routes.ts';
import { registerFundRoutes } from './funds/routes.ts';
import { registerRateRoutes } from './rates/routes.ts';
import { registerReceiptRoutes } from './receipts/routes.ts';
import { registerRegistrationRoutes } from './registrations/routes.ts';
import { registerRewardRoutes } from './rewards/routes.ts';
import { registerDispatchStatementRoutes } from './statements/routes.ts';
import { registerTerminalRoutes } from './terminals/routes.ts';
import { registerTrustRoutes } from './trust/routes.ts';
import { registerVendorRoutes } from './vendors/routes.ts';
import { registerWebhookRoutes } from './webhooks/routes.ts';

/** Declares every route of the server. */
export function registerRoutes(route: DispatchRouter, context: DispatchContext, version: string): void {
  registerContractorRoutes(route, context, version);
  registerCustomerRoutes(route, context);
  registerFundRoutes(route, context);
  registerCreditRoutes(route, context);
  registerVendorRoutes(route, context);
  registerRegistrationRoutes(route, context);
  registerTerminalRoutes(route, context);
  registerReceiptRoutes(route, context);
  registerRateRoutes(route, context);
  registerWebhookRoutes(route, context);
  registerDeletionRoutes(route, context);
  registerCapacityRoutes(route, context);
  registerRewardRoutes(route, context);
  registerBillingRoutes(route, context);
  registerClaimDocumentRoutes(route, context);
  registerBookRoutes(route, context);
  registerDispatchStatementRoutes(route, context);
  registerTrustRoutes(route, context);
}
