"""A passkey in software: makes a key, signs what it is asked, and answers as a browser's script sends it."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import struct
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

ORIGIN = "http://localhost"
PRESENT, VERIFIED, WITH_KEY = 0x01, 0x04, 0x40


def written(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


class Authenticator:
    """One device that holds one passkey. `verifies`: it asks for finger, face or code."""

    def __init__(self, *, verifies: bool = True, origin: str = ORIGIN, host: str = "localhost") -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id, self.count, self.handle = os.urandom(32), 0, b""
        self.verifies, self.origin, self.host = verifies, origin, host

    def make(self, options: dict[str, Any]) -> str:
        """The answer to PublicKeyCredentialCreationOptions, with no attestation."""
        self.handle = base64.urlsafe_b64decode(options["user"]["id"] + "==")
        point = self.key.public_key().public_numbers()
        key = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")})
        data = self._data(WITH_KEY) + bytes(16) + struct.pack(">H", len(self.id)) + self.id + key
        return self._answer({
            "clientDataJSON": self._client("webauthn.create", options["challenge"]),
            "attestationObject": cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})})

    def use(self, options: dict[str, Any]) -> str:
        """The answer to PublicKeyCredentialRequestOptions."""
        self.count += 1
        data, client = self._data(0), self._client("webauthn.get", options["challenge"])
        signed = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._answer({"clientDataJSON": client, "authenticatorData": data, "signature": signed,
                             "userHandle": self.handle})

    def _data(self, flags: int) -> bytes:
        flags |= PRESENT | (VERIFIED if self.verifies else 0)
        return hashlib.sha256(self.host.encode()).digest() + bytes([flags]) + struct.pack(">I", self.count)

    def _client(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _answer(self, response: dict[str, bytes]) -> str:
        return json.dumps({"id": written(self.id), "rawId": written(self.id), "type": "public-key",
                           "clientExtensionResults": {},
                           "response": {name: written(value) for name, value in response.items()}})
