const gone = require('./no-such-file');
exports.handler = async () => gone;
