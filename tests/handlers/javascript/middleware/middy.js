// Middleware in the manner of middy.
module.exports = (base) => {
  const middlewares = [];
  const wrapped = async (event, context) => {
    const request = { event, context, response: undefined, error: undefined };
    try {
      for (const m of middlewares) if (m.before) await m.before(request);
      request.response = await base(request.event, request.context);
      for (const m of [...middlewares].reverse()) if (m.after) await m.after(request);
    } catch (error) {
      request.error = error;
      for (const m of [...middlewares].reverse()) if (m.onError) await m.onError(request);
      if (request.response === undefined) throw error;
    }
    return request.response;
  };
  wrapped.use = (m) => { middlewares.push(m); return wrapped; };
  return wrapped;
};
