export const handler = async () => {
  let let = 1;
};
