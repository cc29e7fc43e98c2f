export default { region: process.env.AWS_REGION ?? 'none' };
