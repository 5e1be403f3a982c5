"""A TLS broker for one MQTT 3.1.1 client: sends bursts of PUBLISH packets, each burst in one TLS record.

usage: tls_burst_broker.py CERTIFICATE KEY MESSAGES BURST
Prints the port it listens on, then "acknowledged N" when all have been, or "stalled at N" after ten silent seconds.
"""

import socket
import ssl
import struct
import sys


def receive(connection, count):
    data = b""
    while len(data) < count:
        part = connection.recv(count - len(data))
        if not part:
            raise SystemExit("the client has closed")
        data += part
    return data


def packet(connection):
    header, length, factor, more = receive(connection, 1)[0], 0, 1, True
    while more:
        byte = receive(connection, 1)[0]
        length += (byte & 127) * factor
        factor *= 128
        more = byte & 128
    return header >> 4, receive(connection, length)


def publish(number):
    body = struct.pack(">H", 3) + b"t/a" + struct.pack(">H", number % 60000 + 1) + str(number).encode()
    return bytes([0x32, len(body)]) + body


def main():
    certificate, key, messages, burst = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    plain, _ = listener.accept()
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    connection = context.wrap_socket(plain, server_side=True)
    connection.settimeout(10)
    packet(connection)
    connection.sendall(b"\x20\x02\x00\x00")
    _, subscribe = packet(connection)
    connection.sendall(b"\x90\x03" + subscribe[:2] + b"\x01")
    sent = acknowledged = 0
    while acknowledged < messages:
        if sent == acknowledged:
            count = min(burst, messages - sent)
            connection.sendall(b"".join(publish(sent + i) for i in range(count)))
            sent += count
        try:
            kind, _ = packet(connection)
        except TimeoutError:
            raise SystemExit(f"stalled at {acknowledged}")
        if kind == 4:
            acknowledged += 1
        elif kind == 12:
            connection.sendall(b"\xd0\x00")
    print("acknowledged", acknowledged, flush=True)


main()
