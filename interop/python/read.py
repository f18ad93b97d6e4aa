"""Reads Kinesis records with aws_kinesis_agg; README.md has the form of the lines."""

import base64
import sys

from aws_kinesis_agg.deaggregator import iter_deaggregate_records

for number, line in enumerate(sys.stdin):
    _, _, sequence, key, data = line.rstrip("\n").split("\t")
    record = {
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "sequenceNumber": sequence,
            "approximateArrivalTimestamp": 0,
            "partitionKey": base64.b64decode(key).decode(),
            "data": data,
        }
    }
    for user in iter_deaggregate_records([record]):
        user = user["kinesis"]
        content = user["data"]
        print(
            number,
            user.get("subSequenceNumber", 0),
            int(user.get("aggregated", False)),
            base64.b64encode(user["partitionKey"].encode()).decode(),
            user.get("explicitHashKey") or "",
            content if isinstance(content, str) else content.decode(),
            sep="\t",
        )
