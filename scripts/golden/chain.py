#!/usr/bin/env python3
"""Writes Tests/Golden/chain.json: a lane's chain by hashlib (PROTOCOL: hash(n) = SHA-256(hash(n-1) || event), hash(0) = epoch)."""
import hashlib
import json
import pathlib

epoch = bytes(range(16))
events = ["{}", '{"id":"gw-1:µ"}', "x" * 10000]
digest, hashes = epoch, []
for event in events:
    digest = hashlib.sha256(digest + event.encode()).digest()
    hashes.append(digest.hex())
golden = pathlib.Path(__file__).parents[2] / "Tests/Golden/chain.json"
golden.write_text(json.dumps({"epoch": epoch.hex(), "events": events, "hashes": hashes}, ensure_ascii=False, indent=1) + "\n")
