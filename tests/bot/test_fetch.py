"""Fetching a picture: from Zalo's hosts on the open internet only, bounded in size, time and patience."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.fetch import LARGEST, NotFetched, PhotoSource, is_below, is_public
from tests.support.hosts import Serve, answering, dripping, own_authority, raw_host

ZALO = ("zdn.vn", "zadn.vn", "zalo.me")
BODY = b"\xff\xd8\xff a picture"
ENDLESS = b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\n\r\n"


def fetched_from(serve: Serve, whole_s: float = 5.0) -> bytes:
    """What one GET to a host that behaves so gives."""
    with raw_host(serve) as host:
        return PhotoSource(ZALO, own=host.url, whole_s=whole_s).fetch(f"{host.url}/a.jpg")


def why_not(serve: Serve, whole_s: float = 5.0) -> str:
    with pytest.raises(NotFetched) as refused:
        fetched_from(serve, whole_s)
    return str(refused.value)


# ── what is taken ───────────────────────────────────────────────────────────────────────────────


def test_the_whole_body_of_one_request() -> None:
    with raw_host(answering(BODY)) as host:
        source = PhotoSource(ZALO, own=f"{host.url}/simulator/zalo/openapi")
        assert source.fetch(f"{host.url}/files/a.jpg?size=1&x=2") == BODY
        assert host.paths() == ["/files/a.jpg?size=1&x=2"]
        assert f"Host: 127.0.0.1:{host.port}\r\n" in host.asked[0]
        assert "Accept-Encoding: identity\r\n" in host.asked[0]


def test_a_body_without_length_and_one_in_chunks() -> None:
    assert fetched_from(lambda client: client.sendall(ENDLESS + BODY)) == BODY
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    parts = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (BODY[:5], BODY[5:]))
    assert fetched_from(lambda client: client.sendall(chunked + parts + b"0\r\n\r\n")) == BODY


def test_a_host_that_keeps_the_line_open_does_not_keep_us() -> None:
    head = b"HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nContent-Length: %d\r\n\r\n" % len(BODY)
    with raw_host(dripping(head + BODY, b"", 0.1)) as host:
        assert PhotoSource(ZALO, own=host.url).fetch(host.url) == BODY


def test_a_redirect_on_the_same_host_is_followed() -> None:
    answers = [answering(b"", status="302 Found", Location="/b.jpg"), answering(BODY)]
    assert fetched_from(lambda client: answers.pop(0)(client)) == BODY


def test_https_with_a_certificate_that_is_trusted_and_only_then(tmp_path: Path) -> None:
    certificate, server = own_authority(tmp_path)
    with raw_host(answering(BODY), server) as host:
        url = host.url.replace("http:", "https:")
        assert PhotoSource(ZALO, own=url, ca_file=str(certificate)).fetch(f"{url}/a.jpg") == BODY
        with pytest.raises(NotFetched, match="unreachable"):
            PhotoSource(ZALO, own=url).fetch(f"{url}/a.jpg")


# ── where from ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("url", [
    "http://f6.photo.talk.zdn.vn.example.com/a.jpg", "http://example.com/a.jpg", "http://evilzdn.vn/a.jpg",
    "http://zdn.vn@example.com/a.jpg", "http://example.com/zdn.vn", "http://example.com#.zdn.vn/",
    "http://example.com?.zdn.vn", "http://zdn.vn:8080/a.jpg", "https://zdn.vn:80/a.jpg", "http://127.0.0.1/a.jpg",
    "http://[::1]/a.jpg", "http://169.254.169.254/latest/meta-data", "http://localhost/a.jpg", "http://zdn.vn./a",
    "http://2130706433/", "http://0x7f.1/", "http://vn/a.jpg", "http://zdn。vn/",
])  # fmt: skip
def test_other_hosts_are_not_asked(url: str) -> None:
    with pytest.raises(NotFetched, match="other_host|address|unreachable"):
        PhotoSource(ZALO).fetch(url)


@pytest.mark.parametrize("url", [
    "ftp://f6.zdn.vn/a.jpg", "file:///etc/passwd", "data:image/png;base64,AAAA", "gopher://zdn.vn/",
    "//zdn.vn/a.jpg",    "javascript:alert(1)", "", "a.jpg", "http://", "http://user:pass@f6.zdn.vn/a.jpg", "http://[zdn.vn/a.jpg",
    "http://zdn.vn:port/", "https:zdn.vn",
])  # fmt: skip
def test_what_is_no_web_address_is_not_asked(url: str) -> None:
    with pytest.raises(NotFetched, match="address|unreachable|other_host"):
        PhotoSource(ZALO).fetch(url)


@pytest.mark.parametrize("host", ["localhost", "ip6-localhost"])
def test_a_name_of_ours_that_leads_inside_is_not_asked(host: str) -> None:
    """As a name of Zalo's would be whose entry was forged."""
    with pytest.raises(NotFetched, match="private_address|unreachable"):
        PhotoSource((host,)).fetch(f"http://{host}/a.jpg")


def test_only_the_one_origin_may_be_private() -> None:
    with raw_host(answering(BODY)) as ours, raw_host(answering(BODY)) as other:
        source = PhotoSource(ZALO, own=ours.url)
        for url in (other.url, f"http://localhost:{ours.port}", ours.url.replace("http", "https")):
            with pytest.raises(NotFetched, match="other_host"):
                source.fetch(url)
        assert not ours.asked
        assert not other.asked


def test_a_redirect_elsewhere_is_not_followed() -> None:
    with raw_host(answering(BODY)) as inside:
        for target in (
            f"{inside.url}/admin",
            f"http://localhost:{inside.port}/",
            "http://169.254.169.254/",
            "//example.com/a.jpg",
            "https://f6.photo.talk.zdn.vn/a.jpg",
            "file:///etc/passwd",
        ):
            assert why_not(answering(b"", status="302 Found", Location=target)) in ("other_host", "address")
        assert not inside.asked


def test_redirects_in_a_ring_end() -> None:
    assert why_not(answering(b"", status="301 Moved", Location="/again")) == "redirects"


@pytest.mark.parametrize(("address", "public"), [
    ("8.8.8.8", True), ("2001:4860:4860::8888", True), ("127.0.0.1", False), ("10.1.2.3", False),
    ("192.168.1.1", False), ("172.16.0.9", False), ("169.254.169.254", False), ("100.64.0.1", False),
    ("0.0.0.0", False), ("224.0.0.1", False), ("255.255.255.255", False), ("::1", False), ("::", False),
    ("fe80::1%eth0", False), ("fc00::1", False), ("::ffff:127.0.0.1", False), ("::ffff:10.0.0.1", False),
    ("2002:7f00:1::", False), ("ff02::1", False), ("198.18.0.1", False), ("192.0.2.1", False),
])  # fmt: skip
def test_what_a_public_address_is(address: str, public: bool) -> None:
    assert is_public(address) is public


def test_hosts_and_their_sub_names() -> None:
    assert is_below("https://zdn.vn/a", ZALO)
    assert is_below("http://F6.Photo.Talk.ZDN.vn/a", ZALO)
    assert not is_below("http://xzdn.vn/a", ZALO)
    assert not is_below("http:///a", ZALO)


# ── how much, how long ──────────────────────────────────────────────────────────────────────────


def test_fifty_megabytes_are_not_read() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 52428800\r\n\r\n"
    assert why_not(dripping(head, b"\xff" * 65536, 0)) == "too_large"
    assert why_not(dripping(ENDLESS, b"\xff" * 65536, 0)) == "too_large"
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert why_not(dripping(chunked, b"8000\r\n" + b"\xff" * 0x8000 + b"\r\n", 0)) == "too_large"


def test_ten_megabytes_are_read() -> None:
    assert len(fetched_from(answering(b"\xff" * LARGEST), 30)) == LARGEST
    assert why_not(answering(b"\xff" * (LARGEST + 1)), 30) == "too_large"


@pytest.mark.parametrize("head", [
    ENDLESS, b"", b"HTTP/1.1 200 OK\r\nX-Long: ", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n",
])  # fmt: skip
def test_a_little_now_and_then_ends_with_the_time_for_everything(head: bytes) -> None:
    """No wait between two bytes is long, in the body, the head, or the length of a chunk."""
    assert why_not(dripping(head, b"1", 0.05), whole_s=0.5) == "too_slow"


def test_a_host_that_says_nothing() -> None:
    assert why_not(dripping(b"", b"", 0.05), whole_s=0.3) == "too_slow"


def test_a_host_that_is_not_there() -> None:
    with raw_host(answering(b"")) as gone:
        pass
    with pytest.raises(NotFetched, match="unreachable"):
        PhotoSource(ZALO, own=gone.url).fetch(f"{gone.url}/a.jpg")


@pytest.mark.parametrize("status", ["204 No Content", "206 Partial", "403 Forbidden", "404 No", "500 Oh"])
def test_an_answer_that_is_no_picture(status: str) -> None:
    assert why_not(answering(BODY, status=status)) == "refused"


@pytest.mark.parametrize("said", [
    b"", b"junk\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + BODY, ENDLESS,
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 300,
    b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
])  # fmt: skip
def test_an_answer_that_breaks_off_or_is_none(said: bytes) -> None:
    assert why_not(lambda client: client.sendall(said)) in ("unreachable", "broken_off")
