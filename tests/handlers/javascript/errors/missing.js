const gone = require('gone-package');
exports.handler = async () => gone;
