// Reads Kinesis records with aws-kinesis-agg; README.md has the form of the lines.
const { deaggregate } = require('aws-kinesis-agg');

const base64 = (text) => Buffer.from(text).toString('base64');
let line = 0;

require('readline').createInterface({ input: process.stdin }).on('line', (text) => {
  const record = line++;
  const [, , sequenceNumber, key, data] = text.split('\t');
  const kinesisRecord = { sequenceNumber, data, partitionKey: Buffer.from(key, 'base64').toString() };
  deaggregate(kinesisRecord, true, (err, user) => {
    if (err) throw new Error(`record ${record}: ${err}`);
    const aggregated = user.subSequenceNumber !== undefined;
    console.log([
      record, aggregated ? user.subSequenceNumber : 0, Number(aggregated),
      base64(user.partitionKey), user.explicitPartitionKey ?? '', user.data,
    ].join('\t'));
  }, (err) => {
    if (err) throw new Error(`record ${record}: ${err}`);
  });
});
