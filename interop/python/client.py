"""Uses a stream with boto3: client.py ENDPOINT STREAM CERTIFICATE. README.md has the steps and the form of the lines."""

import base64
import datetime
import sys

import boto3
from botocore.exceptions import ClientError

endpoint, stream, certificate = sys.argv[1:]
kinesis = boto3.client(
    "kinesis", endpoint_url=endpoint, region_name="us-east-1", verify=certificate,
    aws_access_key_id="AKIDINTEROP", aws_secret_access_key="made-up",
)
HIGHEST = str(2**128 - 1)


def number(shard):
    return int(shard.removeprefix("shardId-"))


def numbers(shards):
    return " ".join(str(number(shard)) for shard in shards)


def code(call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return "ok"


def recent(time):
    age = datetime.datetime.now(datetime.timezone.utc) - time
    return "now" if abs(age.total_seconds()) < 300 else str(time)


def b64(data):
    return base64.b64encode(data).decode()


def read(shard, **how):
    """All records of a shard, one a call, and what the last answer says of its children."""
    iterator = kinesis.get_shard_iterator(StreamName=stream, ShardId=shard, **how)["ShardIterator"]
    records = []
    while True:
        out = kinesis.get_records(ShardIterator=iterator, Limit=1)
        records += out["Records"]
        iterator = out.get("NextShardIterator")
        if not iterator or not out["Records"]:
            return records, out.get("ChildShards", [])


kinesis.create_stream(StreamName=stream, ShardCount=2)
kinesis.get_waiter("stream_exists").wait(StreamName=stream)
summary = kinesis.describe_stream_summary(StreamName=stream)["StreamDescriptionSummary"]
created = summary["StreamCreationTimestamp"]
print("created", summary["StreamStatus"], summary["OpenShardCount"], recent(created))

out = kinesis.put_records(
    StreamARN=summary["StreamARN"],
    Records=[
        {"PartitionKey": "Zürich", "Data": bytes(range(256))},
        {"PartitionKey": "k", "ExplicitHashKey": "0", "Data": b""},
        {"PartitionKey": "k", "ExplicitHashKey": HIGHEST, "Data": b"x"},
        {"PartitionKey": "refused", "ExplicitHashKey": "0", "Data": b"y"},
    ],
)
print("put", out["FailedRecordCount"], *[r.get("ErrorCode") or number(r["ShardId"]) for r in out["Records"]])
one = kinesis.put_record(StreamName=stream, PartitionKey="k", ExplicitHashKey=HIGHEST, Data=b"one")
print("put-one", number(one["ShardId"]), len(one["SequenceNumber"]))
print("missing", code(kinesis.put_record, StreamName=stream + "-missing", PartitionKey="k", Data=b""))
print("bad-hash", code(kinesis.put_record, StreamName=stream, PartitionKey="k", ExplicitHashKey="-1", Data=b""))

page = kinesis.list_shards(StreamName=stream, MaxResults=1)
shards = page["Shards"]
while page.get("NextToken"):
    page = kinesis.list_shards(NextToken=page["NextToken"], MaxResults=1)
    shards += page["Shards"]
for shard in shards:
    print("shard", number(shard["ShardId"]), shard["HashKeyRange"]["StartingHashKey"], shard["HashKeyRange"]["EndingHashKey"])
for shard in shards:
    for r in read(shard["ShardId"], ShardIteratorType="AT_TIMESTAMP", Timestamp=created)[0]:
        print("read", number(shard["ShardId"]), b64(r["PartitionKey"].encode()), b64(r["Data"]), recent(r["ApproximateArrivalTimestamp"]))

kinesis.split_shard(StreamName=stream, ShardToSplit="shardId-000000000000", NewStartingHashKey=str(2**126))
kinesis.merge_shards(StreamName=stream, ShardToMerge="shardId-000000000003", AdjacentShardToMerge="shardId-000000000001")
count = kinesis.update_shard_count(StreamName=stream, TargetShardCount=4, ScalingType="UNIFORM_SCALING")
print("count", count["CurrentShardCount"], count["TargetShardCount"])
open_shards = kinesis.list_shards(StreamName=stream, ShardFilter={"Type": "AT_LATEST"})["Shards"]
print("open", numbers(s["ShardId"] for s in open_shards))
records, children = read("shardId-000000000000", ShardIteratorType="TRIM_HORIZON")
print("end", len(records), numbers(c["ShardId"] for c in children))
print("too-many", code(kinesis.update_shard_count, StreamName=stream, TargetShardCount=100, ScalingType="UNIFORM_SCALING"))

kinesis.delete_stream(StreamName=stream)
print("deleted", code(kinesis.describe_stream_summary, StreamName=stream))
