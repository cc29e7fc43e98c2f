const refused = (run) => {
  try {
    return run();
  } catch (error) {
    return [error.name, error.code, error.message];
  }
};
exports.handler = async () => [
  () => (1.5).toLocaleString('de-DE'), () => (1500).toLocaleString('en-US', { notation: 'compact' }), () => 'a'.localeCompare('b', 'sv'),
  () => new Date(0).toLocaleString('en-US', { timeZone: 'Europe/Berlin' }), () => new Date(0).toLocaleDateString('en-US', { year: 'numeric', day: 'numeric' }),
  () => ['😀', 'a'].sort((a, b) => a.localeCompare(b)), () => new Intl.ListFormat('en'), () => new Intl.RelativeTimeFormat('en'),
].map(refused);
