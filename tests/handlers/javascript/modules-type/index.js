import config from '#config';
import path from 'path';
export async function handler() { return { ext: path.extname(import.meta.filename), hasRegion: typeof config.region }; }
