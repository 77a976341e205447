"""A store that speaks S3 on loopback and checks signatures: `python s3_server.py PORT FILE`.

FILE gets the one key that may use it, as JSON, once the bucket is there. The server is moto's.
"""

import json
import os
import sys
import threading
from pathlib import Path

# The calls below come before there is a key: a user, a key, a policy and a bucket.
os.environ["INITIAL_NO_AUTH_ACTION_COUNT"] = "4"

import boto3  # type: ignore[import-not-found]  # only the real session has it
from moto.server import ThreadedMotoServer  # type: ignore[import-not-found]  # as above

BUCKET = "replica"
ALL = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


def main(port: int, file: Path) -> None:
    """Serve until it is killed."""
    ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False).start()
    anybody = {
        "endpoint_url": f"http://127.0.0.1:{port}",
        "region_name": "us-east-1",
        "aws_access_key_id": "anybody",
        "aws_secret_access_key": "anything",
    }
    iam = boto3.client("iam", **anybody)
    iam.create_user(UserName="litestream")
    key = iam.create_access_key(UserName="litestream")["AccessKey"]
    iam.put_user_policy(UserName="litestream", PolicyName="all", PolicyDocument=json.dumps(ALL))
    boto3.client("s3", **anybody).create_bucket(Bucket=BUCKET)
    ready = {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}
    fresh = file.with_suffix(".new")
    fresh.write_text(json.dumps(ready))
    fresh.replace(file)
    threading.Event().wait()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
