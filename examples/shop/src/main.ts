import { runService } from '@taika/example-service-kit/run-service';
import { startShop } from './start-shop.ts';

await runService('shop', 7430, startShop);
