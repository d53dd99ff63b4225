"""Which servers may be asked: public addresses, and the entries of an allow list."""

import pytest

from kg.origins import AllowList, is_public


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.8.9.1", "0.1.2.3", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254"),
        *("100.64.0.1", "192.0.0.9", "192.0.2.1", "192.88.99.1", "198.18.0.1", "224.0.0.1", "240.0.0.1"),
        *("255.255.255.255", "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "fe80::1"),
        *("fe80::1%lo", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "2001:db8::1", "2002:7f00:1::"),
        *("2002:a00:1::1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::5db8:d822", "100::1", "3fff::1"),
        *("2001:0:4136:e378:8000:63bf:3fff:fdd2", "5f00::1", "::ffff:0:5db8:d822"),
    ],
)
def test_addresses_that_not_everybody_reaches_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    ["93.184.216.34", "2a00:1450:400f::1", "::ffff:93.184.216.34", "2002:5db8:d822::1", "64:ff9b::5db8:d822"],
)
def test_addresses_of_the_internet_are_public_however_they_are_written(address: str) -> None:
    assert is_public(address)


def test_an_entry_of_the_allow_list_is_one_scheme_one_name_and_one_port() -> None:
    allowed = AllowList.parse("example.org, Sparql.example.org:8443 ,http://old.example.org,[2a00:1450::1]")
    for iri in (
        *("https://example.org/a?b#c", "https://EXAMPLE.org:443/", "https://sparql.example.org:8443/q"),
        *("http://old.example.org/", "http://old.example.org:80/", "https://[2a00:1450::1]/"),
    ):
        assert allowed.allows(iri), iri
    for iri in (
        *("http://example.org/", "https://example.org:8443/", "https://sub.example.org/", "https://example.org.evil/"),
        *("https://sparql.example.org/", "https://old.example.org/", "ftp://example.org/", "file:///etc/passwd"),
        *("https://user@example.org/", "https://example.org@evil.org/", "https://example.org./", "https:example.org"),
        *("https://example.org\\@evil.org/", "https://example.org:x/", "https://[::1/", "//example.org/", ""),
    ):
        assert not allowed.allows(iri), iri
    assert not AllowList.parse(" , ")


@pytest.mark.parametrize("entry", ["https://example.org/sparql", "*.example.org", "example.org:port", "ftp://a", "a b"])
def test_what_is_no_server_is_no_entry_of_the_allow_list(entry: str) -> None:
    with pytest.raises(ValueError, match=r"server|port"):
        AllowList.parse(entry)
