"""Mails of every kind become one RFQ and its files, and none is lost."""

from __future__ import annotations

import time
from email.message import EmailMessage

import pytest

from rfqflow.core.received_mail import received_mail

HEAD = (
    b"From: =?utf-8?q?J=C3=BCrgen_Wei=C3=9F?= <Juergen@Kunde.example>\r\nTo: rfq@us.example\r\n"
    b"Message-ID: <a1@kunde.example>\r\nIn-Reply-To: <b2@us.example>\r\nReferences: <b1@us.example> <b2@us.example>\r\n"
    b"Subject: =?utf-8?b?QW5mcmFnZSBGbGFuc2NoZQ==?=\r\nDate: Mon, 30 Nov 2026 10:00:00 +0100\r\nMIME-Version: 1.0\r\n"
)


def mail(content: bytes, headers: bytes = b"Content-Type: text/plain; charset=utf-8\r\n") -> bytes:
    return HEAD + headers + b"\r\n" + content


def composed(**parts: object) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["Message-ID"], message["Subject"] = "A <a@x.example>", "<c3@x.example>", "RFQ"
    message.set_content("We need 40 pcs")
    return message


def test_sender_references_and_subject_are_kept():
    found = received_mail(mail("Bitte 40 Stück".encode()))

    assert (found.name, found.email) == ("Jürgen Weiß", "Juergen@Kunde.example")
    assert found.message == "Anfrage Flansche\n\nBitte 40 Stück"
    assert found.metadata == {
        "source": "mail", "message_id": "<a1@kunde.example>", "in_reply_to": "<b2@us.example>",
        "references": ["<b1@us.example>", "<b2@us.example>"], "subject": "Anfrage Flansche",
        "sent_at": "Mon, 30 Nov 2026 10:00:00 +0100",
    }  # fmt: skip
    assert found.files == ()


def test_the_same_mail_is_the_same_rfq_and_another_senders_is_not():
    first, again = received_mail(mail(b"one")), received_mail(mail(b"one, with a line of a list server"))
    forged = received_mail(mail(b"one").replace(b"Juergen@Kunde", b"mallory@other"))
    unnamed = [received_mail(mail(text).replace(b"Message-ID", b"X-None")) for text in (b"one", b"one", b"two")]

    assert first.rfq_id == again.rfq_id != forged.rfq_id
    assert unnamed[0].rfq_id == unnamed[1].rfq_id != unnamed[2].rfq_id


def test_the_customer_in_a_mail_of_a_web_form_is_in_reply_to():
    raw = mail(b"x").replace(b"To: rfq", b"Reply-To: Buyer <buyer@y.example>\r\nTo: rfq")

    assert received_mail(raw).email == "buyer@y.example"


@pytest.mark.parametrize(
    ("charset", "encoded"),
    [
        ("iso-8859-1", b"40 St=FCck"),
        ("windows-1252", b"40 St=FCck"),
        ("utf-8", b"40 St=C3=BCck"),
        ("no-such-charset", b"40 St=C3=BCck"),
        ("us-ascii", b"40 St=FCck"),
    ],
)
def test_a_charset_is_read_as_named_or_else_as_one_that_fits(charset, encoded):
    head = f"Content-Type: text/plain; charset={charset}\r\nContent-Transfer-Encoding: quoted-printable\r\n"

    assert received_mail(mail(encoded, head.encode())).message.endswith("40 Stück")


def test_plain_text_is_preferred_and_html_is_used_where_that_is_empty():
    both, only_html = composed(), composed()
    both.add_alternative("<p>We need <b>40</b> pcs</p>", subtype="html")
    only_html.set_content(" ")
    only_html.add_alternative("<p>We need <b>40</b> pcs</p>", subtype="html")

    assert received_mail(both.as_bytes()).message == "RFQ\n\nWe need 40 pcs"
    assert received_mail(only_html.as_bytes()).message.startswith("<p>RFQ</p>\n<p>We need <b>40</b> pcs</p>")


def test_files_keep_their_names_and_bytes():
    message = composed()
    message.add_attachment(b"%PDF-1.7 \0\xff", maintype="application", subtype="pdf", filename="../../Zeichnung ä.pdf")
    message.add_attachment(b"a;b\n1;2\n", maintype="text", subtype="csv", filename="items.csv")
    message.add_attachment(b"TNEF", maintype="application", subtype="ms-tnef", filename="winmail.dat")

    found = received_mail(message.as_bytes()).files

    assert [(file.name, file.content_type) for file in found] == [
        ("Zeichnung ä.pdf", "application/pdf"), ("items.csv", "text/csv"), ("winmail.dat", "application/ms-tnef"),
    ]  # fmt: skip
    assert found[0].content == b"%PDF-1.7 \0\xff"


def test_a_forwarded_mail_is_a_file_that_keeps_its_own_files():
    inner = composed()
    inner.replace_header("Subject", "Old request")
    inner.add_attachment(b"x" * 90, maintype="application", subtype="pdf", filename="old.pdf")
    outer = composed()
    outer.add_attachment(inner)

    (file,) = received_mail(outer.as_bytes()).files

    assert (file.name, file.content_type) == ("Old request.eml", "message/rfc822")
    assert received_mail(file.content).files[0].name == "old.pdf"


def test_a_logo_in_the_text_is_left_out_and_named_and_a_drawing_is_not():
    message = composed()
    message.add_alternative("<p>We need 40 pcs <img src='cid:l'><img src='cid:d'></p>", subtype="html")
    html = message.get_payload()[1]
    html.add_related(b"l" * 900, maintype="image", subtype="png", cid="<l>", filename="logo.png")
    html.add_related(b"d" * 90_000, maintype="image", subtype="png", cid="<d>", filename="sketch.png")

    found = received_mail(message.as_bytes())

    assert [file.name for file in found.files] == ["sketch.png"]
    assert found.metadata["left_out"] == ["logo.png"]


@pytest.mark.parametrize(
    "raw",
    [
        b"\0\xff\xfe",
        b"no head at all, 40 pcs\n",
        HEAD + b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--y\r\n\r\nnever closed, 40 pcs",
        HEAD + b'Content-Type: text/plain; charset="\r\nContent-Transfer-Encoding: base64\r\n\r\n####',
        b'From: "<@>,;:\\"\r\nMessage-ID: <\r\nSubject: =?utf-8?b?////?=\r\nContent-Type: //;;\r\n\r\n40 pcs\0\r\n',
        b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(300))
        + b"\r\n40",
        b"Content-Type: message/rfc822\r\n\r\n" * 400 + b"40 pcs",
    ],
    ids=["bytes", "no head", "not closed", "bad base64", "bad heads", "parts in parts", "mails in mails"],
)
def test_a_broken_mail_is_kept_whole_or_in_part_and_can_be_stored(raw):
    found = received_mail(raw)

    assert found.message or found.files
    assert "\0" not in found.message + (found.email or "") + (found.name or "")
    found.message.encode()


def multipart(number: int, each: bytes) -> bytes:
    return mail(b"--b\r\n" + each + b"".join(b"\r\n--b\r\n" + each for _ in range(number - 1)),
                b"Content-Type: multipart/related; boundary=b\r\n")  # fmt: skip


@pytest.mark.parametrize(
    "raw",
    [
        mail(b"a-" + b"b9" * 500_000, b"Content-Type: text/plain; charset=punycode\r\n"),
        b"From: " + b"a," * 50_000 + b"\r\n" + mail(b"40 pcs"),
        b"Reply-To: " + b"a." * 50_000 + b"\r\n" + mail(b"40 pcs"),
        mail(b"Subject: in\r\nFrom: " + b"a," * 50_000 + b"\r\n\r\nx", b"Content-Type: message/rfc822\r\n"),
        multipart(
            400, b"Content-Type: multipart/mixed; boundary=i\r\n\r\n" + b"--i\r\nContent-Type: a/b\r\n\r\nx\r\n" * 100
        ),
    ],
    ids=["punycode", "From", "Reply-To", "inner head", "parts"],
)
def test_no_mail_takes_longer_than_its_size_explains(raw):
    began = time.process_time()
    received_mail(raw)
    assert time.process_time() - began < 10  # some would take minutes to hours otherwise


def test_a_media_type_that_no_database_accepts_is_replaced():
    found = received_mail(multipart(1, b"Content-Type: a/\0b\xff; name=a.pdf\r\n\r\nx"))

    (file,) = found.files
    file.content_type.encode()
    assert "\0" not in file.content_type


@pytest.mark.parametrize("parts", [501, 50], ids=["many", "nested"])
def test_a_mail_that_is_kept_whole_has_its_sender_so_that_an_erasure_finds_it(parts):
    if parts > 500:
        raw = multipart(parts, b"Content-Type: a/b\r\n\r\nx")
    else:
        raw = mail(
            b"x", b"".join(b"Content-Type: multipart/mixed; boundary=%d\r\n\r\n--%d\r\n" % (n, n) for n in range(parts))
        )
    found, again = received_mail(raw), received_mail(b"Received: by another host\r\n" + raw)

    assert [file.name for file in found.files] == ["message.eml"]
    assert (found.name, found.email) == ("Jürgen Weiß", "Juergen@Kunde.example")
    assert found.metadata["message_id"] == "<a1@kunde.example>"
    assert found.rfq_id == again.rfq_id
