// Uses a stream with the AWS SDK for JavaScript: client.js ENDPOINT STREAM, with the certificate in NODE_EXTRA_CA_CERTS.
// README.md has the steps and the form of the lines.
const {
  KinesisClient, CreateStreamCommand, DeleteStreamCommand, DescribeStreamSummaryCommand, GetRecordsCommand,
  GetShardIteratorCommand, ListShardsCommand, MergeShardsCommand, PutRecordCommand, PutRecordsCommand, SplitShardCommand,
  UpdateShardCountCommand, waitUntilStreamExists,
} = require('@aws-sdk/client-kinesis');

const [endpoint, StreamName] = process.argv.slice(2);
const client = new KinesisClient({
  endpoint, region: 'us-east-1', credentials: { accessKeyId: 'AKIDINTEROP', secretAccessKey: 'made-up' },
});
const HIGHEST = String(2n ** 128n - 1n);

const number = (shardId) => Number(shardId.replace('shardId-', ''));
const numbers = (shards) => shards.map((shard) => number(shard.ShardId)).join(' ');
const code = (command) => client.send(command).then(() => 'ok', (error) => error.name);
const recent = (time) => (Math.abs(Date.now() - time) < 300_000 ? 'now' : String(time));
const base64 = (data) => Buffer.from(data).toString('base64');

// read returns all records of a shard, read one a call, and what the last answer says of its children.
async function read(ShardId, how) {
  let { ShardIterator } = await client.send(new GetShardIteratorCommand({ StreamName, ShardId, ...how }));
  for (const records = []; ;) {
    const out = await client.send(new GetRecordsCommand({ ShardIterator, Limit: 1 }));
    records.push(...out.Records);
    ShardIterator = out.NextShardIterator;
    if (!ShardIterator || out.Records.length === 0) return [records, out.ChildShards ?? []];
  }
}

async function main() {
  await client.send(new CreateStreamCommand({ StreamName, ShardCount: 2 }));
  await waitUntilStreamExists({ client, maxWaitTime: 30 }, { StreamName });
  const { StreamDescriptionSummary: is } = await client.send(new DescribeStreamSummaryCommand({ StreamName }));
  console.log('created', is.StreamStatus, is.OpenShardCount, recent(is.StreamCreationTimestamp));

  const out = await client.send(new PutRecordsCommand({
    StreamARN: is.StreamARN,
    Records: [
      { PartitionKey: 'Zürich', Data: Uint8Array.from({ length: 256 }, (_, i) => i) },
      { PartitionKey: 'k', ExplicitHashKey: '0', Data: new Uint8Array() },
      { PartitionKey: 'k', ExplicitHashKey: HIGHEST, Data: Buffer.from('x') },
      { PartitionKey: 'refused', ExplicitHashKey: '0', Data: Buffer.from('y') },
    ],
  }));
  console.log('put', out.FailedRecordCount, ...out.Records.map((r) => r.ErrorCode ?? number(r.ShardId)));
  const one = await client.send(new PutRecordCommand({ StreamName, PartitionKey: 'k', ExplicitHashKey: HIGHEST, Data: Buffer.from('one') }));
  console.log('put-one', number(one.ShardId), one.SequenceNumber.length);
  const bad = { PartitionKey: 'k', Data: Buffer.from('') };
  console.log('missing', await code(new PutRecordCommand({ StreamName: `${StreamName}-missing`, ...bad })));
  console.log('bad-hash', await code(new PutRecordCommand({ StreamName, ExplicitHashKey: '-1', ...bad })));

  const shards = [];
  for (let ask = { StreamName }; ask;) {
    const page = await client.send(new ListShardsCommand({ ...ask, MaxResults: 1 }));
    shards.push(...page.Shards);
    ask = page.NextToken && { NextToken: page.NextToken };
  }
  for (const { ShardId, HashKeyRange } of shards) {
    console.log('shard', number(ShardId), HashKeyRange.StartingHashKey, HashKeyRange.EndingHashKey);
  }
  for (const { ShardId } of shards) {
    const [records] = await read(ShardId, { ShardIteratorType: 'AT_TIMESTAMP', Timestamp: is.StreamCreationTimestamp });
    for (const r of records) {
      console.log('read', number(ShardId), base64(r.PartitionKey), base64(r.Data), recent(r.ApproximateArrivalTimestamp));
    }
  }

  const [shard0, shard1, shard3] = [0, 1, 3].map((n) => `shardId-${String(n).padStart(12, '0')}`);
  await client.send(new SplitShardCommand({ StreamName, ShardToSplit: shard0, NewStartingHashKey: String(2n ** 126n) }));
  await client.send(new MergeShardsCommand({ StreamName, ShardToMerge: shard3, AdjacentShardToMerge: shard1 }));
  const uniform = (TargetShardCount) => new UpdateShardCountCommand({ StreamName, TargetShardCount, ScalingType: 'UNIFORM_SCALING' });
  const count = await client.send(uniform(4));
  console.log('count', count.CurrentShardCount, count.TargetShardCount);
  const open = await client.send(new ListShardsCommand({ StreamName, ShardFilter: { Type: 'AT_LATEST' } }));
  console.log('open', numbers(open.Shards));
  const [records, children] = await read(shard0, { ShardIteratorType: 'TRIM_HORIZON' });
  console.log('end', records.length, numbers(children));
  console.log('too-many', await code(uniform(100)));

  await client.send(new DeleteStreamCommand({ StreamName }));
  console.log('deleted', await code(new DescribeStreamSummaryCommand({ StreamName })));
  client.destroy();
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
