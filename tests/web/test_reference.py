"""The document is valid, complete and honest, and its page asks no other host for anything."""

import re

from loyalty.web import problems


def operations(odile):
    """Every operation: (path, method, description)."""
    document = odile.get("/api/v1/openapi.json").json
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if method != "parameters":
                yield path, method, operation


def test_every_operation_says_what_it_does(odile):
    seen = set()
    for path, method, operation in operations(odile):
        where = f"{method} {path}"
        assert operation["summary"], where
        assert "\n" not in operation["summary"], where
        assert operation["operationId"] not in seen
        seen.add(operation["operationId"])
        assert any(status.startswith(("2", "3")) for status in operation["responses"]), where
        assert operation["responses"]["default"] == {"$ref": "#/components/responses/problem"}
        assert "503" in operation["responses"]
        if "requestBody" in operation:
            assert operation["requestBody"]["required"], where
            for media_type in operation["requestBody"]["content"].values():
                assert media_type["example"], where
            assert {"400", "413", "415", "422"} <= operation["responses"].keys(), where
        if operation["security"]:
            assert {"401", "429"} <= operation["responses"].keys(), where


def test_the_example_of_every_write_is_taken(odile):
    for path, method, operation in operations(odile):
        for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
            response = odile.send(
                method.upper(),
                re.sub(r"\{\w+\}", "1", path),
                json=content["example"],
                content_type=media_type,
                headers={"Idempotency-Key": f"{method} {path} {media_type}".replace(" ", "_")},
            )
            wrong = response.status_code in (400, 415) or (response.json or {}).get("code") == "invalid"
            assert not wrong, f"{method} {path}: {response.text}"


def test_every_code_of_the_document_has_its_page(odile):
    text = odile.get("/api/v1/openapi.json").text
    known = problems.known()
    for codes in re.findall(r'"code":\{"enum":\[(.*?)\]', text):
        assert set(codes.replace('"', "").split(",")) <= known.keys()


def test_writes_that_create_without_a_name_of_their_own_need_a_key(odile):
    keyed = {
        operation["operationId"]
        for _, _, operation in operations(odile)
        if any(each.get("name") == "Idempotency-Key" for each in operation.get("parameters", ()))
    }
    assert keyed == {
        "add_place",
        "cancel_redemption",
        "capture_hold",
        "give_points",
        "move_units",
        "open_animation",
        "open_hold",
        "redeem_reward",
        "register_fan",
        "release_hold",
    }


def test_the_page_brings_all_it_needs_from_here(anybody):
    page = anybody.get("/api/v1/docs")
    assert page.status_code == 200
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    addresses = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(addresses) == 5
    for address in addresses:
        assert address.startswith("/")
        answer = anybody.get(address)
        assert answer.status_code == 200, address
        assert answer.data
    assert "<script>" not in page.text
    assert anybody.get("/api/v1/docs/oauth2-redirect.html").status_code == 404
    assert anybody.get("/static/../app.py").status_code == 404
