from __future__ import annotations

import io
import stat
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiosmtpd.smtp import AuthResult

from finder.mail.postbox import Later, Refused, Server, Unreachable, opened
from tests.mail.boxes import Rules, smtp_server


def letter(to: str = "joy@example.org") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "list@example.org", to, "About your listing"
    message["Message-ID"] = "<1@example.org>"
    message.set_content("Hello,\n\n¿Sigue bien?\n")
    return message


@pytest.fixture
def rules() -> Rules:
    return Rules()


@pytest.fixture
def url(rules: Rules) -> Iterator[str]:
    with smtp_server(rules) as at:
        yield f"smtp://{at}"


def test_letters_go_to_the_mail_server_over_one_connection(url: str, rules: Rules) -> None:
    with opened(url, io.StringIO()) as postbox:
        postbox.post(letter(), "joy@example.org")
        postbox.post(letter("sam@example.org"), "sam@example.org")
    assert [one.rcpt_tos for one in rules.letters] == [["joy@example.org"], ["sam@example.org"]]
    assert rules.connections == 1
    assert "¿Sigue bien?" in letter().get_content()


@pytest.mark.parametrize(("answer", "gone"), [
    ("550 No such person", True), ("550 5.1.1 No such person", True), ("552 5.2.2 Mailbox full", True),
    ("550 5.7.1 We do not take mail from you", False), ("554 5.3.4 Too long", False),
], ids=["plain", "no_mailbox", "full", "policy", "system"])
def test_a_final_no_says_whether_nobody_is_at_that_address(url: str, rules: Rules, answer: str, gone: bool) -> None:
    rules.answers["joy@example.org"] = answer
    with opened(url, io.StringIO()) as postbox, pytest.raises(Refused) as refused:
        postbox.post(letter(), "joy@example.org")
    assert refused.value.gone is gone


def test_a_no_to_the_words_is_no_word_about_the_address(url: str, rules: Rules) -> None:
    rules.answers["data"] = "554 We think this is advertising"
    with opened(url, io.StringIO()) as postbox, pytest.raises(Refused) as refused:
        postbox.post(letter(), "joy@example.org")
    assert not refused.value.gone


@pytest.mark.parametrize("where", ["joy@example.org", "data"])
def test_a_no_for_now_is_tried_again_later(url: str, rules: Rules, where: str) -> None:
    rules.answers[where] = "451 4.7.1 Come back in some minutes"
    with opened(url, io.StringIO()) as postbox:
        with pytest.raises(Later):
            postbox.post(letter(), "joy@example.org")
        rules.answers.clear()
        postbox.post(letter(), "joy@example.org")
    assert len(rules.letters) == 1


def test_a_server_that_hangs_up_is_unreachable_and_the_next_letter_opens_a_new_line(url: str, rules: Rules) -> None:
    rules.answers["data"] = "hang up"
    with opened(url, io.StringIO()) as postbox:
        with pytest.raises(Unreachable):
            postbox.post(letter(), "joy@example.org")
        rules.answers.clear()
        postbox.post(letter(), "joy@example.org")
    assert (len(rules.letters), rules.connections) == (1, 2)


def test_a_server_that_is_not_there_is_unreachable() -> None:
    with opened("smtp://127.0.0.1:1", io.StringIO()) as postbox, pytest.raises(Unreachable):
        postbox.post(letter(), "joy@example.org")


def test_the_name_and_password_of_the_setting_open_the_server() -> None:
    rules, seen = Rules(), []

    def check(server: object, session: object, envelope: object, mechanism: str, data: object) -> AuthResult:
        seen.append((data.login, data.password))  # type: ignore[attr-defined]
        return AuthResult(success=data.password == b"p@ss", handled=False)  # type: ignore[attr-defined]

    with smtp_server(rules, authenticator=check, auth_require_tls=False) as at:
        with opened(f"smtp://list%40example.org:p%40ss@{at}", io.StringIO()) as postbox:
            postbox.post(letter(), "joy@example.org")
        with opened(f"smtp://list:wrong@{at}", io.StringIO()) as postbox, pytest.raises(Unreachable):
            postbox.post(letter(), "joy@example.org")
    assert seen[0] == (b"list@example.org", b"p@ss")
    assert len(rules.letters) == 1


def test_another_machine_is_never_written_to_without_encryption() -> None:
    assert Server("smtp://mail.example.org").tls == "starttls"
    assert Server("smtps://mail.example.org").tls == "on"
    assert Server("smtp://localhost").tls == "none"


def test_a_server_that_cannot_encrypt_gets_no_letter(url: str, rules: Rules) -> None:
    with opened(f"{url}?tls=starttls", io.StringIO()) as postbox, pytest.raises(Unreachable):
        postbox.post(letter(), "joy@example.org")
    assert rules.letters == []


def test_without_a_setting_letters_are_printed_as_people_read_them() -> None:
    screen = io.StringIO()
    with opened("", screen) as postbox:
        postbox.post(letter(), "joy@example.org")
    assert "To: joy@example.org\n" in screen.getvalue()
    assert "¿Sigue bien?" in screen.getvalue()
    assert "MIME-Version" not in screen.getvalue()


def test_a_folder_gets_each_letter_as_a_file_that_others_cannot_read(tmp_path: Path) -> None:
    with opened((tmp_path / "letters").as_uri(), io.StringIO()) as postbox:
        postbox.post(letter(), "joy@example.org")
        postbox.post(letter(), "joy@example.org")
    (only,) = (tmp_path / "letters").iterdir()
    assert only.name == "1@example.org.eml"
    assert stat.S_IMODE(only.stat().st_mode) == 0o600
    assert b"To: joy@example.org" in only.read_bytes()


def test_a_folder_that_cannot_be_written_is_unreachable(tmp_path: Path) -> None:
    (tmp_path / "letters").write_text("a file")
    with opened((tmp_path / "letters").as_uri(), io.StringIO()) as postbox, pytest.raises(Unreachable):
        postbox.post(letter(), "joy@example.org")
