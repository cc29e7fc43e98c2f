module.exports = 'a folder';
