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
        "State",
    } <= set(findings)
    assert all(each["advice"] for each in findings.values() if each["state"] == "fail")
    assert answer.code == (1 if any(each["state"] == "fail" for each in findings.values()) else 0)


def test_version_is_the_packages(shared_server):
    from fogline import __version__

    assert shared_server.run("version").out.startswith(f"fogline {__version__}\n")
    assert shared_server.run("--version").out == f"fogline {__version__}\n"
