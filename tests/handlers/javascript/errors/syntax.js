exports.handler = async () => {
  const a b;
};
