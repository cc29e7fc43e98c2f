const middy = require('./middy');
const jsonBody = () => ({ before: async (request) => { request.event.body = JSON.parse(request.event.body); } });
const httpErrors = () => ({ onError: async (request) => { request.response = { statusCode: 400, body: JSON.stringify({ message: request.error.name }) }; } });
const headers = () => ({ after: async (request) => { request.response.headers = { 'content-type': 'application/json' }; } });
exports.handler = middy(async ({ body }) => ({ statusCode: 200, body: JSON.stringify({ sum: body.a + body.b }) })).use(jsonBody()).use(headers()).use(httpErrors());
