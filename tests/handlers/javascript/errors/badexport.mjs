import { nothing } from './throws.js';
export const handler = async () => nothing;
