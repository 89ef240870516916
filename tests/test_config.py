from pathlib import Path

import pytest

from finder.config import Settings
from finder.errors import Invalid


def test_an_empty_environment_gives_safe_defaults():
    settings = Settings.from_env({})
    assert (settings.host, settings.port, settings.proxy_count) == ("127.0.0.1", 8000, 0)
    assert settings.database.startswith("sqlite:///")
    assert not settings.secure


def test_known_names_are_read_with_their_types():
    settings = Settings.from_env({"FINDER_INSTANCE": "here", "FINDER_PORT": "9000", "FINDER_BASE_URL": "https://a.example"})
    assert (settings.instance, settings.port, settings.secure) == (Path("here"), 9000, True)


def test_all_malformed_settings_are_reported_together():
    with pytest.raises(Invalid) as broken:
        Settings.from_env({"FINDER_PORT": "x", "FINDER_COUNTRY": "usa", "FINDER_SECRET_KEY": "short"})
    assert set(broken.value.errors) == {"FINDER_PORT", "FINDER_COUNTRY", "FINDER_SECRET_KEY"}


@pytest.mark.parametrize("license_name", ["x" * 101, "CC-BY\n4.0"], ids=["long", "two lines"])
def test_a_license_that_no_file_can_hold_in_a_line_is_refused(license_name):
    with pytest.raises(Invalid) as broken:
        Settings.from_env({"FINDER_DATA_LICENSE": license_name})
    assert list(broken.value.errors) == ["FINDER_DATA_LICENSE"]


@pytest.mark.parametrize("url", [
    "", "file:///var/letters", "smtp://localhost", "smtp://mail.example.org:587?tls=starttls",
    "smtp://name:p%40ss@mail.example.org", "smtps://name:word@mail.example.org:465", "smtp://10.0.0.5?tls=none",
    "smtp://name:word@127.0.0.1:1025?tls=none",
])
def test_letters_may_go_to_a_folder_or_a_mail_server(url):
    assert Settings.from_env({"FINDER_MAIL_URL": url}).mail_url == url


@pytest.mark.parametrize("url", [
    "mail.example.org", "http://mail.example.org", "smtp://", "smtp://host:port", "smtp://host:0", "file://folder",
    "smtp://host?tls=maybe", "smtp://name:word@mail.example.org?tls=none",
])
def test_a_place_for_letters_that_is_none_or_would_show_a_password_is_refused_without_repeating_it(url):
    with pytest.raises(Invalid) as broken:
        Settings.from_env({"FINDER_MAIL_URL": url})
    assert [(one.code, one.values) for one in broken.value.errors["FINDER_MAIL_URL"]] == [("not_a_mail_url", {})]


@pytest.mark.parametrize("sender", ["name", "name@", "a b@example.org", "a@example.org\nBcc: b@example.org"])
def test_a_sender_that_is_no_address_is_refused(sender):
    with pytest.raises(Invalid) as broken:
        Settings.from_env({"FINDER_MAIL_FROM": sender})
    assert list(broken.value.errors) == ["FINDER_MAIL_FROM"]


@pytest.mark.parametrize(("given", "address"), [
    ({}, "http://127.0.0.1:8000"), ({"host": "0.0.0.0", "port": 9000}, "http://127.0.0.1:9000"),
    ({"host": "::"}, "http://[::1]:8000"), ({"base_url": "https://groups.example.org/"}, "https://groups.example.org"),
])
def test_W6_links_in_letters_lead_to_the_public_address_or_this_machine(given, address):
    assert Settings(**given).address == address


@pytest.mark.parametrize("days", ["1", "90", "3650"])
def test_P11_closed_referrals_are_kept_for_a_day_to_ten_years(days):
    assert Settings.from_env({"FINDER_REFERRAL_DAYS": days}).referral_days == int(days)


@pytest.mark.parametrize("days", ["0", "-1", "3651"])
def test_P11_closed_referrals_are_neither_dropped_at_once_nor_kept_for_good(days):
    with pytest.raises(Invalid) as broken:
        Settings.from_env({"FINDER_REFERRAL_DAYS": days})
    assert [(one.code, one.values) for one in broken.value.errors["FINDER_REFERRAL_DAYS"]] == [
        ("out_of_range", {"min": 1, "max": 3650})]
