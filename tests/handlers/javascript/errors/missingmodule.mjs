import gone from 'gone-package';
export const handler = async () => gone;
