await Promise.reject(new Error('top-level await'));
export const handler = async () => 1;
