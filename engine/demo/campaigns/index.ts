/** All campaigns: at least one for each shipped rule that is not specific to one vendor's feed (a test checks this). */
import type { Campaign } from './campaign.ts';
import { cards } from './cards.ts';
import { mules } from './mules.ts';
import { staff } from './staff.ts';
import { takeover } from './takeover.ts';

export const campaigns: readonly Campaign[] = [...takeover, ...cards, ...mules, ...staff];
