export const late = 'imported later';
