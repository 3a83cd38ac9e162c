"""What must not open a session: wrong launches, tampered ways, other people's cookies, servers that lie."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from unit.gateway.issuer import make_rsa_key
from unit.identity.authorization_server import AuthorizationServer
from unit.identity.launches import Query

# What is asked for at /smart/launch; `{iss}` is the server that we know.
BEGINNINGS: dict[str, str] = {
    "no server": "/smart/launch?launch=handle-1",
    "an empty server": "/smart/launch?iss=&launch=handle-1",
    "another server": "/smart/launch?iss=https://evil.test/fhir&launch=handle-1",
    "a server that begins like ours": "/smart/launch?iss={iss}.evil.test&launch=handle-1",
    "a server with a path more": "/smart/launch?iss={iss}/fhir&launch=handle-1",
    "a server with a slash more": "/smart/launch?iss={iss}/&launch=handle-1",
    "a server with a user before it": "/smart/launch?iss=http://evil.test@{host}&launch=handle-1",
    "a server with a fragment": "/smart/launch?iss={iss}%23x&launch=handle-1",
    "a server with a line end": "/smart/launch?iss={iss}%0a&launch=handle-1",
    "a server in capitals": "/smart/launch?iss=HTTP://{host}&launch=handle-1",
    "an address inside": "/smart/launch?iss=http://169.254.169.254/latest&launch=handle-1",
    "a file": "/smart/launch?iss=file:///etc/passwd&launch=handle-1",
    "two servers": "/smart/launch?iss={iss}&iss=https://evil.test&launch=handle-1",
    "two servers, ours last": "/smart/launch?iss=https://evil.test&iss={iss}&launch=handle-1",
    "no handle": "/smart/launch?iss={iss}",
    "an empty handle": "/smart/launch?iss={iss}&launch=",
    "two handles": "/smart/launch?iss={iss}&launch=handle-1&launch=handle-2",
    "an endless handle": "/smart/launch?iss={iss}&launch=" + "h" * 3_000,
    "a handle as markup, elsewhere": "/smart/launch?iss=<script>alert(1)</script>&launch=<b>x</b>",
    "a standalone launch of another server": "/smart/standalone?iss=https://evil.test",
    "a callback out of nothing": "/smart/callback?code=c&state=s",
    "the page out of nothing": "/smart/app",
}


def put(name: str, value: str) -> Callable[[Query], Query]:
    return lambda query: [(key, value if key == name else each) for key, each in query]


def take_out(name: str) -> Callable[[Query], Query]:
    return lambda query: [(key, each) for key, each in query if key != name]


def add(name: str, value: str) -> Callable[[Query], Query]:
    return lambda query: [*query, (name, value)]


# What is changed when the browser comes back.
RETURNS: dict[str, Callable[[Query], Query]] = {
    "no state": take_out("state"),
    "an empty state": put("state", ""),
    "a state of their own": put("state", "x" * 43),
    "two states": add("state", "x" * 43),
    "no code": take_out("code"),
    "an empty code": put("code", ""),
    "a stolen code": put("code", "stolen"),
    "two codes": add("code", "stolen"),
    "an endless code": put("code", "c" * 5_000),
    "another server's answer": put("iss", "https://evil.test"),
    "nobody's answer": take_out("iss"),
    "an answer of an empty name": put("iss", ""),
    "an answer of ours with a slash more": lambda query: put("iss", dict(query)["iss"] + "/")(query),
    "two servers' answer": add("iss", "https://evil.test"),
    "an error beside the code": add("error", "access_denied"),
    "an error instead": lambda query: [("error", "access_denied"), ("state", dict(query)["state"])],
    "nothing": lambda _: [],
}


def asking(**changes: str) -> Callable[[str], str]:
    """Change what is asked of the server on the way out."""

    def out(url: str) -> str:
        parts = urlsplit(url)
        query = {**dict(parse_qsl(parts.query)), **changes}
        return f"{url.partition('?')[0]}?{urlencode({name: value for name, value in query.items() if value})}"

    return out


# What is changed when the browser goes to its server.
WAYS_OUT: dict[str, Callable[[str], str]] = {
    "a challenge of their own": asking(code_challenge="A" * 43),
    "a plain challenge": asking(code_challenge_method="plain"),
    "no challenge": asking(code_challenge="", code_challenge_method=""),
    "a nonce of their own": asking(nonce="n" * 43),
    "another way back": asking(redirect_uri="https://evil.test/callback"),
    "another client": asking(client_id="other"),
    "a token instead of a code": asking(response_type="token"),
    "another handle": asking(launch="handle-9"),
    "less scope": asking(scope="launch"),
    "no launch scope": asking(scope="openid fhirUser"),
}

Lie = Callable[[AuthorizationServer], None]


def identity(**changes: Any) -> Lie:
    def lie(server: AuthorizationServer) -> None:
        server.change_identity = lambda said: {n: v for n, v in {**said, **changes}.items() if v is not ...}

    return lie


def answer(**changes: Any) -> Lie:
    def lie(server: AuthorizationServer) -> None:
        server.change_answer = lambda said: {n: v for n, v in {**said, **changes}.items() if v is not ...}

    return lie


def discovery(**changes: Any) -> Lie:
    def lie(server: AuthorizationServer) -> None:
        server.change_discovery = lambda said: {n: v for n, v in {**said, **changes}.items() if v is not ...}

    return lie


def another_key(server: AuthorizationServer) -> None:
    server.signing_key = make_rsa_key("as1")


def no_json(server: AuthorizationServer) -> None:
    server.answers["/token"] = b"<html>"


# What the server says, where it lies or vouches for somebody who may not come in.
LIES: dict[str, Lie] = {
    "another nonce": identity(nonce="n"),
    "no nonce": identity(nonce=...),
    "another audience": identity(aud="other"),
    "several audiences and no party": identity(aud=["portico", "other"]),
    "another party": identity(azp="other"),
    "another issuer": identity(iss="https://evil.test"),
    "expired": identity(exp=1),
    "no expiry": identity(exp=...),
    "no subject": identity(sub=...),
    "the hash of another access token": identity(at_hash="AAAAAAAAAAAAAAAAAAAAAA"),
    "a signature of another key": another_key,
    "no identity token": answer(id_token=...),
    "an identity token as a number": answer(id_token=7),
    "a token bound to a key": answer(token_type="DPoP"),
    "no patient": answer(patient=...),
    "an empty patient": answer(patient=""),
    "several patients": answer(patient=["pat-7", "pat-8"]),
    "a patient with a line end": answer(patient="pat-7\n"),
    "an endless patient": answer(patient="p" * 65),
    "a patient of another server's name": answer(patient="west/pat-7"),
    "no scope": answer(scope=...),
    "a scope without the launch": answer(scope="openid fhirUser"),
    "a scope without identity": answer(scope="launch fhirUser"),
    "a clinician": identity(fhirUser="Practitioner/dr-1"),
    "a clinician in a role": identity(fhirUser="PractitionerRole/r-1"),
    "a user of another server": identity(fhirUser="https://evil.test/Patient/pat-7"),
    "a user with a path more": identity(fhirUser="Patient/pat-7/x"),
    "a user without an id": identity(fhirUser="Patient/"),
    "no user": identity(fhirUser=...),
    "a user as a list": identity(fhirUser=["Patient/pat-7"]),
    "a name as an object": identity(name={"first": "Zebulon"}),
    "a birth date in words": identity(birthdate="long ago"),
    "no PKCE": discovery(code_challenge_methods_supported=...),
    "plain PKCE alone": discovery(code_challenge_methods_supported=["plain"]),
    "a token endpoint in the clear": discovery(token_endpoint="http://evil.test/token"),
    "no token endpoint": discovery(token_endpoint=...),
    "an answer that is no JSON": no_json,
}
