"""Just enough of S3's protocol to keep backups: streamed uploads in parts, downloads and listings, signed with version 4 signatures."""

import datetime
import hashlib
import hmac
import os
import urllib.error
import urllib.parse
import urllib.request
import xml.etree.ElementTree

PART = 16 << 20
EMPTY = hashlib.sha256(b"").hexdigest()


class S3Error(Exception):
    """The object store refused or did not answer; no key is part of the text."""


def signature(secret, region, timestamp, canonical):
    """The scope, and the signature of a canonical request (AWS documentation, "Create a signed AWS API request")."""
    scope = f"{timestamp[:8]}/{region}/s3/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{timestamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = f"AWS4{secret}".encode()
    for word in scope.split("/"):
        key = hmac.new(key, word.encode(), hashlib.sha256).digest()
    return scope, hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


class Bucket:
    """A bucket by its endpoint, such as https://s3.eu-central-1.amazonaws.com, addressed by path."""

    def __init__(self, environment=os.environ, timeout=120):
        self.endpoint, self.name = environment["S3_ENDPOINT"].rstrip("/"), environment["S3_BUCKET"]
        self.region = environment.get("AWS_REGION") or "us-east-1"
        self.access, self.secret = environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"]
        self.timeout = timeout

    def open(self, method, key="", query=None, body=b"", headers=None):
        path = f"/{self.name}" + (f"/{urllib.parse.quote(key)}" if key else "")
        pairs = sorted((name, str(value)) for name, value in (query or {}).items())
        encoded = "&".join(f"{urllib.parse.quote(name, safe='')}={urllib.parse.quote(value, safe='')}" for name, value in pairs)
        timestamp = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        signed = {
            "host": urllib.parse.urlsplit(self.endpoint).netloc,
            "x-amz-content-sha256": hashlib.sha256(body).hexdigest() if body else EMPTY,
            "x-amz-date": timestamp,
            **(headers or {}),
        }
        names = ";".join(sorted(signed))
        lines = "".join(f"{name}:{signed[name]}\n" for name in sorted(signed))
        canonical = f"{method}\n{path}\n{encoded}\n{lines}\n{names}\n{signed['x-amz-content-sha256']}"
        scope, proof = signature(self.secret, self.region, timestamp, canonical)
        authorization = f"AWS4-HMAC-SHA256 Credential={self.access}/{scope}, SignedHeaders={names}, Signature={proof}"
        url = f"{self.endpoint}{path}" + (f"?{encoded}" if encoded else "")
        request = urllib.request.Request(url, body or None, {**signed, "Authorization": authorization}, method=method)
        try:
            return urllib.request.urlopen(request, timeout=self.timeout)
        except urllib.error.HTTPError as error:
            raise S3Error(f"{method} {self.name}/{key} answered {error.code}: {error.read(300).decode(errors='replace')}") from error
        except OSError as error:
            raise S3Error(f"{method} {self.name}/{key}: {error}") from error

    def put(self, key, body):
        self.open("PUT", key, body=body).close()

    def put_stream(self, key, chunks):
        """Uploads chunks as they come, holding one part in memory; returns their SHA-256. What is cut off never becomes an object."""
        with self.open("POST", key, {"uploads": ""}) as answer:
            upload = text_of(answer, "UploadId")
        digest, tags, part = hashlib.sha256(), [], bytearray()

        def send():
            with self.open("PUT", key, {"partNumber": len(tags) + 1, "uploadId": upload}, bytes(part[:PART])) as answer:
                tags.append(answer.headers["ETag"])
            del part[:PART]

        try:
            for chunk in chunks:
                digest.update(chunk)
                part += chunk
                while len(part) >= PART:
                    send()
            if part or not tags:
                send()
            listed = "".join(f"<Part><PartNumber>{number}</PartNumber><ETag>{tag}</ETag></Part>" for number, tag in enumerate(tags, 1))
            self.open("POST", key, {"uploadId": upload}, f"<CompleteMultipartUpload>{listed}</CompleteMultipartUpload>".encode()).close()
        except BaseException:
            self.open("DELETE", key, {"uploadId": upload}).close()
            raise
        return digest.hexdigest()

    def get(self, key):
        return self.open("GET", key)

    def keys(self, prefix):
        """Keys below a prefix, in their order."""
        found, more = [], True
        while more:
            after = {"start-after": found[-1]} if found else {}
            with self.open("GET", query={"list-type": 2, "prefix": prefix, **after}) as answer:
                root = xml.etree.ElementTree.fromstring(answer.read())
            page = [element.text for element in root.iter() if element.tag.split("}")[-1] == "Key"]
            found, more = found + page, bool(page)
        return found


def text_of(answer, name):
    root = xml.etree.ElementTree.fromstring(answer.read())
    return next(element.text for element in root.iter() if element.tag.split("}")[-1] == name)
