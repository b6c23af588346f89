"""Names, passwords, addresses and turns: what the console decides without the database."""

from __future__ import annotations

import asyncio

import pytest

from rfqflow.console.passwords import HASH_MIB, PasswordChecks, Passwords, Turns
from rfqflow.core.accounts import (
    account_key,
    account_name,
    client_address,
    composed,
    network_of,
    networks,
    password,
    plain_address,
)
from rfqflow.core.roles import Role


def test_each_role_includes_the_lower_ones_and_has_a_description():
    assert [role.word for role in Role] == ["viewer", "desk", "operator", "admin"]
    assert Role.OPERATOR.may("desk")
    assert not Role.DESK.may("operator")
    with pytest.raises(ValueError, match="one of viewer, desk, operator, admin"):
        Role.of("root")


@pytest.mark.parametrize(
    "text", ["Ada", "ADA", " ada ", "\uff21da", "A\u00c4da".replace("\u00c4", "d").replace("dda", "da")]
)
def test_all_spellings_of_a_name_have_one_key(text):
    assert account_key(account_name(text)) == "ada"


@pytest.mark.parametrize("text", ["", "  ", "a\nb", "a\x00b", "a\u202eb", "a\u200bb", "x" * 81, "\ufdfa" * 10])
def test_a_name_that_is_too_long_or_could_deceive_is_refused(text):
    with pytest.raises(ValueError, match="a name"):
        account_name(text)


@pytest.mark.parametrize("text", ["short", "aaaaaaaaaaaaaaaa", "Ada Lovelace", "x" * 257, ""])
def test_a_password_that_is_easy_to_guess_is_refused(text):
    with pytest.raises(ValueError, match="password"):
        password(text, "ada lovelace")


def test_a_password_is_hashed_by_rfc_9106_and_matches_in_any_unicode_form():
    passwords = Passwords(1)
    kept = passwords.hash(password("r\u00e9sum\u00e9 of seven words", "ada"))

    assert kept.startswith("$argon2id$v=19$m=1024,t=3,p=4$")
    assert passwords.fits(kept, composed("re\u0301sume\u0301 of seven words"))
    assert not passwords.fits(kept, "resume of seven words")
    assert not passwords.fits("rubbish", "resume of seven words")
    assert Passwords().hash("x").startswith(f"$argon2id$v=19$m={HASH_MIB * 1024},t=3,p=4$")


@pytest.mark.parametrize(
    ("peer", "forwarded", "found"),
    [
        ("203.0.113.9", ["198.51.100.1"], "203.0.113.9"),  # not one of our proxies: its header is not trusted
        ("10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["6.6.6.6, 198.51.100.1"], "198.51.100.1"),  # any client can write the entries before the last
        ("10.0.0.1", ["6.6.6.6", "198.51.100.1, 10.0.0.2"], "198.51.100.1"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["rubbish"], "unknown"),
        ("::ffff:10.0.0.1", ["2001:db8::1"], "2001:db8::1"),
    ],
)
def test_the_clients_address_is_the_last_one_that_is_not_a_trusted_proxy(peer, forwarded, found):
    assert client_address(peer, forwarded, networks("10.0.0.0/30, fd00::/8")) == found


def test_a_household_of_ipv6_counts_as_one():
    assert network_of("2001:db8:1:2:3::4") == network_of("2001:db8:1:2::9") != network_of("2001:db8:1:3::9")
    assert network_of("192.0.2.7") == "192.0.2.7"
    assert plain_address("fe80::1%eth0") == "fe80::1"


@pytest.mark.parametrize("text", ["0.0.0.0/0", "::/0", "proxy", "10.0.0.0/33", "10.0.0.5/24"])
def test_a_proxy_range_of_all_addresses_or_an_invalid_one_is_refused(text):
    with pytest.raises(ValueError, match="address"):
        networks(text)


async def test_guesses_from_one_address_do_not_delay_logins_from_another():
    """Two hundred wrong passwords at once from one address, then the right one from another: it is at most the third."""
    turns, done, go = Turns(2), [], asyncio.Event()

    async def guess(who: str) -> None:
        await go.wait()
        done.append(who)

    async with asyncio.TaskGroup() as group:
        for _ in range(200):
            group.create_task(turns.take("192.0.2.1", lambda: guess("stranger")))
        await asyncio.sleep(0)
        group.create_task(turns.take("198.51.100.1", lambda: guess("ada")))
        await asyncio.sleep(0)
        go.set()

    assert done.index("ada") <= 2
    assert len(done) == 201


async def test_a_cancelled_turn_passes_its_place_to_the_next():
    turns = Turns(1)
    stuck = asyncio.create_task(turns.take("a", asyncio.Event().wait))
    await asyncio.sleep(0)
    waiting = asyncio.create_task(turns.take("a", lambda: asyncio.sleep(0, "second")))
    await asyncio.sleep(0)
    stuck.cancel()

    assert await waiting == "second"
    assert await turns.take("b", lambda: asyncio.sleep(0, "third")) == "third"


class Counted(Passwords):
    """Keeps the parameters of each hash with which a password was compared."""

    def __init__(self) -> None:
        super().__init__(1)
        self.compared: list[str] = []

    def fits(self, kept: str, password: str) -> bool:
        self.compared.append(kept.rpartition("$")[0].rpartition("$")[0])
        return super().fits(kept, password)


async def test_an_unknown_name_costs_as_much_work_as_a_valid_one():
    """Otherwise the response time would reveal which names exist."""
    passwords = Counted()
    checks = PasswordChecks(passwords)
    for kept in (None, passwords.hash("correct horse battery staple")):
        assert not await checks.fits("203.0.113.5", kept, "a wrong one")
    assert len(passwords.compared) == 2
    assert len(set(passwords.compared)) == 1
