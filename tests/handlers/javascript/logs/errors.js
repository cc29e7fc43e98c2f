exports.handler = async () => {
  console.error('failed:', new TypeError('why'));
  console.log(new Error('alone'));
  return null;
};
