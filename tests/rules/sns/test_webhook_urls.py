import pytest

from fogline.services.sns.webhooks import masked, split_credentials


@pytest.mark.parametrize(
    ("url", "bare", "credentials"),
    [
        ("http://host/x", "http://host/x", ""),
        ("http://a:b@host:8080/x?y=1", "http://host:8080/x?y=1", "YTpi"),
        ("http://a@host", "http://host", "YTo="),
        ("http://host:80/a@b", "http://host:80/a@b", ""),
        ("http://[::1", "http://[::1", ""),
    ],
)
def test_user_and_password_are_taken_out_of_a_url(url, bare, credentials):
    assert split_credentials(url) == (bare, credentials)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://a:b@host/x", "http://a:****@host/x"),
        ("http://a@host/x", "http://a@host/x"),
        ("http://host:80/a@b", "http://host:80/a@b"),
        ("http://[::1", "http://[::1"),
    ],
)
def test_only_the_password_is_masked(url, shown):
    assert masked(url) == shown
