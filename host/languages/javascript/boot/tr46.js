// Host names of URLs: lower case, NFC and Punycode. Unicode's full mapping table (tr46) is left out for its size.
'use strict';

const punycode = require('punycode');

exports.toASCII = function (domain) {
  try {
    return punycode.toASCII(domain.toLowerCase().normalize('NFKC'));
  } catch {
    return null;
  }
};

exports.toUnicode = function (domain) {
  return { domain: punycode.toUnicode(domain), error: false };
};
