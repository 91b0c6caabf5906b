"""The AWS CLI as a client of S3: a large file goes up, is listed, and comes back."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from fogline.testing.plugin import Account


def run_aws(fogline: Account, folder: Path, *words: str) -> str:
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "AWS_ENDPOINT_URL": fogline.platform.endpoint,
        "AWS_ACCESS_KEY_ID": fogline.id,
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    done = subprocess.run(
        ["aws", *words],
        env=environment,
        capture_output=True,
        text=True,
        timeout=90,
        cwd=folder,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_cli_copies_a_large_file_there_and_back(
    fogline: Account, bucket: str, tmp_path: Path
) -> None:
    content = os.urandom(20 * 1024 * 1024)
    (tmp_path / "large.bin").write_bytes(content)
    run_aws(fogline, tmp_path, "s3", "cp", "--quiet", "large.bin", f"s3://{bucket}/a/large.bin")
    assert "20971520 large.bin" in run_aws(fogline, tmp_path, "s3", "ls", f"s3://{bucket}/a/")
    run_aws(fogline, tmp_path, "s3", "cp", "--quiet", f"s3://{bucket}/a/large.bin", "back.bin")
    assert (tmp_path / "back.bin").read_bytes() == content


def test_the_cli_makes_syncs_and_removes_a_bucket(fogline: Account, tmp_path: Path) -> None:
    site = tmp_path / "site"
    (site / "deep").mkdir(parents=True)
    for name in ("index.html", "deep/page.html"):
        (site / name).write_text(name)
        # Before the platform's clock, whose time objects get: sync compares the two.
        os.utime(site / name, (1_500_000_000, 1_500_000_000))
    run_aws(fogline, tmp_path, "s3", "mb", "s3://cli-made")
    run_aws(fogline, tmp_path, "s3", "sync", "site", "s3://cli-made")
    assert run_aws(fogline, tmp_path, "s3", "sync", "site", "s3://cli-made") == ""
    listed = run_aws(fogline, tmp_path, "s3", "ls", "--recursive", "s3://cli-made")
    assert [line.split()[-1] for line in listed.splitlines()] == ["deep/page.html", "index.html"]
    run_aws(fogline, tmp_path, "s3", "rb", "--force", "s3://cli-made")
    assert "cli-made" not in run_aws(fogline, tmp_path, "s3", "ls")
