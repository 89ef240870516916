"""The web as tests of fetching and posting need it: names, lines to a server of the test, spellings to be refused."""

import socket

PUBLIC = "93.184.216.34"
# Spellings that must not lead anywhere, whatever the system's resolver makes of them.
REFUSED = [
    "file:///etc/passwd", "ftp://example.org/a", "gopher://example.org/", "dict://example.org/", "data:text/csv,a",
    "jar:http://example.org!/a", "javascript:alert(1)", "ldap://example.org/", "//example.org/a", "/etc/passwd", "",
    "http",
    "http://", "http:///a", "https://:443/", "http:example.org", "http://?a", "http://#a",
    "http://localhost/", "http://LOCALHOST/", "http://localhost./", "http://127.0.0.1/", "http://127.0.0.1:80/",
    "http://127.1/", "http://127.0.1/", "http://2130706433/", "http://0x7f000001/", "http://0x7f.0.0.1/",
    "http://0177.0.0.1/", "http://017700000001/", "http://0/", "http://0.0.0.0/", "http://127.255.255.254/",
    "http://127.0.0.1.:80/", "http://0x7f.1/", "http://127.0x0.0x0.1/", "http://00127.0.0.1/", "http://1572395042/",
    "http://[::1]/", "http://[::]/", "http://[0:0:0:0:0:0:0:1]/", "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/", "http://[::127.0.0.1]/", "http://[64:ff9b::7f00:1]/", "http://[2002:7f00:1::]/",
    "http://[2001:0:7f00:1::]/", "http://[fe80::1]/", "http://[fe80::1%25eth0]/", "http://[fc00::1]/", "http://[fd00::1]/",
    "http://[fec0::1]/", "http://[ff02::1]/", "http://[::ffff:169.254.169.254]/", "http://[2001:db8::1]/",
    "http://10.0.0.1/", "http://10.255.255.255/", "http://172.16.0.1/", "http://172.31.255.255/", "http://192.168.0.1/",
    "http://100.64.0.1/", "http://169.254.169.254/latest/meta-data/", "http://169.254.170.2/", "http://2852039166/",
    "http://0xa9fea9fe/", "http://0251.0376.0251.0376/", "http://192.0.0.192/", "http://192.0.2.1/",
    "http://198.18.0.1/", "http://198.51.100.1/", "http://203.0.113.1/", "http://224.0.0.1/", "http://240.0.0.1/",
    "http://255.255.255.255/", "http://metadata.google.internal/", "http://metadata/", "http://instance-data/",
    "http://example.org:22/", "http://example.org:8080/", "http://example.org:443/", "https://example.org:80/",
    "http://example.org:0/", "http://example.org:99999/", "http://example.org:a/",
    "http://user@example.org/", "http://user:word@example.org/", "http://example.org@127.0.0.1/",
    "http://127.0.0.1#@example.org/", "http://127.0.0.1\\@example.org/", "http://example.org\\.127.0.0.1/",
    "http://127.0.0.1%00.example.org/", "http://127。0。0。1/", "http://①②⑦.⓪.⓪.①/", "http://ⓛocalhost/",
    "http://example.org /", "http://exa\tmple.org/", "http://example.org\r\nHost: a/", "http://127.0.0.1%2f.example.org/",
    "http://-example.org/", "http://exa_mple.org/", "http://[::1", "http://[127.0.0.1]/", "http://" + "a" * 2000,
]
INSIDE = {"localhost": "127.0.0.1", "metadata.google.internal": "169.254.169.254", "metadata": "169.254.169.254",
          "instance-data": "169.254.169.254"}


class Net:
    """Names and lines as the tests need them: public addresses all lead to the test's server."""

    def __init__(self, server, names=None):
        self.server, self.names = server, names or {}
        self.asked, self.connected = [], []

    def resolve(self, host, port):
        self.asked.append(host)
        found = self.names.get(host.rstrip(".").lower(), INSIDE.get(host.rstrip(".").lower(), PUBLIC))
        return found() if callable(found) else [found] if isinstance(found, str) else found

    def connect(self, where, seconds):
        self.connected.append(where)
        return socket.create_connection(self.server.server_address[:2], timeout=seconds)
