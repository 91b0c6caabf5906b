import socket

from fogline.cli.commands.doctor import _names
from fogline.cli.local_names import are_local_names_known


def test_doctor_looks_at_everything_and_gives_advice(shared_server):
    answer = shared_server.run("doctor", "--json")
    findings = {each["topic"]: each for each in answer.document["findings"]}
    assert {
        "Fogline",
        "python3.12",
        "nodejs20.x",
        "Isolation",
        "PostgreSQL",
        "Server",
        "Names",
        "State",
    } <= set(findings)
    assert all(each["advice"] for each in findings.values() if each["state"] == "fail")
    assert answer.code == (1 if any(each["state"] == "fail" for each in findings.values()) else 0)


def test_names_that_the_resolver_leads_elsewhere_or_does_not_know_are_told(monkeypatch):
    assert are_local_names_known("localhost")
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 0))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    assert not are_local_names_known()
    assert next(_names()).state == "warn"

    def fail(*_, **__):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    assert not are_local_names_known()


def test_version_is_the_packages(shared_server):
    from fogline import __version__

    assert shared_server.run("version").out.startswith(f"fogline {__version__}\n")
    assert shared_server.run("--version").out == f"fogline {__version__}\n"
