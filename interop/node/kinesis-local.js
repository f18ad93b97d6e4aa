// Starts kinesis-local on two free ports, one of them for TLS.
const { join, dirname } = require('path');
const main = require.resolve('kinesis-local/main.js');
Object.assign(process.env, {
  KINESIS_MOCK_PLAIN_PORT: '0',
  KINESIS_MOCK_TLS_PORT: '0',
  KINESIS_MOCK_CERT_PATH: join(dirname(main), 'server.json'),
  SHARD_LIMIT: '1000',
  CREATE_STREAM_DURATION: '1ms',
  DELETE_STREAM_DURATION: '1ms',
  SPLIT_SHARD_DURATION: '200ms',
  LOG_LEVEL: 'ERROR',
  ROOT_LOG_LEVEL: 'ERROR',
});
require(main);
