exports.handler = async (event) => {
  await new Promise((resolve) => setTimeout(resolve, 1000));
  return { id: event.orderId };
};
