"""Whether a point lies on a NIST curve, as OpenSSH asks before it takes an ECDSA key."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Curve:
    """y^2 = x^3 - 3x + b over p, with `order` points. Numbers: FIPS 186-4, appendix D.1.2."""

    name: bytes
    bits: int
    p: int
    b: int
    order: int

    def holds(self, point: bytes) -> bool:
        """True when this is an uncompressed point on the curve (get_ec in sshbuf-getput-crypto.c)."""
        size = (self.bits + 7) // 8
        if len(point) != 1 + 2 * size or point[0] != 4:
            return False
        x, y = int.from_bytes(point[1 : 1 + size], "big"), int.from_bytes(point[1 + size :], "big")
        return x < self.p and y < self.p and (y * y - x * x * x + 3 * x - self.b) % self.p == 0

    def is_usual(self, point: bytes) -> bool:
        """True when the coordinates are of the size asked for up to 10.2 (sshkey_ec_validate_public in sshkey.c)."""
        size = (self.bits + 7) // 8
        half, end = self.order.bit_length() // 2, self.order - 1
        x, y = int.from_bytes(point[1 : 1 + size], "big"), int.from_bytes(point[1 + size :], "big")
        return x < end and y < end and x.bit_length() > half and y.bit_length() > half


P256 = Curve(
    b"nistp256",
    256,
    0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF,
    0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B,
    0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
)
P384 = Curve(
    b"nistp384",
    384,
    0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEFFFFFFFF0000000000000000FFFFFFFF,
    0xB3312FA7E23EE7E4988E056BE3F82D19181D9C6EFE8141120314088F5013875AC656398D8A2ED19D2A85C8EDD3EC2AEF,
    0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973,
)
P521 = Curve(
    b"nistp521",
    521,
    (1 << 521) - 1,
    0x0051953EB9618E1C9A1F929A21A0B68540EEA2DA725B99B315F3B8B489918EF109E156193951EC7E937B1652C0BD3BB1BF073573DF883D2C34F1EF451FD46B503F00,
    0x01FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFA51868783BF2F966B7FCC0148F709A5D03BB5C9B8899C47AEBB6FB71E91386409,
)
