"""Signature Version 4 as a server checks it, for the stand-ins of the tests: RFC-like text of Amazon's documentation,
written down anew, so that what libcurl signs is checked by something that is not libcurl."""
import hashlib
import hmac
import re
import urllib.parse


def sign(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def canonical_query(query):
    pairs = [p.partition("=")[::2] for p in query.split("&") if p]
    quoted = [[urllib.parse.quote(urllib.parse.unquote(word), safe="-_.~") for word in pair] for pair in pairs]
    return "&".join(f"{name}={value}" for name, value in sorted(quoted))


def check(method, path, headers, body, keys, service):
    """None, or the code of what is wrong. keys: the secrets by their ids; headers: of http.server."""
    found = re.fullmatch(r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/([^/]+)/aws4_request, ?"
                         r"SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})", headers.get("Authorization", ""))
    if not found or found[4] != service:
        return "AuthorizationHeaderMalformed"
    name, day, region, _, signed, signature = found.groups()
    date = headers.get("x-amz-date", "")
    if name not in keys:
        return "InvalidAccessKeyId"
    digest = hashlib.sha256(body).hexdigest()
    payload = headers.get("x-amz-content-sha256", digest)
    if payload not in (digest, "UNSIGNED-PAYLOAD"):
        return "XAmzContentSHA256Mismatch"
    names = signed.split(";")
    if "host" not in names or any(n.lower().startswith("x-amz-") and n.lower() not in names for n in headers.keys()):
        return "AccessDenied"
    target, _, query = path.partition("?")
    lines = [f"{n}:{' '.join(headers.get(n, '').split())}" for n in names]
    request = "\n".join([method, target, canonical_query(query), *lines, "", signed, payload])
    scope = f"{day}/{region}/{service}/aws4_request"
    text = "\n".join(["AWS4-HMAC-SHA256", date, scope, hashlib.sha256(request.encode()).hexdigest()])
    key = ("AWS4" + keys[name]).encode()
    for part in (day, region, service, "aws4_request"):
        key = sign(key, part)
    right = hmac.compare_digest(sign(key, text).hex(), signature) and date.startswith(day)
    return None if right else "SignatureDoesNotMatch"
