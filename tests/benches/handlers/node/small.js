exports.handler = async (event, context) => {
  const at = new Date().toISOString();
  return { id: event.orderId, size: JSON.stringify(event).length, request: context.awsRequestId, at };
};
