"""The AWS CLI and the SAM CLI against the platform, as people deploy with them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fogline.config import read_config
from fogline.testing.platform import LocalPlatform

CHILD = """
Parameters: {Name: {Type: String}}
Resources: {Q: {Type: 'AWS::SQS::Queue', Properties: {QueueName: !Ref Name}}}
"""
TEMPLATE = """
Resources:
  Child: {Type: 'AWS::CloudFormation::Stack', Properties: {TemplateURL: child.yaml, Parameters: {Name: inner}}}
  Orders: {Type: 'AWS::SQS::Queue', Properties: {QueueName: orders}}
"""

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def platform() -> Iterator[LocalPlatform]:
    """A platform whose time moves by itself, as the clients' does."""
    with LocalPlatform(read_config({}, port=0, ephemeral=True)) as platform:
        yield platform


@pytest.fixture
def run(platform: LocalPlatform, tmp_path: Path) -> Run:
    """Run a client in a folder of its own."""
    environment = {
        **os.environ,
        "AWS_ENDPOINT_URL": platform.endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_CONFIG_FILE": str(tmp_path / "none"),
        "SAM_CLI_TELEMETRY": "0",
        "HOME": str(tmp_path),
    }

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            words, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60
        )

    return run


@pytest.mark.slow
def test_package_and_deploy(run: Run, tmp_path: Path, platform: LocalPlatform) -> None:
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    (tmp_path / "child.yaml").write_text(CHILD)
    platform.client("s3").create_bucket(Bucket="packages")
    packaged = run(
        "aws", "cloudformation", "package", "--template-file", "template.yaml", "--s3-bucket", "packages",
        "--output-template-file", "packaged.yaml",
    )  # fmt: skip
    assert packaged.returncode == 0, packaged.stderr
    deploy = (
        "aws",
        "cloudformation",
        "deploy",
        "--template-file",
        "packaged.yaml",
        "--stack-name",
        "shop",
    )
    deployed = run(*deploy)
    assert "Successfully created/updated stack - shop" in deployed.stdout, deployed.stderr
    urls: Any = platform.client("sqs").list_queues()["QueueUrls"]
    assert sorted(url.rpartition("/")[2] for url in urls) == ["inner", "orders"]
    again = run(*deploy)
    assert "No changes to deploy. Stack shop is up to date" in again.stdout + again.stderr


@pytest.mark.slow
def test_sam_deletes_what_it_deployed_with_nested_templates(
    run: Run, tmp_path: Path, platform: LocalPlatform
) -> None:
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    (tmp_path / "child.yaml").write_text(CHILD)
    s3, sqs = platform.client("s3"), platform.client("sqs")
    s3.create_bucket(Bucket="packages")
    names = ("--stack-name", "shop", "--s3-bucket", "packages", "--s3-prefix", "shop")
    deployed = run("sam", "deploy", *names)
    assert "Successfully created/updated stack - shop" in deployed.stdout, deployed.stderr
    deleted = run("sam", "delete", "--no-prompts", *names)
    assert "Deleted successfully" in deleted.stdout, deleted.stderr
    assert "QueueUrls" not in sqs.list_queues()
    assert "Contents" not in s3.list_objects_v2(Bucket="packages")
