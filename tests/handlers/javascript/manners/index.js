// The ways to give a result.
exports.async = async (event) => ({ got: event });
exports.sync = (event, context, callback) => callback(null, { got: event });
exports.returned = () => 'what is returned without a promise does not count';
exports.nothing = async () => {};
exports.values = async ({ which }) => ({ null: null, false: false, zero: 0, empty: '', list: [], nan: NaN, date: new Date(0), f() {} })[which];
exports.succeed = (event, context) => context.succeed('by context.succeed');
exports.done = (event, context) => context.done(null, 'by context.done');
exports.waits = (event, context, callback) => {
  setTimeout(() => console.log('after the callback, waited for'), 50);
  callback(null, 'waited');
};
exports.waitsNot = (event, context, callback) => {
  context.callbackWaitsForEmptyEventLoop = false;
  setTimeout(() => console.log('never'), 50);
  callback(null, 'did not wait');
};
exports.later = (event, context, callback) => { setTimeout(() => callback(null, 'later'), 1000); };
exports.twice = (event, context, callback) => { callback(null, 'first'); callback(null, 'second'); };
exports.thenable = () => ({ then: (resolve) => resolve('a thenable') });
exports.nested = { deeper: { handler: async () => 'nested' } };
class Service { constructor() { this.greeting = 'hello'; } async handle(event) { return `${this.greeting} ${event.name}`; } }
const service = new Service();
exports.service = (event) => service.handle(event);
exports.context = async (event, context) => {
  const before = context.getRemainingTimeInMillis();
  await new Promise((resolve) => setTimeout(resolve, 500));
  const { getRemainingTimeInMillis, logStreamName, ...rest } = context;
  return { ...rest, shrinks: before - getRemainingTimeInMillis() >= 500, hasStream: typeof logStreamName === 'string' };
};
