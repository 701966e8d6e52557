/** A rule set's datasets when it has none. */
import type { Datasets } from '../../engine/core/ingest/dataset.ts';

export const noDatasets: Datasets = { byName: new Map(), recognisable: [] };
