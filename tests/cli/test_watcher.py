"""What of an application's folder is watched."""

from __future__ import annotations

from pathlib import Path

from fogline.cli.application.watcher import is_own_output


def test_the_file_that_our_words_are_led_into_is_no_change(tmp_path: Path) -> None:
    words, code = tmp_path / "up.txt", tmp_path / "app.py"
    code.write_text("")
    with words.open("w") as out:
        assert is_own_output(words, (out.fileno(),))
        assert not is_own_output(code, (out.fileno(),))
        assert not is_own_output(tmp_path / "gone", (out.fileno(),))
    assert not is_own_output(words)
