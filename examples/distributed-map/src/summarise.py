"""Sums up what the batches of a file found: reads the manifest of a map run, and the results that it names."""

import json
from decimal import Decimal

import boto3

s3 = boto3.client("s3")


def handler(event, context):
    bucket = event["bucket"]
    manifest = read(bucket, event["manifest"])
    rows, total, rejected = 0, Decimal(0), []
    for part in manifest["ResultFiles"]["SUCCEEDED"]:
        for batch in read(bucket, part["Key"]):
            rows += batch["rows"]
            total += Decimal(batch["total"])
            rejected += batch["rejected"]
    summary = {
        "file": event["file"],
        "rows": rows,
        "rejected": sorted(rejected, key=lambda row: row["id"]),
        "total": str(total),
        "is_complete": not manifest["ResultFiles"]["FAILED"],
    }
    key = f"summaries/{event['file']}.json"
    s3.put_object(Bucket=bucket, Key=key, Body=json.dumps(summary).encode())
    # The summary may be long; what goes through a workflow must not.
    return {"summary": key, "rows": rows, "rejected": len(rejected), "total": str(total)}


def read(bucket, key):
    return json.load(s3.get_object(Bucket=bucket, Key=key)["Body"])
