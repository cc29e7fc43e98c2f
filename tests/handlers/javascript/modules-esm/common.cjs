exports.named = 'from CommonJS';
